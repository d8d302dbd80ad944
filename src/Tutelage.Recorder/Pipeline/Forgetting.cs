using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Segments;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Finds the held segments that reach into what a person wants forgotten, of this session and of those before it.</summary>
internal static class Forgetting
{
    /// <summary>A session's beginning is stored to the minute only, and a segment lasts one: segments of other sessions are judged this much too strictly.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    /// <param name="cutoff">Session time from which on nothing may be left.</param>
    /// <param name="cutoffUtc">The same moment.</param>
    /// <returns>Ids, and the earliest moment of this session in any of them.</returns>
    public static (IReadOnlyList<string> Ids, SessionTime? Start) Find(SpoolFolder spool, string sessionId, SessionTime cutoff, DateTimeOffset cutoffUtc)
    {
        var ids = new List<string>();
        SessionTime? start = null;
        foreach (var id in spool.Held())
        {
            if (spool.HeldSince(id) < cutoffUtc.UtcDateTime - Slack) continue;
            try
            {
                using var opened = spool.Open(id);
                var reader = SegmentReader.Open(new Dictionary<ContentClass, Stream> { [ContentClass.Input] = opened.Files[ContentClass.Input] });
                var end = reader.Health?.Time.Milliseconds ?? long.MaxValue;
                if (reader.Opening.SessionId != sessionId)
                {
                    if (reader.Opening.StartedUtc.AddMilliseconds(Math.Min(end, uint.MaxValue)) + Slack >= cutoffUtc) ids.Add(id);
                    continue;
                }
                if (end < cutoff.Milliseconds) continue;
                ids.Add(id);
                foreach (var time in reader.Input.Select(input => input.Time).Concat(reader.Gaps.Select(gap => gap.Start)))
                    if (start is null || time < start) start = time;
            }
            catch (Exception damaged) when (damaged is DayKeyMissingException or KeyNotFoundException or SegmentDamagedException || SegmentDamagedException.Explains(damaged))
            {
                // When it was finished is all that can be known of it, and that was lately.
                ids.Add(id);
            }
        }
        return (ids, start);
    }
}
