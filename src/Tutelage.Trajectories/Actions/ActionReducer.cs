using Tutelage.Recording.Events;

namespace Tutelage.Trajectories;

/// <summary>Turns raw events into actions as they come; pure and streaming.</summary>
/// <remarks>
/// A draft enters the queue with its first event and leaves it, in that order, once it is closed and no select can claim it. One draft at most
/// is open (a click that may become a double click, a run of scrolls, keys or typing), one press at most is under way, and one
/// <see cref="SelectAttempt"/> at most holds drafts back. A gap or a task's mark closes all of them, so nothing spans one.
/// If this is wrong, everything downstream teaches what nobody did: rules and thresholds are in docs/formats/actions.md. Not thread-safe.
/// </remarks>
/// <param name="emit">Called for each action, in order.</param>
/// <param name="account">Told what became of each raw event, if anybody asks.</param>
public sealed class ActionReducer(ReductionOptions options, Action<RecordedAction> emit, ReductionAccount? account = null) : ITimelineReader
{
    private readonly Scene _scene = new();
    private readonly Queue<ActionDraft> _queue = [];
    private readonly EventSpans _trace = new();
    private readonly Dictionary<int, TypedText> _texts = [];
    private readonly Dictionary<string, ActionDraft> _keysDown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HeldModifier> _modifiers = new(StringComparer.Ordinal);
    private ActionDraft? _open;
    private Press? _press;
    private SelectAttempt? _attempt;

    /// <summary>Choices that wait for their value; their drafts hold the queue back.</summary>
    private readonly List<SelectAttempt> _late = [];
    private SessionTime? _restSince;
    private SessionTime _lastInput = new(long.MinValue / 2);
    private int _event = -1;
    private int _emitted;

    /// <summary>All actions of a session.</summary>
    public static IReadOnlyList<RecordedAction> Reduce(SessionTimeline timeline, ReductionOptions? options = null, ReductionAccount? account = null)
    {
        var actions = new List<RecordedAction>();
        timeline.Replay(new ActionReducer(options ?? ReductionOptions.Default, actions.Add, account));
        return actions;
    }

    public void OnInput(InputEvent input)
    {
        _event++;
        account?.Add();
        switch (input)
        {
            case PointerMoved moved: Move(moved.Position); break;
            case ButtonChanged { Down: true } button: PressDown(button); break;
            case ButtonChanged button: PressUp(button); break;
            case Scrolled scrolled: Scroll(scrolled); break;
            case KeyChanged { Down: true } key: KeyDown(key); break;
            case KeyChanged key: KeyUp(key); break;
            case TypedRun run: Type(run); break;
            default: throw new InvalidOperationException($"no rule for a raw event of type {input.GetType().Name}; add one to {nameof(ActionReducer)}");
        }

        _lastInput = input is TypedRun typed ? typed.End : input.Time;
    }

    public void OnText(TypedText text) => _texts[text.Run] = text;

    public void OnElements(ElementSnapshot snapshot)
    {
        _scene.See(snapshot, snapshot.Time - _lastInput >= QuietMs);
        if (_attempt is { } attempt) attempt.See(_scene.Find(attempt.Opener.Id));
        foreach (var late in _late.ToArray())
        {
            late.See(_scene.Find(late.Opener.Id));
            if (!late.AwaitsValue || snapshot.Time - late.Drafts[^1].End > LatestValueMs) Finish(late);
        }

        NameTypedFields();
        Drain();
    }

    /// <summary>A field that was typed into before accessibility knew it gets its name from the first snapshot that does.</summary>
    private void NameTypedFields()
    {
        foreach (var draft in _queue)
            if (draft is { Kind: ActionKind.Type, Target: { Role: "", Id: var id } } && _scene.Find(id) is { Role.Length: > 0 } element) draft.Target = _scene.Target(element);
    }

    public void OnFrame(FrameReference frame) => _scene.See(frame);

    public void OnGap(Gap gap) => Cut();

    public void OnTask(TaskMark mark)
    {
        Cut();
        if (!mark.Ended) return;
        Enqueue(new(ActionKind.Done, mark.Time, _scene)
        {
            Closed = true,
            Status = mark.Success switch { true => ActionStatus.Success, false => ActionStatus.Failure, null => ActionStatus.Unknown },
        });
        Drain();
    }

