using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Redaction;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Writes decided intervals, gaps and task marks into segments of about a minute, and keeps them on disk at most two seconds late.</summary>
/// <remarks>
/// <para>Gaps come out in order and never overlap; one that goes on ends with its segment and goes on in the next. While nothing is kept no segment is begun: the hole
/// waits in RAM, so that a long pause leaves no trail of empty segments. But every hole stands in the spool <see cref="FlushMs"/> after it began, by a first piece of it: a
/// recorder that dies leaves its reason behind. Pieces of one hole touch and bear one reason (<see cref="Gap.Join"/>).</para>
/// <para>Nothing here throws because of the disk: what it does not take waits (<see cref="DiskRefuses"/>), and the owner closes capture until <see cref="Retry"/> went through.</para>
/// <para>Not thread-safe: one pipeline thread owns it. <see cref="Totals"/> may be read by any.</para>
/// </remarks>
internal sealed class SessionTape : IDisposable
{
    /// <summary>A segment's length: long enough that its envelope is small beside it, short enough to review and discard singly.</summary>
    public const long SegmentMs = 60_000;

    /// <summary>The blueprint's flushing rule.</summary>
    public const long FlushMs = 2_000;

    /// <summary>Holes that may wait for a segment before one is begun for them alone.</summary>
    private const int MostWaitingGaps = 256;

    private readonly SpoolFolder _spool;
    private readonly SegmentOpening _session;
    private readonly IReadOnlySet<ContentClass> _classes;
    private readonly List<Gap> _waitingGaps = [];
    private readonly List<Gap> _writtenGaps = []; // into the segment being written
    private readonly List<TaskMark> _waitingMarks = [];
    private readonly List<(SpoolSegment Segment, SegmentHealth Health)> _ending = [];
    private SpoolSegment? _segment;
    private int _number;
    private long? _epoch;
    private SessionTime _segmentStart, _lastFlush, _gapsUntil;
    private bool _dirty, _snapshotStands, _frameStands;
    private ElementSnapshot? _lastSnapshot;
    private ScreenImage? _lastFrame;
    private Gap? _hole;
    private bool _holeStands; // a piece of it is in the spool
    private TaskMark? _task;
    private SegmentHealth _health = new(default, 0, 0, 0, 0, 0);

    public SessionTape(SpoolFolder spool, CaptureManifest manifest, SegmentOpening session)
    {
        (_spool, _session) = (spool, session);
        var kept = manifest.Rules.SelectMany(rule => rule.Classes).Select(rule => Enum.Parse<ContentClass>(rule.ToString())).ToHashSet();
        // Gaps and health live in input: a segment without it could not say what is missing from it.
        kept.Add(ContentClass.Input);
        _classes = kept;
    }

    public string SessionId => _session.SessionId;

