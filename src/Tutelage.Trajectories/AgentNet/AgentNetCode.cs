namespace Tutelage.Trajectories.AgentNet;

/// <summary>Spells actions as AgentNet's calls. What they cannot say is counted by name (the loss table in docs/formats/agentnet.md).</summary>
internal static class AgentNetCode
{
    public static IReadOnlyList<PyCall> Of(RecordedAction action, ScreenSize screen, string instruction, ICollection<string> lost)
    {
        var calls = new List<PyCall>();
        Add(calls, action, screen, instruction, lost);
        return calls;
    }

    /// <summary>Text that was typed, or what can be said of it.</summary>
    public static string MessageOf(RecordedAction action, string instruction, ICollection<string> lost)
    {
        if (action.Text is { } text) return text;
        var shape = action.Shape ?? default;
        if (shape.Source == TextSource.Instruction && shape.SourceCount > 0)
        {
            var tokens = instruction.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (shape.SourceStart >= 0 && shape.SourceStart + (long)shape.SourceCount <= tokens.Length) return string.Join(' ', tokens.AsSpan(shape.SourceStart, shape.SourceCount)!);
        }

        lost.Add("text withheld");
        return $"<{ActionNames.Of(shape.Kind)}, up to {shape.Length} letters>";
    }

    private static void Add(List<PyCall> calls, RecordedAction action, ScreenSize screen, string instruction, ICollection<string> lost)
    {
        var pointer = action.Kind is ActionKind.Click or ActionKind.DoubleClick or ActionKind.TripleClick or ActionKind.Drag or ActionKind.Scroll;
        if (pointer)
        {
            foreach (var key in action.Keys) calls.Add(PyAutoGui("keyDown", new PyArgument(null, Text: KeyName(key))));
        }

        switch (action.Kind)
        {
            case ActionKind.Click or ActionKind.DoubleClick or ActionKind.TripleClick when action.At is { } at:
                AddClick(calls, action, at, screen, lost);
                break;
            case ActionKind.Drag when action is { At: { } from, To: { } to }:
                calls.Add(PyAutoGui("moveTo", Point(from, screen)));
                calls.Add(PyAutoGui("dragTo", [.. Point(to, screen), new PyArgument("button", Text: action.Button is PointerButton.Right ? "right" : action.Button is PointerButton.Middle ? "middle" : "left")]));
                if (action.Path.Count > 2) lost.Add("drag path");
                break;
            case ActionKind.Scroll when action.At is { } at:
                calls.Add(PyAutoGui("moveTo", Point(at, screen)));
                if (action.ScrollY != 0 || action.ScrollX == 0) calls.Add(PyAutoGui("scroll", new PyArgument(null, Number: -action.ScrollY)));
                if (action.ScrollX != 0) calls.Add(PyAutoGui("hscroll", new PyArgument(null, Number: action.ScrollX)));
                break;
            case ActionKind.Type:
                calls.Add(PyAutoGui("write", new PyArgument("message", Text: MessageOf(action, instruction, lost))));
                break;
            case ActionKind.Key when action.Keys.Count == 1:
                calls.Add(PyAutoGui("press", new PyArgument("keys", List: [.. Enumerable.Repeat(KeyName(action.Keys[0]), action.Count)])));
                break;
            case ActionKind.Key:
                for (var press = 0; press < action.Count; press++) calls.Add(PyAutoGui("hotkey", new PyArgument("keys", List: [.. action.Keys.Select(KeyName)])));
                break;
            case ActionKind.Select:
                foreach (var part in action.Parts) Add(calls, part, screen, instruction, lost);
                lost.Add("select as its clicks and keys");
                break;
            case ActionKind.Wait:
                calls.Add(new("computer", "wait", []));
                lost.Add("length of a wait");
                break;
            case ActionKind.Done:
                calls.Add(new("computer", "terminate", [new("status", Text: action.Status == ActionStatus.Failure ? "failure" : "success")]));
                if (action.Status == ActionStatus.Unknown) lost.Add("unknown outcome");
                break;
            case ActionKind.Click or ActionKind.DoubleClick or ActionKind.TripleClick or ActionKind.Drag or ActionKind.Scroll:
                lost.Add("cut short");
                break;
        }

        if (pointer)
        {
            foreach (var key in action.Keys.Reverse()) calls.Add(PyAutoGui("keyUp", new PyArgument(null, Text: KeyName(key))));
        }
    }

    private static void AddClick(List<PyCall> calls, RecordedAction action, ScreenPoint at, ScreenSize screen, ICollection<string> lost)
    {
        var point = Point(at, screen);
        if (action.Kind == ActionKind.Click)
        {
            if (action.Button is PointerButton.Back or PointerButton.Forward) lost.Add("back and forward buttons");
            calls.Add(PyAutoGui(action.Button switch { PointerButton.Right => "rightClick", PointerButton.Middle => "middleClick", _ => "click" }, point));
            return;
        }

        if (action.Button != PointerButton.Left) lost.Add("button of a double click");
        calls.Add(action.Kind == ActionKind.DoubleClick ? PyAutoGui("doubleClick", point) : new("computer", "tripleClick", point));
    }

    private static PyArgument[] Point(ScreenPoint point, ScreenSize screen) =>
        [new("x", Number: Fraction(point.X, screen.Width)), new("y", Number: Fraction(point.Y, screen.Height))];

    private static double Fraction(int pixel, int size) => Math.Round(Math.Clamp((double)pixel / Math.Max(1, size), 0, 1), 4);

    private static PyCall PyAutoGui(string name, params PyArgument[] arguments) => new("pyautogui", name, arguments);

    private static string KeyName(string key) => key switch { "control" => "ctrl", "super" => "win", "altgr" => "altright", "escape" => "esc", _ => key };
}