    public void OnEnd() => Cut();

    private void Move(ScreenPoint position)
    {
        if (_press is not { } press)
        {
            _trace.Add(_event);
            return;
        }

        press.Events.Add(_event);
        press.Reach(position);
    }

    private void PressDown(ButtonChanged button)
    {
        if (_press is { } held)
        {
            if (held.Button != button.Button)
            {
                held.Events.Add(_event);
                return;
            }

            // The release was lost: a browser's native list, a dialog of the system.
            CutPress(held);
        }

        var element = _scene.At(button.Position);
        var follows = _open is { } before && FollowsClick(before, button, element);
        if (follows && _open is { BeyondThree: false, Count: < 3 } clicks)
        {
            _open = null;
            _press = new(button, clicks) { Repeats = true };
            _press.Events.TakeAll(_trace);
            _press.Events.Add(_event);
            return;
        }

        CloseOpen();
        var draft = new ActionDraft(ActionKind.Click, button.Time, _scene)
        {
            Button = button.Button, Modifiers = button.Modifiers, At = button.Position, Target = _scene.Target(element), Keys = KeyNames.Chord(button.Modifiers, null),
            BeyondThree = follows,
        };
        draft.Trace.TakeAll(_trace);
        UseModifiers(draft);
        _press = new(button, draft);
        _press.Events.Add(_event);
        Begin(draft, element);
    }

    private void PressUp(ButtonChanged button)
    {
        if (_press is not { } press)
        {
            ReleaseWithoutPress(button);
            return;
        }

        press.Events.Add(_event);
        if (press.Button != button.Button) return;
        _press = null;
        press.Reach(button.Position);
        var draft = press.Draft;
        var dragged = press.IsDrag(button.Position, options.ClickRadius);
        if (press.Repeats && dragged) draft = SplitDragFromClicks(press);
        draft.Events.TakeAll(press.Events);
        draft.End = button.Time;
        if (dragged)
        {
            (draft.Kind, draft.To, draft.Path) = (ActionKind.Drag, button.Position, press.Path);
            Close(draft);
            return;
        }

        if (press.Repeats)
        {
            draft.Count++;
            draft.Kind = draft.Count == 2 ? ActionKind.DoubleClick : ActionKind.TripleClick;
        }

        draft.LastPress = press.Time;
        CloseOpen();
        _open = draft;
    }

    /// <summary>The second press of a double click that turned into a drag is an action of its own.</summary>
    private ActionDraft SplitDragFromClicks(Press press)
    {
        var clicks = press.Draft;
        Close(clicks);
        var draft = new ActionDraft(ActionKind.Drag, press.Time, _scene)
        {
            Button = press.Button, Modifiers = clicks.Modifiers, At = press.Down, Target = clicks.Target, Keys = clicks.Keys,
        };
        Begin(draft, null);
        return draft;
    }

    /// <summary>Browsers hide the press on a native dropdown's list: its release arrives alone, often outside the screen.</summary>
    private void ReleaseWithoutPress(ButtonChanged button)
    {
        if (_attempt is null || button.Button != PointerButton.Left)
        {
            account?.Set(_event, new(EventUseKind.LateRelease, -1));
            return;
        }

        CloseOpen();
        var draft = new ActionDraft(ActionKind.Click, button.Time, _scene) { Button = button.Button, Modifiers = button.Modifiers, At = button.Position };
        if (!_attempt.TryTake(draft, null, orphan: true))
        {
            account?.Set(_event, new(EventUseKind.LateRelease, -1));
            return;
        }

        draft.Events.Add(_event);
        draft.Closed = true;
        _queue.Enqueue(draft);
    }

    private bool FollowsClick(ActionDraft open, ButtonChanged button, RecordedElement? element) =>
        open.At is { } at
        && open.Kind is ActionKind.Click or ActionKind.DoubleClick or ActionKind.TripleClick
        && open.Button == button.Button && open.Modifiers == button.Modifiers
        && button.Time - open.LastPress <= options.MultiClickMs
        && Distance(at, button.Position) <= options.MultiClickRadius
        && IsSame(open.Target, element);

