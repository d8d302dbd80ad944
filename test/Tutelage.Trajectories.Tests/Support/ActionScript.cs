using Tutelage.Recording.Captured;

namespace Tutelage.Trajectories.Tests;

/// <summary>What was meant: kind, target and what else tells two actions apart.</summary>
internal sealed record Meant(ActionKind Kind, int Target, string Detail = "")
{
    public static Meant Of(RecordedAction action) => new(action.Kind, action.Kind is ActionKind.Key or ActionKind.Done or ActionKind.Wait ? -1 : action.Target?.Id ?? -1, action.Kind switch
    {
        ActionKind.Click => action.Button.ToString()!,
        ActionKind.Scroll => $"{action.ScrollX},{action.ScrollY}",
        ActionKind.Type => action.Text ?? action.Shape!.Value.ToString(),
        ActionKind.Key => $"{string.Join('+', action.Keys)} x{action.Count}",
        ActionKind.Select => action.Option ?? "",
        _ => "",
    });
}

/// <summary>Draws actions, renders them to stored events as a hand would make them (trembling, pauses, late screens), and keeps what was meant.</summary>
internal sealed class ActionScript
{
    private readonly Random _random;
    private readonly bool _edge;
    private readonly int _quantum;
    private readonly TimelineAssembly _assembly = new("script", SyntheticPage.Screen);
    private readonly SyntheticPage _page = new();
    private readonly List<Meant> _meant = [];
    private readonly List<SessionTime> _shown = [];
    private double _now = 500;
    private double _lastChange;
    private ScreenPoint _pointer = new(640, 400);
    private int _runs;

    private ActionScript(int seed, bool edge, int quantum) => (_random, _edge, _quantum) = (new(seed), edge, quantum);

    public static (SessionTimeline Timeline, IReadOnlyList<Meant> Meant) Render(int seed, int actions, bool edge = false, int quantum = 50, bool frames = false)
    {
        var script = new ActionScript(seed, edge, quantum);
        script.Mark(ended: false);
        script.Show(0);
        for (var at = 0; at < actions; at++) script.Act();
        script.Mark(ended: true);
        if (frames) script.AddFrames();
        return (script._assembly.ByTime(), script._meant);
    }

    private SessionTime Time(double at) => new((long)at / _quantum * _quantum);

    private void Act()
    {
        // A person looks before acting on what has changed, and rests between deeds.
        _now = Math.Max(_now + _random.Next(650, 1_400), _lastChange + 300);
        switch (_random.Next(15))
        {
            case 0 or 1: Click(PointerButton.Left, 1); break;
            case 2: Click(PointerButton.Left, 2); break;
            case 3: Click(PointerButton.Left, 3); break;
            case 4: Click(PointerButton.Right, 1); break;
            case 5: Drag(); break;
            case 6: Scroll(); break;
            case 7 or 8: TypeInto(); break;
            case 9: Key(); break;
            case 10: Hotkey(); break;
            case 11: SelectByMouse(); break;
            case 12: SelectByKeys(); break;
            case 13: SelectCustom(); break;
            default: WaitFor(); break;
        }

        if (_random.Next(25) == 0)
        {
            _now += 400;
            _assembly.Add(new Gap(Time(_now), Time(_now + 2_000), GapReason.NotAllowed));
            _now += 2_400;
            Show(0);
        }
    }

    private void Mark(bool ended)
    {
        _now = Math.Max(_now, _lastChange) + 300;
        _assembly.Add(new TaskMark(Time(_now), "synthetic/1", "Do as the script says", ended, ended ? true : null));
        if (ended) _meant.Add(new(ActionKind.Done, -1));
        _now += 300;
    }

    /// <summary>A picture for each second change; its first pixel is its number.</summary>
    private void AddFrames()
    {
        var times = _shown.Where((_, at) => at % 2 == 0).ToList();
        _assembly.AddFrames(times, () => times.Select((time, at) =>
        {
            var size = new ScreenSize(128, 80);
            var image = ScreenImage.Rent(size, size.Bounds);
            image.Fill(size.Bounds, (uint)at);
            return (time, image);
        }));
    }

