namespace Tutelage.Recording.Events;

/// <summary>A labelled hole. Class <see cref="ContentClass.Input"/>.</summary>
/// <param name="End">Equal to <paramref name="Start"/> while it is open at the end of a segment.</param>
public sealed record Gap(SessionTime Start, SessionTime End, GapReason Reason)
{
    /// <summary>Pieces that touch and bear one reason as the one hole they are: a recorder writes a long one in pieces, so that a crash does not lose it.</summary>
    public static IReadOnlyList<Gap> Join(IEnumerable<Gap> gaps)
    {
        var joined = new List<Gap>();
        foreach (var gap in gaps)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Reason == gap.Reason && last.End == gap.Start && gap.Start < gap.End) joined[^1] = last with { End = gap.End };
            else joined.Add(gap);
        }
        return joined;
    }
}

/// <summary>What a segment says of itself, inside the seal. Class <see cref="ContentClass.Input"/>.</summary>
/// <param name="SessionId">Random, 16 bytes as hex.</param>
/// <param name="Number">Counts segments of the session from 0.</param>
/// <param name="StartedUtc">When the session began, to the minute.</param>
/// <param name="Screen">Size of the screen at the segment's start.</param>
/// <param name="Manifest">SHA-256 (hex) of the manifest agreed to.</param>
/// <param name="Redactor">Name and version of the rules that redacted it.</param>
/// <param name="QuantumMs">Times are rounded down to multiples of it.</param>
/// <param name="Recovered">Saved from a recorder that died.</param>
public sealed record SegmentOpening(
    string SessionId, int Number, DateTimeOffset StartedUtc, ScreenSize Screen, string Manifest, string Redactor, int QuantumMs, bool Recovered);

/// <summary>How the capture went; the last record of a segment. Class <see cref="ContentClass.Input"/>.</summary>
/// <param name="Seen">Input events that the desktop reported during the segment.</param>
/// <param name="Kept">Input events stored, typed ones counted as their key presses.</param>
/// <param name="Withheld">Input events that fell into gaps.</param>
/// <param name="Lost">Input events that the desktop says it dropped, or that overflowed a queue.</param>
/// <param name="Frames">Frames stored.</param>
public sealed record SegmentHealth(SessionTime Time, long Seen, long Kept, long Withheld, long Lost, long Frames);
