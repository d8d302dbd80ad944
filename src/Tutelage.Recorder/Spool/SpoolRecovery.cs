using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;

namespace Tutelage.Recorder.Spool;

/// <summary>What became of a segment whose recorder died.</summary>
public enum RecoveryOutcome
{
    /// <summary>It was whole; only the move to what waits was missing.</summary>
    Whole,

    /// <summary>What was on disk was sealed anew into a segment marked recovered.</summary>
    Recovered,

    /// <summary>Nothing had been flushed yet.</summary>
    Empty,
}

/// <summary>One segment that was found unfinished.</summary>
public sealed record Recovery(string Id, RecoveryOutcome Outcome);

/// <summary>Brings what a dead recorder left behind into what waits, before a new session begins.</summary>
/// <remarks>
/// Runs to the same end however often it is interrupted: the new segment keeps the old one's id and takes its place by a rename, and the old one is
/// removed only after that. If it were wrong, data already accepted would be lost or counted twice.
/// </remarks>
public static class SpoolRecovery
{
    public static IReadOnlyList<Recovery> Run(SpoolFolder spool)
    {
        foreach (var half in Directory.EnumerateDirectories(spool.OpenRoot, "*.recovering")) Directory.Delete(half, recursive: true);
        return spool.Unfinished().Select(id => new Recovery(id, Recover(spool, id))).ToList();
    }

    private static RecoveryOutcome Recover(SpoolFolder spool, string id)
    {
        var torn = Path.Combine(spool.OpenRoot, id);
        var held = Path.Combine(spool.HeldRoot, id);
        if (Directory.Exists(held))
        {
            // The rename happened and the removal did not.
            Directory.Delete(torn, recursive: true);
            return RecoveryOutcome.Recovered;
        }
        if (!File.Exists(Path.Combine(torn, "day")) || !Enum.GetValues<ContentClass>().Any(kept => File.Exists(SpoolFolder.FileOf(torn, kept))))
        {
            Directory.Delete(torn, recursive: true);
            return RecoveryOutcome.Empty;
        }
        try
        {
            using (var opened = spool.OpenIn(torn)) SegmentReader.Open(opened.Files);
            Directory.Move(torn, held);
            return RecoveryOutcome.Whole;
        }
        catch (Exception cut) when (cut is RecordingFormatException or EndOfStreamException or InvalidDataException or Sealing.AgeFormatException)
        {
            return Reseal(spool, id, torn, held);
        }
    }

    private static RecoveryOutcome Reseal(SpoolFolder spool, string id, string torn, string held)
    {
        var fresh = id + ".recovering";
        SegmentReader reader;
        try
        {
            using var opened = spool.OpenIn(torn);
            reader = SegmentReader.Open(opened.Files, allowTruncated: true);
            using var segment = new SpoolSegment(spool, fresh, opened.Files.Keys.ToHashSet(), reader.Opening with { Recovered = true });
            var last = Copy(reader, segment);
            // How long the recorder had more in RAM is not known; the gap says that something is missing and nothing about how much.
            segment.Writer.Write(new Gap(last, last, GapReason.Undecided));
            segment.CompleteInPlace(new(last, reader.Input.Count, reader.Input.Count, 0, 0, 0));
        }
        catch (Exception cut) when (cut is RecordingFormatException or EndOfStreamException or Sealing.AgeFormatException)
        {
            // Not even the opening was flushed: there was no accepted event yet.
            foreach (var left in new[] { torn, Path.Combine(spool.OpenRoot, fresh) })
                if (Directory.Exists(left)) Directory.Delete(left, recursive: true);
            return RecoveryOutcome.Empty;
        }
        Directory.Move(Path.Combine(spool.OpenRoot, fresh), held);
        // If we crash here both are there; the next start sees the held one and removes the torn one.
        Directory.Delete(torn, recursive: true);
        return RecoveryOutcome.Recovered;
    }

    private static SessionTime Copy(SegmentReader reader, SpoolSegment segment)
    {
        var last = default(SessionTime);
        SessionTime Later(SessionTime time) => last = time > last ? time : last;
        foreach (var input in reader.Input) { segment.Writer.Write(input); Later(input.Time); }
        foreach (var text in reader.Texts) { segment.Writer.Write(text); Later(text.Time); }
        foreach (var task in reader.Tasks) { segment.Writer.Write(task); Later(task.Time); }
        foreach (var snapshot in reader.Elements) { segment.Writer.Write(snapshot); Later(snapshot.Time); }
        foreach (var gap in reader.Gaps) { segment.Writer.Write(gap); Later(gap.End); }
        foreach (var (time, image) in reader.Frames)
        {
            using (image) segment.Writer.Write(time, image);
            Later(time);
        }
        return last;
    }
}