    private void Show(int delay)
    {
        _lastChange = Math.Max(_now + delay, _lastChange + 1);
        _shown.Add(Time(_lastChange));
        _assembly.Add(_page.Snapshot(Time(_lastChange)));
    }

    private ScreenPoint Inside(ScreenRect rect, int margin = 6) =>
        new(_random.Next(rect.X + Math.Min(margin, rect.Width / 3), rect.Right - Math.Min(margin, rect.Width / 3)), _random.Next(rect.Y + Math.Min(margin, rect.Height / 3), rect.Bottom - Math.Min(margin, rect.Height / 3)));

    private void Go(ScreenPoint to)
    {
        var from = _pointer;
        var steps = _random.Next(4, 20);
        for (var step = 1; step <= steps; step++)
        {
            _now += _random.Next(8, 20);
            var bow = (int)(Math.Sin(Math.PI * step / steps) * 8);
            _pointer = step == steps ? to : new(from.X + (to.X - from.X) * step / steps + bow, from.Y + (to.Y - from.Y) * step / steps - bow);
            _assembly.Add(new PointerMoved(Time(_now), _pointer));
        }

        _now += _random.Next(40, 120);
    }

    private void Press(PointerButton button, KeyModifiers modifiers = KeyModifiers.None)
    {
        _assembly.Add(new ButtonChanged(Time(_now), button, true, _pointer, modifiers));
        _now += _random.Next(30, 60);
        if (_random.Next(3) == 0) _assembly.Add(new PointerMoved(Time(_now), _pointer = Tremble(_edge ? 4 : 2)));
        _now += _random.Next(20, 50);
        _assembly.Add(new ButtonChanged(Time(_now), button, false, _pointer, modifiers));
    }

    private ScreenPoint Tremble(int pixels) => new(_pointer.X + _random.Next(-pixels, pixels + 1), _pointer.Y + _random.Next(-pixels, pixels + 1));

    private void Click(PointerButton button, int count)
    {
        var (id, rect) = _random.Next(3) switch
        {
            0 => (SyntheticPage.FirstButton, SyntheticPage.Button(0)), 1 => (SyntheticPage.FirstCheckbox, SyntheticPage.Checkbox(0)), _ => (SyntheticPage.FirstField, SyntheticPage.Field(0)),
        };
        var n = _random.Next(4);
        rect = rect with { Y = rect.Y + n * 50 };
        Go(Inside(rect, 9));
        var at = _pointer;
        for (var press = 0; press < count; press++)
        {
            var began = _now;
            _pointer = press == 0 ? at : _edge ? new(at.X + _random.Next(-4, 5), at.Y + _random.Next(-4, 5)) : new(at.X + _random.Next(-1, 2), at.Y + _random.Next(-1, 2));
            Press(button);
            if (press < count - 1) _now = Math.Max(_now + 15, began + _random.Next(110, _edge ? 500 : 420));
        }

        if (id == SyntheticPage.FirstField && button == PointerButton.Left) _page.Focused = id + n;
        Show(_random.Next(20, 140));
        _meant.Add(count switch { 1 => new(ActionKind.Click, id + n, button.ToString()), 2 => new(ActionKind.DoubleClick, id + n), _ => new(ActionKind.TripleClick, id + n) });
    }

    private void Drag()
    {
        Go(Inside(SyntheticPage.SliderBounds));
        var target = _pointer.X < 250 ? _pointer.X + _random.Next(_edge ? 12 : 30, 120) : _pointer.X - _random.Next(_edge ? 12 : 30, 120);
        _assembly.Add(new ButtonChanged(Time(_now), PointerButton.Left, true, _pointer));
        Go(new(target, _pointer.Y + _random.Next(-3, 4)));
        _assembly.Add(new ButtonChanged(Time(_now), PointerButton.Left, false, _pointer));
        Show(60);
        _meant.Add(new(ActionKind.Drag, SyntheticPage.Slider));
    }

