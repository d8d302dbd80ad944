using Tutelage.Jobs.Inputs;
using Tutelage.Jobs.Memory;
using Tutelage.Jobs.Protocol;
using Tutelage.Recording;
using Tutelage.Recording.Segments;

namespace Tutelage.Jobs.Building;

/// <summary>One person's sessions, and which objects hold their segments: the header outside the seal does not tell.</summary>
internal sealed record IndexedSession(string SessionId, IReadOnlyList<IndexedSegment> Segments);

internal sealed record IndexedSegment(int Number, WorkInput Input);

/// <summary>Opens the input class of every segment once, for its opening record only; the plaintext is gone again before the next one.</summary>
internal sealed class SessionIndex(InputOpener opener, MemoryBudget budget, Action<long> onOpened)
{
    /// <summary>Sessions in the order of their ids, segments in the order of their numbers. Refused segments are told and left out.</summary>
    public IReadOnlyList<IndexedSession> Of(IEnumerable<WorkInput> inputs)
    {
        var segments = new Dictionary<(string Session, int Number), IndexedSegment>();
        foreach (var input in inputs)
        {
            if (Read(input) is not { } opening) continue;
            if (!segments.TryAdd((opening.SessionId, opening.Number), new IndexedSegment(opening.Number, input))) opener.Refuse(input, null, "duplicate");
        }
        return [.. segments.GroupBy(segment => segment.Key.Session, segment => segment.Value).OrderBy(session => session.Key, StringComparer.Ordinal)
            .Select(session => new IndexedSession(session.Key, [.. session.OrderBy(segment => segment.Number)]))];
    }

    private Recording.Events.SegmentOpening? Read(WorkInput input)
    {
        var (plaintext, reason) = opener.Open(input, "input");
        onOpened(budget.Check());
        if (plaintext is null)
        {
            opener.Refuse(input, null, reason ?? "unreadable");
            return null;
        }
        using (plaintext)
        {
            try
            {
                return SegmentReader.Open(new Dictionary<ContentClass, Stream> { [ContentClass.Input] = plaintext }).Opening;
            }
            catch (RecordingFormatException)
            {
                opener.Refuse(input, null, "unreadable");
                return null;
            }
        }
    }
}
