namespace Tutelage.Trajectories;

/// <summary>One action of a person, with the raw events it stands for. What does not apply to its kind is null, empty or -1.</summary>
/// <param name="Index">Counts the session's actions from 0, in the order in which they began.</param>
/// <param name="FirstEvent">First of its raw events (<see cref="SessionTimeline.Input"/>), -1 for <see cref="ActionKind.Wait"/> and <see cref="ActionKind.Done"/>.</param>
/// <param name="LastEvent">Last of its raw events. Events between may belong to others: a pointer moved while typing, a modifier was held from before.</param>
public sealed record RecordedAction(int Index, ActionKind Kind, SessionTime Start, SessionTime End, int FirstEvent, int LastEvent)
{
    public PointerButton? Button { get; init; }

    /// <summary>How often a key was pressed; notches of a scroll are in <see cref="ScrollX"/> and <see cref="ScrollY"/>.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Where the button went down, where the wheel turned.</summary>
    public ScreenPoint? At { get; init; }

    /// <summary>Where a drag ended.</summary>
    public ScreenPoint? To { get; init; }

    /// <summary>Points of a drag between press and release, both included.</summary>
    public IReadOnlyList<ScreenPoint> Path { get; init; } = [];

    /// <summary>Sum of notches; positive is right.</summary>
    public int ScrollX { get; init; }

    /// <summary>Sum of notches; positive is down.</summary>
    public int ScrollY { get; init; }

    /// <summary>What the typing left behind, null where only its shape may stand.</summary>
    public string? Text { get; init; }

    /// <summary>The text is a consistent stand-in.</summary>
    public bool Surrogate { get; init; }

    /// <summary>Shape of what was typed; null for other kinds.</summary>
    public TextShape? Shape { get; init; }

    /// <summary>The typing held corrections.</summary>
    public bool Corrected { get; init; }

    /// <summary>Modifiers in the order control, alt, shift, super, altgr, then the key; for pointer actions the modifiers held.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>What was chosen, null if it is not known or was content.</summary>
    public string? Option { get; init; }

    /// <summary>The element acted on, null if none was observed there.</summary>
    public ActionTarget? Target { get; init; }

    public ActionStatus Status { get; init; }

    /// <summary>The state before the action: index into <see cref="SessionTimeline.Elements"/>, -1 if none was observed.</summary>
    public int ElementsIndex { get; init; } = -1;

    /// <summary>The state before the action: index into <see cref="SessionTimeline.Frames"/>, -1 if there was none.</summary>
    public int FrameIndex { get; init; } = -1;

    /// <summary>Pointer moves that led to a pointer action, null if there were none.</summary>
    public EventRange? Trace { get; init; }

    /// <summary>The clicks and keys that a <see cref="ActionKind.Select"/> is made of, numbered from 0; empty for other kinds.</summary>
    public IReadOnlyList<RecordedAction> Parts { get; init; } = [];
}

/// <summary>First and last index of raw events, both included.</summary>
public readonly record struct EventRange(int First, int Last);

/// <summary>The element acted on, as it was before the action.</summary>
/// <param name="Id">The element's id within the session.</param>
public sealed record ActionTarget(int Id, string Role, string? Name, TextShape? NameShape, string? Hint, ScreenRect Bounds);
