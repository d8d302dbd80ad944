using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Trajectories;

namespace Tutelage.Jobs.Building;

/// <summary>A session's segments in RAM (the caller's, in the order of their numbers), redacted once more and joined to one timeline.</summary>
internal sealed class OpenedSession(IReadOnlyList<OpenedSegment> segments)
{
    public SessionTimeline Timeline(SecondPass pass)
    {
        foreach (var segment in segments)
        {
            foreach (var typed in segment.Reader.Texts) pass.Learn(typed);
            foreach (var mark in segment.Reader.Tasks) pass.Learn(mark);
            foreach (var snapshot in segment.Reader.Elements) pass.Learn(snapshot);
        }
        var opening = segments[0].Reader.Opening;
        var assembly = new TimelineAssembly(opening.SessionId, opening.Screen);
        var (last, lastNumber) = (default(SessionTime), opening.Number - 1);
        foreach (var segment in segments)
        {
            var (start, end) = SpanOf(segment);
            // A segment that is not there leaves a hole; without a gap, work before and after it would look like one piece.
            if (segment.Reader.Opening.Number > lastNumber + 1) assembly.Add(new Gap(last, start > last ? start : last, GapReason.EventsLost));
            Add(segment, assembly, pass);
            (last, lastNumber) = (end > last ? end : last, segment.Reader.Opening.Number);
        }
        return assembly.ByTime();
    }

    private static void Add(OpenedSegment segment, TimelineAssembly assembly, SecondPass pass)
    {
        var reader = segment.Reader;
        assembly.Add(reader.Opening);
        foreach (var input in reader.Input) assembly.Add(input);
        foreach (var typed in reader.Texts)
        {
            if (pass.Clean(typed) is { } kept) assembly.Add(kept);
        }
        foreach (var mark in reader.Tasks) assembly.Add(pass.Clean(mark));
        foreach (var gap in reader.Gaps) assembly.Add(gap);
        var fills = new PixelFills();
        for (var at = 0; at < reader.Elements.Count; at++)
        {
            var removed = new List<ScreenRect>();
            var snapshot = pass.Clean(reader.Elements[at], removed);
            var until = at + 1 < reader.Elements.Count ? reader.Elements[at + 1].Time : new SessionTime(long.MaxValue / 2);
            foreach (var bounds in removed) fills.Add(snapshot.Time, until, bounds);
            assembly.Add(snapshot);
        }
        if (segment.FrameTimes.Count > 0) assembly.AddFrames(segment.FrameTimes, () => fills.Apply(reader.Frames));
    }

    private static (SessionTime Start, SessionTime End) SpanOf(OpenedSegment segment)
    {
        var times = segment.Reader.Input.Select(input => input.Time).Concat(segment.Reader.Elements.Select(snapshot => snapshot.Time)).Concat(segment.FrameTimes)
            .Concat(segment.Reader.Gaps.Select(gap => gap.End)).DefaultIfEmpty(segment.Reader.Health?.Time ?? default).ToList();
        return (times.Min(), times.Max());
    }
}
