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

    /// <summary>It was altered, not only cut off; it was set aside as it is.</summary>
    Damaged,

    /// <summary>The disk has no room to seal it anew; the next start tries again.</summary>
    Waits,
}

/// <summary>One segment that was found unfinished.</summary>
/// <param name="Why">For a damaged one, in words.</param>
public sealed record Recovery(string Id, RecoveryOutcome Outcome, string? Why = null);

/// <summary>Brings what a dead recorder left behind into what waits, before a new session begins.</summary>
/// <remarks>
/// Runs to the same end however often it is interrupted: the new segment keeps the old one's id and takes its place by a rename, and the old one is
/// removed only after that. What cannot be read is never removed. If it were wrong, data already accepted would be lost or counted twice.
/// </remarks>
public static class SpoolRecovery
{
    public static IReadOnlyList<Recovery> Run(SpoolFolder spool)
    {
        spool.FinishDiscarding();
        foreach (var half in Directory.EnumerateDirectories(spool.OpenRoot, "*.recovering")) Directory.Delete(half, recursive: true);
        return spool.Unfinished().Select(id => Recover(spool, id)).ToList();
    }

    private static Recovery Recover(SpoolFolder spool, string id)
    {
        var torn = Path.Combine(spool.OpenRoot, id);
        var held = Path.Combine(spool.HeldRoot, id);
        try
        {
            if (Directory.Exists(held))
            {
                // The rename happened and the removal did not.
                Directory.Delete(torn, recursive: true);
                return new(id, RecoveryOutcome.Recovered);
            }
            if (!File.Exists(Path.Combine(torn, SpoolFolder.DayFile)) || !Enum.GetValues<ContentClass>().Any(kept => File.Exists(SpoolFolder.FileOf(torn, kept))))
                return Remove(id, torn);
            switch (Look(spool, torn))
            {
                case Condition.NeverFlushed: return Remove(id, torn);
                case Condition.Whole:
                    Directory.Move(torn, held);
                    return new(id, RecoveryOutcome.Whole);
                default:
                    Reseal(spool, id, torn, held);
                    return new(id, RecoveryOutcome.Recovered);
            }
        }
        catch (IOException refused) when (refused is not (EndOfStreamException or FileNotFoundException))
        {
            return new(id, RecoveryOutcome.Waits);
        }
        catch (Exception altered) when (altered is DayKeyMissingException or SegmentDamagedException || SegmentDamagedException.Explains(altered))
        {
            var aside = Path.Combine(spool.DamagedRoot, id);
            Directory.CreateDirectory(spool.DamagedRoot, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (!Directory.Exists(aside)) Directory.Move(torn, aside);
            return new(id, RecoveryOutcome.Damaged, altered.Message);
        }
    }

    private enum Condition { Whole, Torn, NeverFlushed }

    private static Condition Look(SpoolFolder spool, string torn)
    {
        using var opened = spool.OpenIn(torn, whole: false);
        // Files of which nothing was flushed are empty; a segment whose every file is so had no accepted event.
        var begun = opened.Files.ToDictionary(file => file.Key, file => new BegunStream(file.Value));
        if (begun.Values.All(file => file.IsEmpty)) return Condition.NeverFlushed;
        if (!begun.TryGetValue(ContentClass.Input, out var input) || input.IsEmpty) return Condition.Torn;
        // The health record is written when every other file is whole.
        return SegmentReader.Open(new Dictionary<ContentClass, Stream> { [ContentClass.Input] = input }, allowTruncated: true).Health is null ? Condition.Torn : Condition.Whole;
    }

    private static void Reseal(SpoolFolder spool, string id, string torn, string held)
    {
        var fresh = id + ".recovering";
        using (var opened = spool.OpenIn(torn, whole: false))
        {
            var begun = opened.Files.ToDictionary(file => file.Key, file => new BegunStream(file.Value));
            var reader = SegmentReader.Open(begun.Where(file => !file.Value.IsEmpty).ToDictionary(file => file.Key, file => (Stream)file.Value), allowTruncated: true);
            using var segment = new SpoolSegment(spool, fresh, begun.Keys.Append(ContentClass.Input).ToHashSet(), reader.Opening with { Recovered = true }, SpoolFolder.EpochIn(torn));
            var (last, frames) = Copy(reader, segment);
            // How long the recorder had more in RAM is not known; the gap says that something is missing and nothing about how much.
            segment.Writer.Write(new Gap(last, last, GapReason.Undecided));
            if (segment.CompleteInPlace(new(last, reader.Input.Count, reader.Input.Count, 0, 0, frames)) != DiskAnswer.Durable) throw new IOException($"no room to recover segment {id}");
        }
        Directory.Move(Path.Combine(spool.OpenRoot, fresh), held);
        // If we crash here both are there; the next start sees the held one and removes the torn one.
        Directory.Delete(torn, recursive: true);
    }

    private static (SessionTime Last, int Frames) Copy(SegmentReader reader, SpoolSegment segment)
    {
        var (last, frames) = (default(SessionTime), 0);
        void Later(SessionTime time) => last = time > last ? time : last;
        foreach (var input in reader.Input)
        {
            segment.Writer.Write(input);
            Later(input is TypedRun run ? run.End : input.Time);
        }
        foreach (var text in reader.Texts) { segment.Writer.Write(text); Later(text.Time); }
        foreach (var task in reader.Tasks) { segment.Writer.Write(task); Later(task.Time); }
        foreach (var snapshot in reader.Elements) { segment.Writer.Write(snapshot); Later(snapshot.Time); }
        foreach (var gap in reader.Gaps) { segment.Writer.Write(gap); Later(gap.End); }
        foreach (var (time, image) in reader.Frames)
        {
            using (image) segment.Writer.Write(time, image);
            segment.Push();
            frames++;
            Later(time);
        }
        return (last, frames);
    }

    private static Recovery Remove(string id, string torn)
    {
        Directory.Delete(torn, recursive: true);
        return new(id, RecoveryOutcome.Empty);
    }

    /// <summary>A sequential stream that has looked at its first byte.</summary>
    private sealed class BegunStream : Stream
    {
        private readonly Stream _inner;
        private readonly byte[] _first = new byte[1];
        private int _held;

        public BegunStream(Stream inner)
        {
            _inner = inner;
            _held = inner.Read(_first, 0, 1);
            IsEmpty = _held == 0;
        }

        public bool IsEmpty { get; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            if (_held == 0 || buffer.IsEmpty) return _inner.Read(buffer);
            buffer[0] = _first[0];
            _held = 0;
            return 1;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
