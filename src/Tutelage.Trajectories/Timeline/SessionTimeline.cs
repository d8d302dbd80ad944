using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;

namespace Tutelage.Trajectories;

/// <summary>One session's stored records in the order in which they happened.</summary>
/// <remarks>
/// Order, not time, is the truth here: stored times are rounded down to the manifest's quantum. What a recording's classes cannot tell (whether
/// a snapshot of the same quantum came before or after an event) is settled by <see cref="TimelineAssembly"/>: input comes first, because a
/// person needs longer than a quantum to answer to what changed. Immutable; frames are read anew at each <see cref="ReadFrames"/>.
/// </remarks>
public sealed class SessionTimeline
{
    private readonly Func<IEnumerable<(SessionTime Time, ScreenImage Image)>> _openFrames;

    internal SessionTimeline(
        string sessionId, ScreenSize screen, IReadOnlyList<InputEvent> input, IReadOnlyList<Placed<TypedText>> texts, IReadOnlyList<Placed<TaskMark>> tasks,
        IReadOnlyList<Placed<ElementSnapshot>> elements, IReadOnlyList<Placed<Gap>> gaps, IReadOnlyList<Placed<FrameReference>> frames,
        Func<IEnumerable<(SessionTime, ScreenImage)>> openFrames, IReadOnlyList<SegmentOpening> segments)
    {
        (SessionId, Screen, Input, Texts, Tasks, Elements, Gaps, Frames) = (sessionId, screen, input, texts, tasks, elements, gaps, frames);
        (_openFrames, Segments) = (openFrames, segments);
    }

    public string SessionId { get; }

    public ScreenSize Screen { get; }

    /// <summary>What each segment said of itself; empty for an import.</summary>
    public IReadOnlyList<SegmentOpening> Segments { get; }

    /// <summary>The raw events; an action names them by their index here.</summary>
    public IReadOnlyList<InputEvent> Input { get; }

    public IReadOnlyList<Placed<TypedText>> Texts { get; }
    public IReadOnlyList<Placed<TaskMark>> Tasks { get; }
    public IReadOnlyList<Placed<ElementSnapshot>> Elements { get; }
    public IReadOnlyList<Placed<Gap>> Gaps { get; }
    public IReadOnlyList<Placed<FrameReference>> Frames { get; }

    /// <summary>First and last time of anything recorded; both the beginning of the session if nothing was.</summary>
    public (SessionTime Start, SessionTime End) Span { get; internal init; }

    /// <summary>Every frame in order, decoded as it is reached. The caller disposes each image.</summary>
    public IEnumerable<(FrameReference Frame, ScreenImage Image)> ReadFrames()
    {
        var index = 0;
        foreach (var (time, image) in _openFrames()) yield return (new(time, index++), image);
    }

    /// <summary>Calls <paramref name="reader"/> for every record in order, then <see cref="ITimelineReader.OnEnd"/>.</summary>
    public void Replay(ITimelineReader reader) => TimelineReplay.Run(this, reader);
}