    /// <summary>A page that draws itself anew between two clicks puts another element there; the browser counts from one again.</summary>
    /// <remarks>A cell and the grid around it are the same place, seen before and after accessibility knew the cell.</remarks>
    private static bool IsSame(ActionTarget? target, RecordedElement? element) =>
        target is null || element is null || target.Id == element.Id
        || IsGrid(target.Role) && target.Bounds.Contains(element.Bounds) || IsGrid(element.Role) && element.Bounds.Contains(target.Bounds);

    private static bool IsGrid(string role) => role is "grid" or "treegrid" or "table" or "row" or "rowgroup";

    private void Scroll(Scrolled scrolled)
    {
        if (_press is { } press)
        {
            press.Events.Add(_event);
            return;
        }

        var element = _scene.At(scrolled.Position);
        if (_open is { Kind: ActionKind.Scroll } run && scrolled.Time - run.End <= options.ScrollRestMs && run.Modifiers == scrolled.Modifiers && (IsSame(run.Target, element) || Distance(run.At!.Value, scrolled.Position) <= options.ClickRadius))
        {
            run.Events.TakeAll(_trace);
        }
        else
        {
            CloseOpen();
            run = new(ActionKind.Scroll, scrolled.Time, _scene)
            {
                At = scrolled.Position, Modifiers = scrolled.Modifiers, Target = _scene.Target(element), Keys = KeyNames.Chord(scrolled.Modifiers, null),
            };
            run.Trace.TakeAll(_trace);
            UseModifiers(run);
            Begin(run, element);
            _open = run;
        }

        run.Events.Add(_event);
        run.ScrollX += scrolled.Dx;
        run.ScrollY += scrolled.Dy;
        run.End = scrolled.Time;
    }

    private void KeyDown(KeyChanged key)
    {
        if (KeyNames.IsModifierOrLock(key.Key))
        {
            if (!_modifiers.TryGetValue(key.Key, out var held)) _modifiers[key.Key] = held = new();
            held.Add(_event);
            return;
        }

        var keys = KeyNames.Chord(key.Modifiers, key.Key);
        if (_open is { Kind: ActionKind.Key } run && run.Keys.SequenceEqual(keys) && key.Time - run.LastPress <= options.KeyRepeatMs)
        {
            run.Count++;
        }
        else
        {
            CloseOpen();
            var element = _scene.Focused;
            run = new(ActionKind.Key, key.Time, _scene) { Modifiers = key.Modifiers, Keys = keys, Target = _scene.Target(element) };
            Begin(run, element);
            _open = run;
        }

        run.Events.Add(_event);
        UseModifiers(run);
        run.LastPress = run.End = key.Time;
        _keysDown[key.Key] = run;
    }

    private void KeyUp(KeyChanged key)
    {
        if (KeyNames.IsModifierOrLock(key.Key))
        {
            if (_modifiers.Remove(key.Key, out var held))
            {
                held.Release(_event, account);
                return;
            }
        }
        else if (_keysDown.Remove(key.Key, out var pressed) && pressed.Final is { Emitted: false } draft)
        {
            draft.Events.Add(_event);
            if (key.Time > draft.End) draft.End = key.Time;
            return;
        }

        account?.Set(_event, new(EventUseKind.LateRelease, -1));
    }

    private void Type(TypedRun run)
    {
        var text = _texts.Remove(run.Run, out var typed) ? typed : null;
        if (_open is { Kind: ActionKind.Type, Target: { } target } open && target.Id == run.ElementId && run.Time - open.End <= options.TypingRestMs)
        {
            open.Text = open.Text is null || text is null ? null : open.Text + text.Text;
            open.Surrogate |= text?.Surrogate ?? false;
            open.Shape = Join(open.Shape!.Value, run.Shape);
            open.Corrected |= run.Corrected;
            open.End = run.End;
            open.Events.Add(_event);
            return;
        }

        CloseOpen();
        var element = run.ElementId >= 0 ? _scene.Find(run.ElementId) : _scene.Focused;
        var draft = new ActionDraft(ActionKind.Type, run.Time, _scene)
        {
            Target = _scene.Target(element) ?? (run.ElementId >= 0 ? new(run.ElementId, "", null, null, null, default) : null),
            Text = text?.Text, Surrogate = text?.Surrogate ?? false, Shape = run.Shape, Corrected = run.Corrected, End = run.End,
        };
        draft.Events.Add(_event);
        Begin(draft, element);
        _open = draft;
    }

