using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;

namespace Tutelage.Trajectories;

/// <summary>Collects the records of each class in their own order and settles the order between classes.</summary>
/// <remarks>
/// Within a class the order of adding stands. Between classes only times can tell, and at equal (quantised) times input comes first, then what it
/// may have caused. A run of typing is stored when it ends but bears the time of its beginning; moves written before it may be later, and a
/// record stands behind every event that is not later than it.
/// </remarks>
public sealed class TimelineAssembly(string sessionId, ScreenSize screen)
{
    private readonly List<InputEvent> _input = [];
    private readonly List<TypedText> _texts = [];
    private readonly List<TaskMark> _tasks = [];
    private readonly List<ElementSnapshot> _elements = [];
    private readonly List<Gap> _gaps = [];
    private readonly List<SessionTime> _frames = [];
    private readonly List<Func<IEnumerable<(SessionTime Time, ScreenImage Image)>>> _frameSources = [];
    private readonly List<SegmentOpening> _segments = [];

    public void Add(InputEvent input) => _input.Add(input);

    public void Add(TypedText text) => _texts.Add(text);

    /// <summary>A task that goes on is told again at the beginning of each segment; that is no second beginning.</summary>
    public void Add(TaskMark mark)
    {
        if (mark.Ended || _tasks.LastOrDefault() != mark) _tasks.Add(mark);
    }

    public void Add(ElementSnapshot snapshot) => _elements.Add(snapshot);

    public void Add(Gap gap) => _gaps.Add(gap);

    /// <summary>What the next segment says of itself, for those who add its records one by one.</summary>
    public void Add(SegmentOpening opening) => _segments.Add(opening);

    /// <summary>Frames by time; <paramref name="open"/> is called at each reading and yields one image for each time.</summary>
    public void AddFrames(IReadOnlyList<SessionTime> times, Func<IEnumerable<(SessionTime Time, ScreenImage Image)>> open)
    {
        _frames.AddRange(times);
        _frameSources.Add(open);
    }

    /// <summary>The next segment of the session. Its frames are read once now for their times, and again at each reading of the timeline.</summary>
    public void Add(SegmentReader segment)
    {
        _segments.Add(segment.Opening);
        _input.AddRange(segment.Input);
        _texts.AddRange(segment.Texts);
        foreach (var mark in segment.Tasks) Add(mark);
        _elements.AddRange(segment.Elements);
        _gaps.AddRange(segment.Gaps);
        var times = new List<SessionTime>();
        foreach (var (time, image) in segment.Frames)
        {
            image.Dispose();
            times.Add(time);
        }

        AddFrames(times, () => segment.Frames);
    }

    /// <summary>The consecutive segments of one session, in any order.</summary>
    /// <exception cref="ArgumentException">There is none, they are of several sessions, or two have the same number.</exception>
    public static SessionTimeline FromSegments(IEnumerable<SegmentReader> segments)
    {
        var ordered = segments.OrderBy(segment => segment.Opening.Number).ToList();
        if (ordered.Count == 0) throw new ArgumentException("a session needs at least one segment", nameof(segments));
        var opening = ordered[0].Opening;
        var assembly = new TimelineAssembly(opening.SessionId, opening.Screen);
        for (var at = 0; at < ordered.Count; at++)
        {
            if (ordered[at].Opening.SessionId != opening.SessionId) throw new ArgumentException("the segments are of several sessions; group them by session first", nameof(segments));
            if (at > 0 && ordered[at].Opening.Number == ordered[at - 1].Opening.Number) throw new ArgumentException($"segment {ordered[at].Opening.Number} is there twice", nameof(segments));
            assembly.Add(ordered[at]);
        }

        return assembly.ByTime();
    }

    public SessionTimeline ByTime()
    {
        var effective = new long[_input.Count];
        var earliest = long.MaxValue;
        for (var index = _input.Count - 1; index >= 0; index--) effective[index] = earliest = Math.Min(earliest, _input[index].Time.Milliseconds);

        int Behind(SessionTime time)
        {
            int low = 0, high = effective.Length;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (effective[middle] <= time.Milliseconds) low = middle + 1;
                else high = middle;
            }

            return low;
        }

        var runs = new Dictionary<int, int>();
        for (var index = 0; index < _input.Count; index++)
        {
            if (_input[index] is TypedRun run) runs[run.Run] = index;
        }

        List<Placed<T>> Place<T>(IEnumerable<T> records, Func<T, SessionTime> time)
        {
            var placed = records.Select(record => new Placed<T>(Behind(time(record)), record)).ToList();
            for (var at = 1; at < placed.Count; at++)
            {
                if (placed[at].Position < placed[at - 1].Position) placed[at] = placed[at] with { Position = placed[at - 1].Position };
            }

            return placed;
        }

        return Build(
            [.. _texts.Where(text => runs.ContainsKey(text.Run)).Select(text => new Placed<TypedText>(runs[text.Run], text)).OrderBy(text => text.Position)],
            Place(_tasks, mark => mark.Time), Place(_elements, snapshot => snapshot.Time), Place(_gaps, gap => gap.Start), Place(_frames, time => time));
    }

    /// <summary>As placed by an importer that knows the order.</summary>
    internal SessionTimeline InOrder(IReadOnlyList<Placed<TypedText>> texts, IReadOnlyList<Placed<TaskMark>> tasks, IReadOnlyList<Placed<ElementSnapshot>> elements) =>
        Build(texts, tasks, elements, [], []);

    private SessionTimeline Build(
        IReadOnlyList<Placed<TypedText>> texts, IReadOnlyList<Placed<TaskMark>> tasks, IReadOnlyList<Placed<ElementSnapshot>> elements,
        IReadOnlyList<Placed<Gap>> gaps, IReadOnlyList<Placed<SessionTime>> frames)
    {
        var references = frames.Select((frame, index) => new Placed<FrameReference>(frame.Position, new(frame.Record, index))).ToList();
        var times = _input.Select(input => input.Time).Concat(elements.Select(placed => placed.Record.Time)).Concat(tasks.Select(placed => placed.Record.Time))
            .Concat(gaps.Select(placed => placed.Record.End)).Concat(frames.Select(placed => placed.Record)).ToList();
        return new(sessionId, screen, _input, texts, tasks, elements, gaps, references, () => _frameSources.SelectMany(open => open()), _segments)
        {
            Span = times.Count == 0 ? default : (times.Min(), times.Max()),
        };
    }
}
