using System.Globalization;
using Tutelage.Desktop;
using Tutelage.Practice.Eyes;
using Tutelage.Practice.Plants;
using Tutelage.Practice.Script;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Practice.Participants;

/// <summary>Works through practice tasks on a real desktop as a person does: looks, moves, acts, looks whether it worked.</summary>
/// <remarks>
/// It acts through the desktop's pointer and keys only; the page is looked at, never touched. Which way it takes (mouse or keys, in which
/// rhythm) is drawn from the persona's seed. What it did is the truth in the actor log; if that were wrong, every score built on it would be.
/// One task at a time.
/// </remarks>
public sealed class SyntheticParticipant(Persona persona, IDesktopActor actor, PageEyes eyes, ActorLog log, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    private Hands _hands = new(actor, persona, SeededDraw.For(persona.Seed, persona.Name), time);
    private SeededDraw _draw = SeededDraw.For(persona.Seed, persona.Name);
    private string _task = "";
    private int _seed;
    private int _step = -1;
    private bool _inOtherApp;

    public ActorLog Log => log;

    /// <summary>Called when a task begins and when it ends, before the participant goes on; a recorder's task marks come from here.</summary>
    public Func<ActorTask, CancellationToken, ValueTask>? OnTask { get; init; }

    /// <summary>Does everything in <paramref name="script"/>; the first episode's page is open in <paramref name="desktop"/>'s browser.</summary>
    /// <exception cref="ParticipantLostException">A step did not work, twice.</exception>
    public async Task RunAsync(ParticipantScript script, VirtualDesktop desktop, CancellationToken cancellationToken)
    {
        for (var number = 0; number < script.Episodes.Count; number++)
        {
            await DoTaskAsync(script.Episodes[number].Plants, cancellationToken).ConfigureAwait(false);
            foreach (var other in script.Interruptions.Where(other => other.AfterEpisode == number)) await UseOtherAppAsync(other, desktop, cancellationToken).ConfigureAwait(false);
            if (number + 1 < script.Episodes.Count) await GoOnAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Does the task of the page that is open now.</summary>
    /// <param name="plants">What the page was told to plant.</param>
    public async Task<ActorTask> DoTaskAsync(IReadOnlyList<Plant> plants, CancellationToken cancellationToken)
    {
        PracticeState? state = null;
        if (!await eyes.WaitAsync(async cancel => (state = await eyes.StateAsync(cancel).ConfigureAwait(false))?.State == "ready", TimeSpan.FromSeconds(15), cancellationToken).ConfigureAwait(false) || state is null)
            throw new ParticipantLostException("practice", -1, $"no task is ready on the page (it is {state?.State ?? "not there"})");
        (_task, _seed, _step) = (state.Task, state.Seed, -1);
        var purpose = string.Create(CultureInfo.InvariantCulture, $"{persona.Name}/{state.Task}/{state.Seed}/{state.Variant}");
        _draw = SeededDraw.For(persona.Seed, purpose + "/choices");
        _hands = new Hands(actor, persona, SeededDraw.For(persona.Seed, purpose + "/motion"), time);

        var mark = new ActorTask(state.Task, state.Seed, state.Instruction, Hands.NowMs);
        await MarkAsync(mark, cancellationToken).ConfigureAwait(false);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchPlantsAsync(plants, mark.StartMs, done.Token);
        try
        {
            await _hands.PauseAsync(persona.ThinkMs * 1.5, cancellationToken).ConfigureAwait(false);
            await ClickOnAsync("#practice-start", cancellationToken).ConfigureAwait(false);
            await MustAsync(async cancel => (await eyes.StateAsync(cancel).ConfigureAwait(false))?.State == "running", "the task did not start", cancellationToken).ConfigureAwait(false);
            for (_step = 0; _step < state.Expected.Count; _step++) await DoStepAsync(state.Expected, _step, cancellationToken).ConfigureAwait(false);
            _step = -1;
            await MustAsync(async cancel => (state = await eyes.StateAsync(cancel).ConfigureAwait(false))?.IsOver == true, "the task did not end after its last step", cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
        mark = mark with { EndMs = Hands.NowMs, Success = state.State == "done", Reason = state.Reason };
        foreach (var plant in plants.Where(plant => plant.Place == PlantPlace.Title)) log.Saw(plant, new PlantMoment(mark.StartMs, Hands.NowMs, []), 0);
        await MarkAsync(mark, cancellationToken).ConfigureAwait(false);
        _task = "";
        return mark;
    }

    /// <summary>Follows the page's link to the next task.</summary>
    public async Task GoOnAsync(CancellationToken cancellationToken)
    {
        (_task, _step) = ("", -1);
        await _hands.PauseAsync(persona.ThinkMs, cancellationToken).ConfigureAwait(false);
        await ClickOnAsync("#practice-next", cancellationToken).ConfigureAwait(false);
        await MustAsync(async cancel => (await eyes.StateAsync(cancel).ConfigureAwait(false))?.State == "ready", "the next task did not load", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a program outside the allow-list, writes the planted text there and closes it.</summary>
    public async Task UseOtherAppAsync(Interruption interruption, VirtualDesktop desktop, CancellationToken cancellationToken)
    {
        (_task, _step, _inOtherApp) = ("", -1, true);
        var start = Hands.NowMs;
        string? note = null;
        ScreenRect window;
        try
        {
            using var before = await SettledScreenAsync(cancellationToken).ConfigureAwait(false);
            IReadOnlyList<string> arguments = interruption.App == OtherApp.Zenity
                ? ["--entry", "--title", interruption.Shown.Value, "--text", $"Note for {interruption.Shown.Value}", "--width", "420"]
                : [note = await NoteFileAsync(desktop, interruption.Shown, cancellationToken).ConfigureAwait(false)];
            await using var app = await desktop.StartApplicationAsync(interruption.App == OtherApp.Zenity ? "zenity" : "mousepad", arguments, cancellationToken).ConfigureAwait(false);
            window = await SettledDifferenceAsync(before, cancellationToken).ConfigureAwait(false);
            if (window.IsEmpty) throw new ParticipantLostException("other app", -1, $"{interruption.App} opened no window that shows");
            await _hands.MoveIntoAsync(window, cancellationToken).ConfigureAwait(false);
            await _hands.PauseAsync(persona.ThinkMs, cancellationToken).ConfigureAwait(false);
            if (interruption.App == OtherApp.Mousepad) await PressAsync(["ctrl", "End"], new ActorTarget("textbox", ""), cancellationToken).ConfigureAwait(false);
            var typed = await _hands.TypeAsync(interruption.Typed.Value, cancellationToken).ConfigureAwait(false);
            Add(ActorActionKind.Type, new ActorTarget("textbox", ""), typed, text: interruption.Typed.Value);
            await _hands.PauseAsync(persona.ThinkMs, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<IReadOnlyList<string>> closing = interruption.App == OtherApp.Zenity ? [["Enter"]] : [["ctrl", "s"], ["ctrl", "q"]];
            foreach (var keys in closing) await PressAsync(keys, new ActorTarget("window", ""), cancellationToken).ConfigureAwait(false);
            await eyes.WaitAsync(_ => Task.FromResult(!Directory.Exists($"/proc/{app.ProcessId.ToString(CultureInfo.InvariantCulture)}")), s_patience, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _inOtherApp = false;
            if (note is not null) File.Delete(note);
        }
        foreach (var plant in interruption.Plants) log.Saw(plant, new PlantMoment(start, Hands.NowMs, [window]), 0);
        await _hands.PauseAsync(persona.ThinkMs, cancellationToken).ConfigureAwait(false);
    }

    private async Task DoStepAsync(IReadOnlyList<ExpectedStep> steps, int index, CancellationToken cancellationToken)
    {
        await _hands.PauseAsync(persona.ThinkMs * (steps[index].Kind is "reach" or "edit" or "hover" ? 0.35 : 0.8), cancellationToken).ConfigureAwait(false);
        for (var attempt = 0; ; attempt++)
        {
            if (index > 0 && steps[index - 1].Kind == "hover") await KeepMenusOpenAsync(steps, index, cancellationToken).ConfigureAwait(false);
            try
            {
                await ActAsync(steps, index, keyboard: attempt > 0 || _draw.Chance(persona.Keyboard), cancellationToken).ConfigureAwait(false);
            }
            catch (ParticipantLostException) when (attempt == 0)
            {
                // What it is about went away before it was reached; the second look decides.
                continue;
            }
            if (await eyes.WaitAsync(cancel => eyes.ReachedAsync(index, cancel), attempt == 0 ? TimeSpan.FromSeconds(1.5) : s_patience, cancellationToken).ConfigureAwait(false)) return;
            if (attempt > 0) throw Lost($"{steps[index].Kind} on {steps[index].Selector} had no effect");
        }
    }

    /// <summary>A menu that closed again is opened again, as a person would.</summary>
    private async Task KeepMenusOpenAsync(IReadOnlyList<ExpectedStep> steps, int index, CancellationToken cancellationToken)
    {
        if (await IsThereAsync(index).ConfigureAwait(false)) return;
        var first = index;
        while (first > 0 && steps[first - 1].Kind == "hover") first--;
        for (var menu = first; menu < index; menu++)
        {
            await HoverAsync(await BringAsync(steps[menu].Selector, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            await IsThereAsync(menu + 1).ConfigureAwait(false);
        }

        Task<bool> IsThereAsync(int step) =>
            eyes.WaitAsync(async cancel => await eyes.FindAsync(steps[step].Selector, cancel).ConfigureAwait(false) is not null, TimeSpan.FromSeconds(1), cancellationToken);
    }

    private async Task ActAsync(IReadOnlyList<ExpectedStep> steps, int index, bool keyboard, CancellationToken cancellationToken)
    {
        var step = steps[index];
        switch (step.Kind)
        {
            case "click":
                await ClickOnAsync(step.Selector, cancellationToken).ConfigureAwait(false);
                break;
            case "hover":
                await HoverAsync(await BringAsync(step.Selector, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                break;
            case "type":
                await TypeIntoAsync(step, keyboard && index > 0 && steps[index - 1].Kind is "type" or "select" or "choose", cancellationToken).ConfigureAwait(false);
                break;
            case "select":
                await SelectAsync(step, keyboard, cancellationToken).ConfigureAwait(false);
                break;
            case "choose":
                await ChooseAsync(step, keyboard, cancellationToken).ConfigureAwait(false);
                break;
            case "reach" when keyboard || step.Keys is { Count: <= 4 }:
                await ReachAsync(step, cancellationToken).ConfigureAwait(false);
                break;
            case "reach":
                await ClickOnAsync(step.Selector, cancellationToken).ConfigureAwait(false);
                break;
            case "edit" when keyboard:
                await PressAsync(step.Keys ?? ["Enter"], await TargetAsync(step.Selector, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                break;
            case "edit":
                await ClickOnAsync(step.Selector, cancellationToken, count: 2).ConfigureAwait(false);
                break;
            case "key":
                await PressAsync(step.Keys ?? [], await TargetAsync(step.Selector, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                break;
            case "drag":
                await DragAsync(step, cancellationToken).ConfigureAwait(false);
                break;
            case "slide":
                await SlideAsync(step, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw Lost($"no way is known to do '{step.Kind}'");
        }
    }

    private async Task<ActorAction> ClickOnAsync(string selector, CancellationToken cancellationToken, int count = 1, bool add = true)
    {
        var element = await BringAsync(selector, cancellationToken).ConfigureAwait(false);
        await HoverAsync(element, cancellationToken).ConfigureAwait(false);
        for (var looks = 0; looks < 3 && await eyes.FindAsync(selector, cancellationToken).ConfigureAwait(false) is { } now && now.Box != element.Box; looks++)
        {
            element = now;
            if (!element.Box.Inflate(-2).Contains(actor.Position)) await HoverAsync(element, cancellationToken).ConfigureAwait(false);
        }
        var at = actor.Position;
        var done = await _hands.ClickAsync(count, cancellationToken).ConfigureAwait(false);
        return Add(count == 2 ? ActorActionKind.DoubleClick : ActorActionKind.Click, Target(element), done, point: at, add: add);
    }

    /// <summary>Goes there; into a menu's entries it goes sideways first, so that the menu stays open.</summary>
    private async Task HoverAsync(PageElement element, CancellationToken cancellationToken)
    {
        if (element.Role == "menuitem" && element.Box.X > actor.Position.X && actor.Position.Y < element.Box.Bottom + 260)
        {
            var y = actor.Position.Y;
            var first = await eyes.FindAsync("[role=menu] [role=menu]:not([hidden])", cancellationToken).ConfigureAwait(false);
            if (first is not null && first.Box.X > actor.Position.X && y > first.Box.Y && y < first.Box.Bottom)
                await _hands.MoveToAsync(new ScreenPoint(element.Box.X + 18, y), 14, cancellationToken).ConfigureAwait(false);
        }
        await _hands.MoveIntoAsync(element.Box, cancellationToken).ConfigureAwait(false);
    }

    private async Task TypeIntoAsync(ExpectedStep step, bool byTab, CancellationToken cancellationToken)
    {
        var focused = $"document.activeElement?.matches({Quoted(step.Selector)})";
        if (!step.Focused && byTab)
        {
            await PressAsync(["Tab"], await TargetAsync(":focus", cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            step = step with { Focused = await eyes.WaitAsync(cancel => eyes.IsAsync(focused, cancel), TimeSpan.FromMilliseconds(150), cancellationToken).ConfigureAwait(false) };
        }
        if (!step.Focused) await ClickOnAsync(step.Selector, cancellationToken).ConfigureAwait(false);
        if (!await eyes.WaitAsync(cancel => eyes.IsAsync(focused, cancel), TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false))
        {
            await ClickOnAsync(step.Selector, cancellationToken).ConfigureAwait(false);
            await MustAsync(cancel => eyes.IsAsync(focused, cancel), $"{step.Selector} did not take the focus", cancellationToken).ConfigureAwait(false);
        }
        var text = step.Text ?? "";
        var written = $"document.activeElement.value === {Quoted(text)}";
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var element = await eyes.FindAsync(step.Selector, cancellationToken).ConfigureAwait(false) ?? throw Lost($"{step.Selector} is gone");
            if ((attempt > 0 || !step.Focused) && await eyes.IsAsync("document.activeElement.value !== ''", cancellationToken).ConfigureAwait(false))
                await PressAsync(["ctrl", "a"], Target(element), cancellationToken).ConfigureAwait(false);
            var done = await _hands.TypeAsync(text, cancellationToken).ConfigureAwait(false);
            var right = await eyes.WaitAsync(cancel => eyes.IsAsync(written, cancel), TimeSpan.FromMilliseconds(400), cancellationToken).ConfigureAwait(false);
            // What stands there is logged, not what was meant: a key may repeat or get lost on a busy machine.
            var actual = right ? text : (await eyes.ValueAsync(step.Selector, cancellationToken).ConfigureAwait(false) ?? "");
            Add(ActorActionKind.Type, Target(element), done, text: step.Protected ? null : actual, length: actual.Length);
            if (right) break;
        }
        if (step.Commit is { } commit) await PressAsync([commit], await TargetAsync(step.Selector, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    private async Task SelectAsync(ExpectedStep step, bool keyboard, CancellationToken cancellationToken)
    {
        var element = await BringAsync(step.Selector, cancellationToken).ConfigureAwait(false);
        using var before = actor.Grab();
        var parts = new List<ActorAction> { await ClickOnAsync(step.Selector, cancellationToken, add: false).ConfigureAwait(false) };
        var option = step.Option ?? throw Lost("a select without an option");
        var row = await PopupRowAsync(before, element.Box, step, cancellationToken).ConfigureAwait(false);
        if (!keyboard && row is { } box)
        {
            await _hands.MoveIntoAsync(box, cancellationToken).ConfigureAwait(false);
            var at = actor.Position;
            parts.Add(Add(ActorActionKind.Click, new ActorTarget("option", option, box), await _hands.ClickAsync(1, cancellationToken).ConfigureAwait(false), point: at, add: false));
        }
        else
        {
            var letters = Prefix(option, step.Options ?? [option]);
            parts.Add(Add(ActorActionKind.Type, Target(element), await _hands.TypeAsync(letters, cancellationToken, slips: false).ConfigureAwait(false), text: letters, add: false));
            parts.Add(await PressAsync(["Enter"], Target(element), cancellationToken, add: false).ConfigureAwait(false));
        }
        Add(ActorActionKind.Select, Target(element), new Done(parts[0].StartMs, parts[^1].EndMs), option: option, parts: parts);
    }

    private async Task ChooseAsync(ExpectedStep step, bool keyboard, CancellationToken cancellationToken)
    {
        var element = await BringAsync(step.Selector, cancellationToken).ConfigureAwait(false);
        var opened = $"document.querySelector({Quoted(step.List)})?.hidden === false";
        var parts = new List<ActorAction>();
        if (!await eyes.IsAsync(opened, cancellationToken).ConfigureAwait(false)) parts.Add(await ClickOnAsync(step.Selector, cancellationToken, add: false).ConfigureAwait(false));
        await MustAsync(cancel => eyes.IsAsync(opened, cancel), $"{step.Selector} did not open", cancellationToken).ConfigureAwait(false);
        var option = step.Option ?? throw Lost("a choice without an option");
        if (keyboard)
        {
            const string Active = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))";
            var active = $"{Active}?.textContent === {Quoted(option)}";
            var above = $"document.querySelector({Quoted(step.OptionSelector)}).compareDocumentPosition({Active}) & Node.DOCUMENT_POSITION_FOLLOWING";
            if (_draw.Chance(0.5))
            {
                var letters = option[..Math.Min(3, option.Length)].ToLowerInvariant();
                parts.Add(Add(ActorActionKind.Type, Target(element), await _hands.TypeAsync(letters, cancellationToken, slips: false).ConfigureAwait(false), text: letters, add: false));
            }
            for (var i = 0; i < 20 && !await eyes.WaitAsync(cancel => eyes.IsAsync(active, cancel), TimeSpan.FromMilliseconds(120), cancellationToken).ConfigureAwait(false); i++)
                parts.Add(await PressAsync([await eyes.IsAsync(above, cancellationToken).ConfigureAwait(false) ? "ArrowUp" : "ArrowDown"], Target(element), cancellationToken, add: false).ConfigureAwait(false));
            parts.Add(await PressAsync(["Enter"], Target(element), cancellationToken, add: false).ConfigureAwait(false));
        }
        else
        {
            await _hands.PauseAsync(persona.ThinkMs * 0.5, cancellationToken).ConfigureAwait(false);
            parts.Add(await ClickOnAsync(step.OptionSelector ?? throw Lost("a choice without its option's selector"), cancellationToken, add: false).ConfigureAwait(false));
        }
        Add(ActorActionKind.Select, Target(element), new Done(parts[0].StartMs, parts[^1].EndMs), option: option, parts: Merged(parts));
    }

    private async Task ReachAsync(ExpectedStep step, CancellationToken cancellationToken)
    {
        var target = await TargetAsync("[data-cell]:focus", cancellationToken).ConfigureAwait(false);
        var presses = new List<ActorAction>();
        if (await eyes.ReachedAsync(_step, cancellationToken).ConfigureAwait(false)) return;
        foreach (var key in step.Keys ?? []) presses.Add(await PressAsync([key], target, cancellationToken, add: false).ConfigureAwait(false));
        foreach (var press in Merged(presses)) log.Add(press);
    }

    private async Task DragAsync(ExpectedStep step, CancellationToken cancellationToken)
    {
        var element = await BringAsync(step.Selector, cancellationToken).ConfigureAwait(false);
        var to = await eyes.FindAsync(step.To ?? "", cancellationToken).ConfigureAwait(false) ?? throw Lost($"{step.To} is not shown");
        await HoverAsync(element, cancellationToken).ConfigureAwait(false);
        var from = actor.Position;
        // The grip keeps its distance from the item's middle, so that the item lands where its neighbour stood.
        var drop = new ScreenPoint(from.X + _draw.Below(9) - 4, to.Box.Center.Y + from.Y - element.Box.Center.Y + _draw.Below(5) - 2);
        Add(ActorActionKind.Drag, Target(element), await _hands.DragToAsync(drop, cancellationToken).ConfigureAwait(false), point: from, to: actor.Position);
    }

    private async Task SlideAsync(ExpectedStep step, CancellationToken cancellationToken)
    {
        var thumb = await BringAsync(step.Selector, cancellationToken).ConfigureAwait(false);
        var track = await eyes.FindAsync(step.Track ?? "", cancellationToken).ConfigureAwait(false) ?? throw Lost($"{step.Track} is not shown");
        await HoverAsync(thumb, cancellationToken).ConfigureAwait(false);
        var from = actor.Position;
        var drop = new ScreenPoint(track.Box.X + (int)(track.Box.Width * (step.Fraction ?? 0)) + _draw.Below(7) - 3, from.Y + _draw.Below(7) - 3);
        Add(ActorActionKind.Drag, Target(thumb), await _hands.DragToAsync(drop, cancellationToken).ConfigureAwait(false), text: null, point: from, to: actor.Position);
    }

    private async Task<ActorAction> PressAsync(IReadOnlyList<string> keys, ActorTarget target, CancellationToken cancellationToken, bool add = true)
    {
        var done = await _hands.ChordAsync(keys, cancellationToken).ConfigureAwait(false);
        await _hands.PauseAsync(90, cancellationToken).ConfigureAwait(false);
        return Add(ActorActionKind.Key, target, done, keys: [.. keys.Select(Keysyms.Canonical)], add: add);
    }

    /// <summary>The element, scrolled into view if it is not.</summary>
    private async Task<PageElement> BringAsync(string selector, CancellationToken cancellationToken)
    {
        PageElement? element = null;
        for (var turns = 0; turns < 6; turns++)
        {
            await eyes.WaitAsync(async cancel => (element = await eyes.FindAsync(selector, cancel).ConfigureAwait(false)) is { Visible: true } or { ScrollNotches: not 0 }, TimeSpan.FromSeconds(2), cancellationToken).ConfigureAwait(false);
            if (element is null) throw Lost($"{selector} is not on the page");
            element = await StillAsync(selector, element, turns > 0, cancellationToken).ConfigureAwait(false);
            if (element.ScrollNotches == 0) return element.Visible ? element : throw Lost($"{selector} is covered by something else");
            var over = element.ScrollOver.Intersect(actor.Screen.Bounds);
            if (!over.Contains(actor.Position)) await _hands.MoveIntoAsync(over, cancellationToken).ConfigureAwait(false);
            var at = actor.Position;
            var notches = Math.Clamp(element.ScrollNotches, -8, 8);
            Add(ActorActionKind.Scroll, Target(element) with { Role = "document", Name = "" }, await _hands.ScrollAsync(notches, cancellationToken).ConfigureAwait(false), point: at, notches: notches);
        }
        return element ?? throw Lost($"{selector} cannot be scrolled into view");
    }

    /// <summary>Waits until a smooth scroll or a layout has come to rest: three looks in a row see the same.</summary>
    /// <param name="scrolled">The wheel was just turned; the page begins to move only some frames later.</param>
    private async Task<PageElement> StillAsync(string selector, PageElement element, bool scrolled, CancellationToken cancellationToken)
    {
        var same = 0;
        await eyes.WaitAsync(async cancel =>
        {
            if (scrolled) await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancel).ConfigureAwait(false);
            var now = await eyes.FindAsync(selector, cancel).ConfigureAwait(false);
            same = now is not null && now.Box == element.Box ? same + 1 : 0;
            element = now ?? element;
            return same >= (scrolled ? 3 : 1);
        }, TimeSpan.FromSeconds(2), cancellationToken).ConfigureAwait(false);
        return element;
    }

    private async Task<ScreenRect?> PopupRowAsync(ScreenImage before, ScreenRect select, ExpectedStep step, CancellationToken cancellationToken)
    {
        var options = step.Options ?? [];
        var index = options.ToList().IndexOf(step.Option ?? "");
        ScreenRect? row = null;
        await eyes.WaitAsync(async cancel =>
        {
            using var after = actor.Grab();
            var found = NativePopup.Row(before, after, select, index, options.Count);
            var settled = found is not null && found == row;
            row = found;
            await Task.Delay(TimeSpan.FromMilliseconds(30), time, cancel).ConfigureAwait(false);
            return settled;
        }, TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
        return row;
    }

    /// <summary>The screen once two looks in a row are the same; after 4 s as it is.</summary>
    private async Task<ScreenImage> SettledScreenAsync(CancellationToken cancellationToken)
    {
        var screen = actor.Grab();
        await eyes.WaitAsync(async cancel =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(80), time, cancel).ConfigureAwait(false);
            var next = actor.Grab();
            var still = NewWindow.Find(screen, next).IsEmpty;
            screen.Dispose();
            screen = next;
            return still;
        }, s_patience, cancellationToken).ConfigureAwait(false);
        return screen;
    }

    private async Task<ScreenRect> SettledDifferenceAsync(ScreenImage before, CancellationToken cancellationToken)
    {
        ScreenRect changed = default;
        await eyes.WaitAsync(async cancel =>
        {
            using var after = actor.Grab();
            var now = NewWindow.Find(before, after);
            var settled = !now.IsEmpty && now == changed;
            changed = now;
            await Task.Delay(TimeSpan.FromMilliseconds(120), time, cancel).ConfigureAwait(false);
            return settled;
        }, s_patience, cancellationToken).ConfigureAwait(false);
        return changed;
    }

    private async Task WatchPlantsAsync(IReadOnlyList<Plant> plants, long sinceMs, CancellationToken cancellationToken)
    {
        if (plants.Count == 0) return;
        var known = plants.ToDictionary(plant => plant.Id, StringComparer.Ordinal);
        var last = sinceMs;
        try
        {
            while (true)
            {
                var now = Hands.NowMs;
                foreach (var seen in await eyes.PlantsAsync(cancellationToken).ConfigureAwait(false))
                    if (known.TryGetValue(seen.PlantId, out var plant)) log.Saw(plant, new PlantMoment(now, Hands.NowMs, seen.Boxes), last);
                last = now;
                await Task.Delay(TimeSpan.FromMilliseconds(150), time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or PageFaultException)
        {
            // The task is over, or the page is gone and the participant itself will say so.
        }
    }

    private async Task MustAsync(Func<CancellationToken, Task<bool>> condition, string why, CancellationToken cancellationToken)
    {
        if (!await eyes.WaitAsync(condition, s_patience, cancellationToken).ConfigureAwait(false)) throw Lost(why);
    }

    private ValueTask MarkAsync(ActorTask mark, CancellationToken cancellationToken)
    {
        log.Mark(mark);
        return OnTask?.Invoke(mark, cancellationToken) ?? ValueTask.CompletedTask;
    }

    private async Task<ActorTarget> TargetAsync(string selector, CancellationToken cancellationToken) =>
        await eyes.FindAsync(selector, cancellationToken).ConfigureAwait(false) is { } element ? Target(element) : new ActorTarget("", "");

    private static ActorTarget Target(PageElement element) => new(element.Role, element.Name, element.Box);

    private ActorAction Add(
        ActorActionKind kind, ActorTarget target, Done done, string? text = null, int? length = null, string? option = null, IReadOnlyList<string>? keys = null, ScreenPoint? point = null,
        ScreenPoint? to = null, int? notches = null, IReadOnlyList<ActorAction>? parts = null, bool add = true)
    {
        var action = new ActorAction(_task, _task.Length == 0 ? 0 : _seed, 0, kind, target, done.StartMs, done.EndMs, text, text?.Length ?? length, option, keys, 1, point, to, notches, parts, _inOtherApp);
        if (add) log.Add(action);
        return action;
    }

    /// <summary>One key pressed several times in a row is one action with a count.</summary>
    private static List<ActorAction> Merged(IEnumerable<ActorAction> actions)
    {
        var merged = new List<ActorAction>();
        foreach (var action in actions)
        {
            if (merged.Count > 0 && merged[^1] is { Kind: ActorActionKind.Key, Keys: { } keys } last && action.Keys is { } more && keys.SequenceEqual(more))
                merged[^1] = last with { Count = last.Count + 1, EndMs = action.EndMs };
            else merged.Add(action);
        }
        return merged;
    }

    /// <summary>The shortest beginning of an option that no option before it shares.</summary>
    private static string Prefix(string option, IReadOnlyList<string> options)
    {
        for (var length = 1; length < option.Length; length++)
            if (options.First(other => other.StartsWith(option[..length], StringComparison.OrdinalIgnoreCase)) == option) return option[..length].ToLowerInvariant();
        return option.ToLowerInvariant();
    }

    private static async Task<string> NoteFileAsync(VirtualDesktop desktop, Plant shown, CancellationToken cancellationToken)
    {
        var path = Path.Combine(desktop.Folder, "note.txt");
        await File.WriteAllTextAsync(path, shown.Value + "\n", cancellationToken).ConfigureAwait(false);
        return path;
    }

    private static string Quoted(string? text) => System.Text.Json.JsonSerializer.Serialize(text);

    private ParticipantLostException Lost(string why) => new(_task, _step, why);
}