    private static TextShape Join(TextShape first, TextShape second) =>
        first.Length == 0 ? second : second.Length == 0 ? first
            : first.Kind == TextKind.Secret ? first : second.Kind == TextKind.Secret ? second
            : new(TextShape.LengthClassOf(first.Length + second.Length), first.Kind == second.Kind ? first.Kind : TextKind.Unknown);

    /// <summary>Puts a new draft into the queue, after a wait if its target came late, and offers it to a choosing under way.</summary>
    private void Begin(ActionDraft draft, RecordedElement? element)
    {
        if (_attempt is { } attempt)
        {
            if (attempt.TryTake(draft, element, orphan: false))
            {
                _queue.Enqueue(draft);
                return;
            }

            ResolveAttempt();
        }

        if (_restSince is { } rest && draft.Target is { } target && _scene.Since(target.Id) is { Quiet: true } appearance && appearance.Since - rest >= options.WaitMs)
        {
            Enqueue(new(ActionKind.Wait, rest, _scene) { End = appearance.Since, Target = target, Closed = true });
        }

        _attempt = SelectAttempt.TryBegin(_scene, draft, element);
        Enqueue(draft);
        Drain();
    }

    private void Enqueue(ActionDraft draft) => _queue.Enqueue(draft);

    private void CloseOpen()
    {
        if (_open is not { } open) return;
        _open = null;
        Close(open);
    }

    private void Close(ActionDraft draft)
    {
        draft.Closed = true;
        if (_restSince is not { } rest || draft.End > rest) _restSince = draft.End;
        Drain();
    }

    private void ResolveAttempt()
    {
        if (_attempt is not { } attempt) return;
        _attempt = null;
        if (attempt.AwaitsValue) _late.Add(attempt);
        else Finish(attempt);
    }

    private void Finish(SelectAttempt attempt)
    {
        _late.Remove(attempt);
        foreach (var draft in attempt.Drafts) draft.Held = false;
        if (attempt.Drafts.Any(draft => !draft.Closed) || !attempt.Resolve(out var option)) return;
        var select = attempt.Drafts[0].ToSelect(_scene.Target(attempt.Opener), option);
        foreach (var part in attempt.Drafts) select.Fold(part);
    }

    /// <summary>What a gap, a task's mark or the end leaves open is closed as it is.</summary>
    private void Cut()
    {
        if (_press is { } press) CutPress(press);
        CloseOpen();
        ResolveAttempt();
        foreach (var late in _late.ToArray()) Finish(late);
        Drain();
        if (account is not null)
        {
            _trace.Account(account, new(EventUseKind.IdlePointer, -1));
            foreach (var held in _modifiers.Values) held.Release(null, account);
        }

        _trace.Clear();
        _texts.Clear();
        _modifiers.Clear();
        _keysDown.Clear();
        _restSince = null;
    }

    private void CutPress(Press press)
    {
        _press = null;
        press.Draft.Events.TakeAll(press.Events);
        if (!press.Repeats) press.Draft.Status = ActionStatus.Cut;
        Close(press.Draft);
    }

    private void Drain()
    {
        while (_queue.TryPeek(out var draft) && draft.Closed && !draft.Held)
        {
            _queue.Dequeue();
            if (draft.Final is { } final && (final == draft || final.Parts[0] == draft)) Emit(final);
        }
    }

    private void Emit(ActionDraft draft)
    {
        draft.Emitted = true;
        var index = _emitted++;
        if (account is not null)
        {
            draft.Trace.Account(account, new(EventUseKind.Trace, index));
            draft.Events.Account(account, new(EventUseKind.Action, index));
        }

        emit(draft.ToAction(index));
    }

    private void UseModifiers(ActionDraft draft)
    {
        foreach (var (name, held) in _modifiers)
        {
            if ((draft.Modifiers & KeyNames.ModifierOf(name)) != KeyModifiers.None) held.UseFor(draft);
        }
    }

    private static int Distance(ScreenPoint a, ScreenPoint b) => Math.Max(Math.Abs(a.X - b.X), Math.Abs(a.Y - b.Y));

    /// <summary>Milliseconds without input after which a change of the screen came by itself.</summary>
    private const int QuietMs = 250;

    /// <summary>A choice whose value is not told within this long stays without it.</summary>
    private const int LatestValueMs = 2000;
}