    private void Scroll()
    {
        if (_meant.LastOrDefault()?.Kind == ActionKind.Scroll) _now += 1_200;
        Go(Inside(SyntheticPage.ListBounds, 40));
        var notches = _random.Next(1, 9);
        var direction = _random.Next(2) * 2 - 1;
        for (var notch = 0; notch < notches; notch++)
        {
            _assembly.Add(new Scrolled(Time(_now), 0, direction, _pointer));
            _now += _random.Next(30, 160);
            if (_random.Next(4) == 0) _assembly.Add(new PointerMoved(Time(_now), _pointer = Tremble(1)));
        }

        Show(80);
        _meant.Add(new(ActionKind.Scroll, SyntheticPage.List, $"0,{notches * direction}"));
    }

    private void TypeInto()
    {
        var n = _random.Next(4);
        var field = SyntheticPage.FirstField + n;
        if (_meant.LastOrDefault() is { Kind: ActionKind.Type } last && last.Target == field) return;
        if (_page.Focused != field)
        {
            Go(Inside(SyntheticPage.Field(n)));
            Press(PointerButton.Left);
            _page.Focused = field;
            Show(40);
            _meant.Add(new(ActionKind.Click, field, "Left"));
            _now = Math.Max(_now, _lastChange) + 300;
        }

        var text = string.Concat(Enumerable.Range(0, _random.Next(1, 14)).Select(_ => (char)('a' + _random.Next(26))));
        var slip = _random.Next(4) == 0;
        var start = _now;
        if (_random.Next(3) == 0) _assembly.Add(new KeyChanged(Time(_now), "shift", KeyModifiers.None, true));
        var shifted = _random.Next(5);
        _now += text.Length * _random.Next(70, 160);
        var shape = new TextShape(TextShape.LengthClassOf(text.Length), TextKind.Word);
        var kept = _random.Next(2) == 0;
        if (kept) _assembly.Add(new TypedText(Time(start), _runs, text, Surrogate: false));
        _assembly.Add(new TypedRun(Time(start), Time(_now), _runs++, field, shape, TextShape.LengthClassOf(text.Length + (slip ? 2 : 0)), slip));
        if (shifted == 0) _assembly.Add(new KeyChanged(Time(_now), "shift", KeyModifiers.Shift, false));
        _page.Write(field, text);
        Show(60);
        _meant.Add(new(ActionKind.Type, field, kept ? text : shape.ToString()));
    }

    private void Key()
    {
        string[] keys = ["enter", "tab", "escape", "f5", "delete", "pagedown"];
        var key = keys[_random.Next(keys.Length)];
        if (_meant.LastOrDefault() is { Kind: ActionKind.Key } last && last.Detail.StartsWith(key, StringComparison.Ordinal)) _now += 1_200;
        if (_page.Focused == SyntheticPage.Combobox) _page.Focused = -1;
        Show(0);
        _now = Math.Max(_now, _lastChange) + 60;
        var count = _random.Next(4) == 0 ? _random.Next(2, 5) : 1;
        for (var press = 0; press < count; press++) Stroke(key, KeyModifiers.None);
        _meant.Add(new(ActionKind.Key, -1, $"{key} x{count}"));
    }

    private void Hotkey()
    {
        var key = ((char)('a' + _random.Next(26))).ToString();
        if (_meant.LastOrDefault() is { Kind: ActionKind.Key }) _now += 1_200;
        var shift = _random.Next(3) == 0;
        _assembly.Add(new KeyChanged(Time(_now), "control", KeyModifiers.None, true));
        _now += _random.Next(30, 90);
        if (shift) _assembly.Add(new KeyChanged(Time(_now), "shift", KeyModifiers.Control, true));
        var modifiers = KeyModifiers.Control | (shift ? KeyModifiers.Shift : KeyModifiers.None);
        Stroke(key, modifiers);
        if (shift) _assembly.Add(new KeyChanged(Time(_now), "shift", modifiers, false));
        _assembly.Add(new KeyChanged(Time(_now), "control", KeyModifiers.Control, false));
        _meant.Add(new(ActionKind.Key, -1, $"control+{(shift ? "shift+" : "")}{key} x1"));
    }

