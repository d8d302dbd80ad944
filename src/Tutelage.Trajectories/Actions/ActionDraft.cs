namespace Tutelage.Trajectories;

/// <summary>An action while it grows. It stands in the reducer's queue from its first event on, so that actions come out in that order.</summary>
internal sealed class ActionDraft(ActionKind kind, SessionTime start, int elementsIndex, int frameIndex)
{
    public ActionDraft(ActionKind kind, SessionTime start, Scene scene)
        : this(kind, start, scene.ElementsIndex, scene.FrameIndex)
    {
    }

    public ActionKind Kind { get; set; } = kind;
    public SessionTime Start { get; } = start;
    public SessionTime End { get; set; } = start;
    public EventSpans Events { get; } = new();
    public EventSpans Trace { get; } = new();
    public PointerButton? Button { get; init; }
    public KeyModifiers Modifiers { get; init; }
    public int Count { get; set; } = 1;
    public ScreenPoint? At { get; init; }
    public ScreenPoint? To { get; set; }
    public List<ScreenPoint>? Path { get; set; }
    public int ScrollX { get; set; }
    public int ScrollY { get; set; }
    public string? Text { get; set; }
    public bool Surrogate { get; set; }
    public TextShape? Shape { get; set; }
    public bool Corrected { get; set; }
    public IReadOnlyList<string> Keys { get; init; } = [];
    public string? Option { get; set; }
    public ActionTarget? Target { get; set; }
    public ActionStatus Status { get; set; }
    public int ElementsIndex { get; } = elementsIndex;
    public int FrameIndex { get; } = frameIndex;
    public SessionTime LastPress { get; set; } = start;
    public List<ActionDraft> Parts { get; } = [];

    /// <summary>The fourth of clicks in quick succession, or a later one: nobody counts beyond three.</summary>
    public bool BeyondThree { get; init; }

    /// <summary>It can grow no more.</summary>
    public bool Closed { get; set; }

    /// <summary>It left the queue: what comes later can only be a rest.</summary>
    public bool Emitted { get; set; }

    /// <summary>A <see cref="SelectAttempt"/> may still make it part of a select.</summary>
    public bool Held { get; set; }

    /// <summary>The select that this became a part of.</summary>
    public ActionDraft? FoldedInto { get; private set; }

    /// <summary>What later events of this draft belong to.</summary>
    public ActionDraft Final => FoldedInto ?? this;

    /// <summary>An empty select that begins where this did.</summary>
    public ActionDraft ToSelect(ActionTarget? target, string? option) => new(ActionKind.Select, Start, ElementsIndex, FrameIndex)
    {
        Button = Button, At = At, Target = target ?? Target, Option = option, Closed = true, End = End,
    };

    public void Fold(ActionDraft part)
    {
        part.FoldedInto = this;
        (Parts.Count == 0 ? Trace : Events).CopyAll(part.Trace);
        Events.CopyAll(part.Events);
        if (part.End > End) End = part.End;
        Parts.Add(part);
    }

    public RecordedAction ToAction(int index) => new(index, Kind, Start, End, Events.First, Events.Last)
    {
        Button = Button,
        Count = Count,
        At = At,
        To = To,
        Path = Kind == ActionKind.Drag && Path is not null ? Path : [],
        ScrollX = ScrollX,
        ScrollY = ScrollY,
        Text = Text,
        Surrogate = Surrogate,
        Shape = Shape,
        Corrected = Corrected,
        Keys = Keys,
        Option = Option,
        Target = Target,
        Status = Status,
        ElementsIndex = ElementsIndex,
        FrameIndex = FrameIndex,
        Trace = Trace.Whole,
        Parts = [.. Parts.Select((part, number) => part.ToAction(number))],
    };
}