    public TapeTotals Totals { get; private set; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>The disk did not take something; it waits in RAM.</summary>
    public bool DiskRefuses { get; private set; }

    /// <summary>The task going on, whose instruction typed text may have been copied from.</summary>
    public TaskMark? Task => _task is { Ended: false } ? _task : null;

    /// <summary>The lease changed its epoch: what follows belongs to another segment.</summary>
    public void EnterEpoch(long? epoch, SessionTime now)
    {
        if (epoch == _epoch) return;
        if (_segment is not null) Turn(now);
        _epoch = epoch;
    }

    /// <param name="interval">Redacted; this takes its frames over.</param>
    /// <param name="kept">Classes that the interval's rule names.</param>
    /// <param name="start">At or before every event of the interval.</param>
    public void Write(RedactedInterval interval, IReadOnlySet<Rules.DataClass> kept, SessionTime start, SessionTime end)
    {
        CloseHole(start);
        if (Ready(start) is not { } segment)
        {
            // No segment could be begun: it was never accepted.
            interval.Dispose();
            Withhold(start, end, GapReason.DiskFull, interval.Counts.InputsSeen);
            return;
        }
        var (elements, frames) = (kept.Contains(Rules.DataClass.Elements), kept.Contains(Rules.DataClass.Frames));
        WriteStanding(segment.Writer, start, elements, frames && interval.Frames.Count == 0);
        foreach (var input in interval.Inputs) segment.Writer.Write(input);
        if (kept.Contains(Rules.DataClass.Text))
            foreach (var text in interval.Texts) segment.Writer.Write(text);
        if (elements)
            foreach (var snapshot in interval.Elements) Write(segment.Writer, snapshot);
        WriteFrames(segment.Writer, frames ? interval.Frames : [], interval);
        foreach (var gap in interval.Gaps) Emit(gap);
        Count(interval.Counts.InputsSeen, interval.Counts.InputsKept, interval.Counts.InputsSeen - interval.Counts.InputsKept);
        _dirty = true;
        Heed(segment.Push());
    }

    /// <summary>Nothing of <paramref name="inputs"/> events was kept.</summary>
    public void Withhold(SessionTime start, SessionTime end, GapReason reason, int inputs)
    {
        Count(seen: inputs, withheld: inputs);
        if (_hole is { } hole && hole.Reason == reason)
        {
            if (end > hole.End) _hole = hole with { End = end };
            return;
        }
        CloseHole(start);
        // What stood before the hole need not stand behind it.
        ForgetStanding();
        if (start < _gapsUntil) start = _gapsUntil;
        (_hole, _holeStands) = (new(start, end > start ? end : start, reason), false);
    }

    /// <summary>The desktop dropped <paramref name="inputs"/> events; where, says the gap in the interval.</summary>
    public void CountLost(long inputs) => Count(seen: inputs, lost: inputs);

    /// <summary>Events that came while capture was closed and were let go.</summary>
    public void CountWithheld(int inputs) => Count(seen: inputs, withheld: inputs);

    /// <summary>Marks a task; its instruction must have been through the detectors.</summary>
    public void Mark(TaskMark mark)
    {
        _waitingMarks.Add(mark);
        if (Ready(mark.Time) is { } segment) WriteWaiting(segment);
        _task = mark;
    }

    /// <summary>Flushes and turns to a new segment where it is time to.</summary>
    public void Tick(SessionTime now)
    {
        if (_segment is not null && now - _segmentStart >= SegmentMs) Turn(now);
        var flush = StandHole(now);
        if (_segment is not null && _dirty && (flush || now - _lastFlush >= FlushMs))
        {
            _lastFlush = now;
            Heed(_segment.Flush());
            _dirty &= DiskRefuses;
        }
    }

    /// <summary>Tries again what the disk refused.</summary>
    /// <returns>True if it has taken everything.</returns>
    public bool Retry()
    {
        DiskRefuses = false;
        for (var index = _ending.Count - 1; index >= 0; index--)
        {
            var answer = _ending[index].Segment.Complete(_ending[index].Health);
            Heed(answer);
            if (answer == DiskAnswer.Refused) continue;
            if (answer == DiskAnswer.Broken) _ending[index].Segment.Dispose();
            _ending.RemoveAt(index);
        }
        if (_segment is not null) Heed(_segment.Flush());
        return !DiskRefuses;
    }

    /// <summary>Ends the segment; the next write begins another.</summary>
    /// <param name="whole">Also what waits without a segment (holes, counts) is brought onto the disk.</param>
    public void Turn(SessionTime now, bool whole = false)
    {
        if (_segment is null && (!whole || ((_hole is null || _hole.Start == _hole.End) && _waitingGaps.Count == 0 && _waitingMarks.Count == 0 && _health == new SegmentHealth(_health.Time, 0, 0, 0, 0, 0)))) return;
        if (Ready(now) is not { } segment) return;
        if (_hole is { } hole)
        {
            // It may go on; then it goes on in the next segment.
            var end = GoesOn(hole.Reason) && now > hole.End ? now : hole.End;
            Emit(hole with { End = end });
            // If we crash here the piece may not be on the disk; it stands only once this segment does, which Complete says below.
            (_hole, _holeStands) = GoesOn(hole.Reason) ? (new Gap(end, end, hole.Reason), true) : (null, false);
        }
        var health = _health with { Time = now };
        var answer = segment.Complete(health);
        if (answer == DiskAnswer.Refused) _ending.Add((segment, health));
        if (answer == DiskAnswer.Broken) segment.Dispose();
        Heed(answer);
        Totals = Totals with { Segments = Totals.Segments + 1 };
        (_segment, _dirty) = (null, false);
        (_snapshotStands, _frameStands) = (false, false);
        _health = new(now, 0, 0, 0, 0, 0);
    }

    /// <summary>When the segment being written began; null if none is.</summary>
    public SessionTime? SegmentStart => _segment is null ? null : _segmentStart;

    /// <summary>Removes what is being written; from <paramref name="from"/> to <paramref name="now"/> there is a hole.</summary>
    public void Forget(SessionTime from, SessionTime now, int inputs)
    {
        if (_segment is not null && _segmentStart < from) from = _segmentStart;
        _segment?.Abandon();
        (_segment, _dirty) = (null, false);
        foreach (var (segment, _) in _ending) segment.Abandon();
        _ending.Clear();
        var before = _hole is { } hole && hole.Start < from ? hole with { End = hole.End < from ? hole.End : from } : null;
        _waitingGaps.RemoveAll(gap => gap.End > from);
        // The segment goes, and with it what it said about the time before.
        _waitingGaps.InsertRange(0, _writtenGaps.Where(gap => gap.Start < from).Select(gap => gap with { End = gap.End < from ? gap.End : from }));
        _writtenGaps.Clear();
        if (before is not null) _waitingGaps.Add(before);
        _hole = null;
        ForgetStanding();
        Totals = Totals with { Kept = Totals.Kept - _health.Kept, Withheld = Totals.Withheld + _health.Kept, Frames = Totals.Frames - _health.Frames };
        _health = _health with { Kept = 0, Withheld = _health.Withheld + _health.Kept, Frames = 0 };
        _gapsUntil = _waitingGaps.Count > 0 ? _waitingGaps[^1].End : default;
        Withhold(from, now, GapReason.Forgotten, inputs);
    }

    public void Dispose()
    {
        _segment?.Dispose();
        foreach (var (segment, _) in _ending) segment.Dispose();
        _lastFrame?.Dispose();
    }

    /// <summary>Nobody knows where such a hole ends until something else begins.</summary>
    private static bool GoesOn(GapReason reason) =>
        reason is GapReason.NotAllowed or GapReason.Blocked or GapReason.ContextUnknown or GapReason.AccountUnknown or GapReason.QuotaMet or GapReason.Paused or GapReason.IndicatorHidden
            or GapReason.LeaseLost or GapReason.AccessibilityLost or GapReason.DiskFull;

    /// <summary>The gate's own reasons last until a context is allowed again; a closure ends when its owner says so.</summary>
    private static bool LastsUntilKept(GapReason reason) => reason is GapReason.NotAllowed or GapReason.Blocked or GapReason.ContextUnknown or GapReason.AccountUnknown or GapReason.QuotaMet;

    private SpoolSegment? Ready(SessionTime time)
    {
        if (_segment is not null) return _segment;
        try
        {
            _segment = new(_spool, SpoolFolder.NewId(), _classes, _session with { Number = _number }, _epoch);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            DiskRefuses = true;
            return null;
        }
        _number++;
        _writtenGaps.Clear();
        (_segmentStart, _lastFlush, _dirty) = (time, time, true);
        // Every segment stands alone: the task that goes on is told again, with the time it began at.
        if (Task is { } task && !_waitingMarks.Contains(task) && _segment.Keeps(ContentClass.Text)) _segment.Writer.Write(task);
        WriteWaiting(_segment);
        return _segment;
    }

    private void WriteWaiting(SpoolSegment segment)
    {
        foreach (var gap in _waitingGaps) segment.Writer.Write(gap);
        _writtenGaps.AddRange(_waitingGaps);
        foreach (var mark in _waitingMarks)
            if (segment.Keeps(ContentClass.Text)) segment.Writer.Write(mark);
        _dirty |= _waitingGaps.Count + _waitingMarks.Count > 0;
        _waitingGaps.Clear();
        _waitingMarks.Clear();
    }

    /// <summary>The screen and its elements as they were when the segment began, if nothing came in between.</summary>
    private void WriteStanding(Recording.Segments.SegmentWriter writer, SessionTime time, bool elements, bool frames)
    {
        if (elements && !_snapshotStands && _lastSnapshot is { } snapshot)
        {
            writer.Write(snapshot with { Time = time });
            _snapshotStands = true;
        }
        if (!frames || _frameStands || _lastFrame is null) return;
        writer.Write(time, _lastFrame);
        _frameStands = true;
    }

    private void Write(Recording.Segments.SegmentWriter writer, ElementSnapshot snapshot)
    {
        if (_snapshotStands && _lastSnapshot is { } last && last.FocusedId == snapshot.FocusedId && last.Context == snapshot.Context && last.Elements.SequenceEqual(snapshot.Elements)) return;
        writer.Write(snapshot);
        (_lastSnapshot, _snapshotStands) = (snapshot, true);
    }

    /// <summary>The last image is kept for the next segment's beginning, the others are let go.</summary>
    private void WriteFrames(Recording.Segments.SegmentWriter writer, IReadOnlyList<RedactedFrame> frames, RedactedInterval owner)
    {
        if (frames.Count == 0)
        {
            owner.Dispose();
            return;
        }
        foreach (var frame in frames) writer.Write(frame.Time, frame.Image);
        foreach (var frame in frames.SkipLast(1)) frame.Image.Dispose();
        _lastFrame?.Dispose();
        (_lastFrame, _frameStands) = (frames[^1].Image, true);
        Count(frames: frames.Count);
    }

    private void ForgetStanding()
    {
        _lastFrame?.Dispose();
        (_lastFrame, _lastSnapshot, _snapshotStands, _frameStands) = (null, null, false, false);
    }

    /// <summary>Brings what nobody would know of after a crash into a segment, begun for it if need be.</summary>
    /// <returns>True if it must be flushed now.</returns>
    private bool StandHole(SessionTime now)
    {
        if (DiskRefuses) return false;
        if (_hole is { } over && _holeStands && !LastsUntilKept(over.Reason) && now - over.End >= FlushMs)
        {
            // What closed capture is over, and nothing has been kept since.
            if (over.End > over.Start) CloseHole(over.End);
            else _hole = null;
        }
        else if (_hole is { } hole && !_holeStands && now - hole.Start >= FlushMs && Ready(now) is not null)
        {
            Emit(hole);
            (_hole, _holeStands) = GoesOn(hole.Reason) ? (new Gap(hole.End, hole.End, hole.Reason), true) : (null, false);
            return true;
        }
        return _segment is null && _waitingGaps.Count > 0 && Ready(now) is not null;
    }

    private void CloseHole(SessionTime next)
    {
        if (_hole is not { } hole) return;
        _hole = null;
        Emit(LastsUntilKept(hole.Reason) && next > hole.End ? hole with { End = next } : hole);
    }

    private void Emit(Gap gap)
    {
        var start = gap.Start > _gapsUntil ? gap.Start : _gapsUntil;
        gap = gap with { Start = start, End = gap.End > start ? gap.End : start };
        _gapsUntil = gap.End;
        if (_segment is not null)
        {
            _segment.Writer.Write(gap);
            _writtenGaps.Add(gap);
            _dirty = true;
            return;
        }
        _waitingGaps.Add(gap);
        if (_waitingGaps.Count > MostWaitingGaps) Ready(start);
    }

    private void Heed(DiskAnswer answer)
    {
        if (answer == DiskAnswer.Durable) return;
        DiskRefuses = true;
        if (answer != DiskAnswer.Broken || _segment is null) return;
        // What the disk holds of it is found out by recovery; until then there is a hole here.
        _segment.Dispose();
        (_segment, _dirty) = (null, false);
        ForgetStanding();
    }

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
}

/// <summary>Counts of a session so far, for status.</summary>
public sealed record TapeTotals(int Segments, long Seen, long Kept, long Withheld, long Lost, long Frames);