    private void Stroke(string key, KeyModifiers modifiers)
    {
        _assembly.Add(new KeyChanged(Time(_now), key, modifiers, true));
        _now += _random.Next(40, 90);
        _assembly.Add(new KeyChanged(Time(_now), key, modifiers, false));
        _now += _random.Next(60, 180);
    }

    private int AnotherOption() => (_page.ComboValue + _random.Next(1, SyntheticPage.Options.Length)) % SyntheticPage.Options.Length;

    private void SelectByMouse()
    {
        var option = AnotherOption();
        _page.ComboOptionsInTree = _random.Next(2) == 0;
        Go(Inside(SyntheticPage.ComboBounds));
        Press(PointerButton.Left);
        (_page.ComboExpanded, _page.Focused) = (true, SyntheticPage.Combobox);
        Show(_random.Next(20, 120));
        _now = Math.Max(_now, _lastChange) + 300;
        Go(Inside(SyntheticPage.ComboOption(option)));
        Press(PointerButton.Left);
        (_page.ComboExpanded, _page.ComboValue) = (false, option);
        Show(_random.Next(20, 120));
        _meant.Add(new(ActionKind.Select, SyntheticPage.Combobox, SyntheticPage.Options[option]));
    }

    private void SelectByKeys()
    {
        if (_meant.LastOrDefault() is { Kind: ActionKind.Select } last && last.Target == SyntheticPage.Combobox) return;
        var tab = _meant.LastOrDefault() is { Kind: ActionKind.Key };
        if (tab) _now += 1_200;
        Stroke("tab", KeyModifiers.None);
        _meant.Add(new(ActionKind.Key, -1, "tab x1"));
        _page.Focused = SyntheticPage.Combobox;
        Show(30);
        _now = Math.Max(_now, _lastChange) + 350;
        var option = AnotherOption();
        if (_random.Next(2) == 0)
        {
            var start = _now;
            _now += 150;
            _assembly.Add(new TypedRun(Time(start), Time(_now), _runs++, SyntheticPage.Combobox, new(1, TextKind.Word), 1, false));
            _page.ComboValue = option;
            Show(60);
        }
        else
        {
            while (_page.ComboValue != option)
            {
                Stroke(option > _page.ComboValue ? "down" : "up", KeyModifiers.None);
                _page.ComboValue += Math.Sign(option - _page.ComboValue);
                Show(20);
                _now += 60;
            }
        }

        _meant.Add(new(ActionKind.Select, SyntheticPage.Combobox, SyntheticPage.Options[option]));
        _now += 400;
    }

    private void SelectCustom()
    {
        var option = _random.Next(SyntheticPage.Options.Length);
        Go(Inside(SyntheticPage.DropBounds));
        Press(PointerButton.Left);
        _page.DropExpanded = true;
        Show(_random.Next(20, 120));
        _now = Math.Max(_now, _lastChange) + 300;
        Go(Inside(SyntheticPage.DropOption(option)));
        Press(PointerButton.Left);
        _page.DropExpanded = false;
        Show(_random.Next(20, 120));
        _meant.Add(new(ActionKind.Select, SyntheticPage.Dropdown, SyntheticPage.Options[option]));
    }

    private void WaitFor()
    {
        Click(PointerButton.Left, 1);
        _now = Math.Max(_now, _lastChange) + _random.Next(1_700, 5_000);
        _page.DialogShown = true;
        Show(0);
        _now = _lastChange + 400;
        Go(Inside(SyntheticPage.DialogBounds));
        Press(PointerButton.Left);
        _page.DialogShown = false;
        Show(50);
        _meant.Add(new(ActionKind.Wait, -1));
        _meant.Add(new(ActionKind.Click, SyntheticPage.Dialog, "Left"));
    }
}
