using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Redaction;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Writes decided intervals, gaps and task marks into segments of about a minute, and keeps them on disk at most two seconds late.</summary>
/// <remarks>Not thread-safe: one pipeline thread owns it.</remarks>
internal sealed class SessionTape : IDisposable
{
    /// <summary>A segment's length: long enough that its envelope is small beside it, short enough to review and discard singly.</summary>
    public const long SegmentMs = 60_000;

    /// <summary>The blueprint's flushing rule.</summary>
    public const long FlushMs = 2_000;

    private readonly SpoolFolder _spool;
    private readonly CaptureManifest _manifest;
    private readonly SegmentOpening _session;
    private readonly IReadOnlySet<ContentClass> _classes;
    private SpoolSegment? _segment;
    private SessionTime _segmentStart;
    private SessionTime _lastFlush;
    private SessionTime _lastTime;
    private ScreenImage? _lastFrame;
    private Gap? _openGap;
    private TaskMark? _task;
    private SegmentHealth _health = new(default, 0, 0, 0, 0, 0);

    public SessionTape(SpoolFolder spool, CaptureManifest manifest, SegmentOpening session)
    {
        (_spool, _manifest, _session) = (spool, manifest, session);
        var kept = manifest.Rules.SelectMany(rule => rule.Classes).Select(rule => Enum.Parse<ContentClass>(rule.ToString())).ToHashSet();
        // Gaps and health live in input: a segment without it could not say what is missing from it.
        kept.Add(ContentClass.Input);
        _classes = kept;
    }

    public string SessionId => _session.SessionId;

    public TapeTotals Totals { get; private set; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>The task going on, whose instruction typed text may have been copied from.</summary>
    public TaskMark? Task => _task is { Ended: false } ? _task : null;

    /// <param name="interval">Redacted; this takes its frames over.</param>
    /// <param name="kept">Classes that the interval's rule names.</param>
    public void Write(RedactedInterval interval, IReadOnlySet<Rules.DataClass> kept, SessionTime end)
    {
        using (interval)
        {
            var writer = Ready(end).Writer;
            if (interval.Withheld is null) CloseGap(FirstTime(interval) ?? end);
            foreach (var input in interval.Inputs) writer.Write(input);
            foreach (var text in interval.Texts)
                if (kept.Contains(Rules.DataClass.Text)) writer.Write(text);
            foreach (var snapshot in interval.Elements)
                if (kept.Contains(Rules.DataClass.Elements)) writer.Write(snapshot);
            foreach (var frame in interval.Frames)
            {
                if (!kept.Contains(Rules.DataClass.Frames)) break;
                writer.Write(frame.Time, frame.Image);
                Count(frames: 1);
                _lastFrame?.Dispose();
                _lastFrame = frame.Image.Copy(frame.Image.Size.Bounds);
            }
            foreach (var gap in interval.Gaps) Hole(gap);
            Count(seen: interval.Counts.InputsSeen, kept: interval.Counts.InputsKept, withheld: interval.Counts.InputsSeen - interval.Counts.InputsKept);
            Advance(end);
        }
    }

    /// <summary>Nothing of <paramref name="inputs"/> events was kept.</summary>
    public void Withhold(SessionTime start, SessionTime end, GapReason reason, int inputs)
    {
        Ready(end);
        Hole(new(start, end, reason));
        Count(seen: inputs, withheld: inputs);
        Advance(end);
    }

    public void Lose(SessionTime time, long inputs)
    {
        Ready(time);
        Count(seen: inputs, lost: inputs);
        Hole(new(time, time, GapReason.EventsLost));
    }

    /// <summary>Marks a task; its instruction must have been through the detectors.</summary>
    public void Mark(TaskMark mark)
    {
        var segment = Ready(mark.Time);
        if (segment.Keeps(ContentClass.Text)) segment.Writer.Write(mark);
        _task = mark;
        Advance(mark.Time);
    }

    /// <summary>Flushes and turns to a new segment where it is time to.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Tick(SessionTime now)
    {
        if (_segment is null) return;
        if (now - _segmentStart >= SegmentMs) Turn(now);
        else if (now - _lastFlush >= FlushMs)
        {
            _segment.Flush();
            _lastFlush = now;
        }
    }

    /// <summary>Ends the segment; the next write begins another.</summary>
    public void Turn(SessionTime now)
    {
        if (_segment is null) return;
        if (_openGap is { } gap) _segment.Writer.Write(gap with { End = gap.End > now ? gap.End : now });
        _segment.Complete(_health with { Time = now });
        Totals = Totals with { Segments = Totals.Segments + 1 };
        _segment = null;
        _openGap = _openGap is null ? null : new(now, now, _openGap.Reason);
        _health = new(now, 0, 0, 0, 0, 0);
    }

    /// <summary>Removes the segment being written; what it held is gone.</summary>
    public void Abandon()
    {
        _segment?.Abandon();
        (_segment, _openGap) = (null, null);
        _lastFrame?.Dispose();
        _lastFrame = null;
    }

    public void Dispose()
    {
        _segment?.Dispose();
        _lastFrame?.Dispose();
    }

    private SpoolSegment Ready(SessionTime time)
    {
        if (_segment is not null) return _segment;
        _segment = new(_spool, SpoolFolder.NewId(), _classes, _session with { Number = Totals.Segments });
        (_segmentStart, _lastFlush) = (time, time);
        if (Task is { } task && _segment.Keeps(ContentClass.Text)) _segment.Writer.Write(task);
        // Every segment stands alone: the screen as it was when it began.
        if (_lastFrame is not null && _segment.Keeps(ContentClass.Frames)) _segment.Writer.Write(time, _lastFrame);
        return _segment;
    }

    private void Hole(Gap gap)
    {
        if (_openGap is not null && (_openGap.Reason != gap.Reason || gap.Start - _openGap.End > _manifest.QuantumMs * 4)) CloseGap(_openGap.End);
        _openGap = _openGap is null ? gap : _openGap with { End = gap.End > _openGap.End ? gap.End : _openGap.End };
    }

    private void CloseGap(SessionTime next)
    {
        if (_openGap is not { } gap) return;
        _segment!.Writer.Write(gap.End > next ? gap with { End = next < gap.Start ? gap.Start : next } : gap);
        _openGap = null;
    }

    private void Advance(SessionTime time) => _lastTime = time > _lastTime ? time : _lastTime;

    private void Count(long seen = 0, long kept = 0, long withheld = 0, long lost = 0, long frames = 0)
    {
        _health = _health with
        {
            Seen = _health.Seen + seen, Kept = _health.Kept + kept, Withheld = _health.Withheld + withheld, Lost = _health.Lost + lost, Frames = _health.Frames + frames,
        };
        Totals = Totals with
        {
            Seen = Totals.Seen + seen, Kept = Totals.Kept + kept, Withheld = Totals.Withheld + withheld, Lost = Totals.Lost + lost, Frames = Totals.Frames + frames,
        };
    }

    private static SessionTime? FirstTime(RedactedInterval interval)
    {
        SessionTime? first = null;
        foreach (var time in new[] { interval.Inputs.FirstOrDefault()?.Time, interval.Elements.FirstOrDefault()?.Time, interval.Frames.FirstOrDefault()?.Time })
            if (time is { } at && (first is null || at < first)) first = at;
        return first;
    }
}

/// <summary>Counts of a session so far, for status.</summary>
public sealed record TapeTotals(int Segments, long Seen, long Kept, long Withheld, long Lost, long Frames);
