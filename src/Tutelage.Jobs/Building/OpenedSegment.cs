using Tutelage.Jobs.Inputs;
using Tutelage.Jobs.Memory;
using Tutelage.Jobs.Protocol;
using Tutelage.Recording;
using Tutelage.Recording.Segments;

namespace Tutelage.Jobs.Building;

/// <summary>A segment with every granted class that opens, in RAM until it is disposed.</summary>
internal sealed class OpenedSegment : IDisposable
{
    private readonly Dictionary<ContentClass, PlainBuffer> _plaintexts;

    private OpenedSegment(WorkInput input, SegmentReader reader, IReadOnlyList<SessionTime> frameTimes, Dictionary<ContentClass, PlainBuffer> plaintexts) =>
        (Input, Reader, FrameTimes, _plaintexts) = (input, reader, frameTimes, plaintexts);

    public WorkInput Input { get; }

    public SegmentReader Reader { get; }

    /// <summary>Times of the frames; every one of them was decoded once.</summary>
    public IReadOnlyList<SessionTime> FrameTimes { get; }

    /// <summary>Null if even the input class cannot be read; a class that fails otherwise is refused by name and left out.</summary>
    public static OpenedSegment? Open(WorkInput input, IReadOnlySet<ContentClass> granted, InputOpener opener)
    {
        var plaintexts = new Dictionary<ContentClass, PlainBuffer>();
        foreach (var kept in granted.Order())
        {
            var name = kept.ToString().ToLowerInvariant();
            if (!input.Files.ContainsKey(name) && kept != ContentClass.Input) continue; // the manifest did not let it be recorded: nothing is amiss
            var (plaintext, reason) = opener.Open(input, name);
            if (plaintext is not null) plaintexts.Add(kept, plaintext);
            else opener.Refuse(input, kept == ContentClass.Input ? null : name, reason ?? "unreadable");
        }
        return plaintexts.ContainsKey(ContentClass.Input) ? Read(input, plaintexts, opener) : Dropped(plaintexts);
    }

    private static OpenedSegment? Read(WorkInput input, Dictionary<ContentClass, PlainBuffer> plaintexts, InputOpener opener)
    {
        // One class after the other, so that what is unreadable has a name; frames are decoded here for the first of two times.
        IReadOnlyList<SessionTime> frameTimes = [];
        foreach (var kept in plaintexts.Keys.Order().ToList())
        {
            if (TryRead(plaintexts, [ContentClass.Input, kept], decode: true) is { } alone)
            {
                if (kept == ContentClass.Frames) frameTimes = alone.FrameTimes;
                continue;
            }
            if (kept == ContentClass.Input)
            {
                opener.Refuse(input, null, "unreadable");
                return Dropped(plaintexts);
            }
            opener.Refuse(input, kept.ToString().ToLowerInvariant(), "unreadable");
            plaintexts.Remove(kept, out var removed);
            removed?.Dispose();
        }
        if (TryRead(plaintexts, plaintexts.Keys, decode: false) is not { } read)
        {
            opener.Refuse(input, null, "unreadable");
            return Dropped(plaintexts);
        }
        return new OpenedSegment(input, read.Reader, frameTimes, plaintexts);
    }

    private static (SegmentReader Reader, IReadOnlyList<SessionTime> FrameTimes)? TryRead(Dictionary<ContentClass, PlainBuffer> plaintexts, IEnumerable<ContentClass> classes, bool decode)
    {
        try
        {
            var streams = classes.Distinct().ToDictionary(kept => kept, Stream (kept) => plaintexts[kept].Rewound());
            var reader = SegmentReader.Open(streams);
            var times = new List<SessionTime>();
            if (!decode || !streams.ContainsKey(ContentClass.Frames)) return (reader, times);
            foreach (var (time, image) in reader.Frames)
            {
                image.Dispose();
                times.Add(time);
            }
            return (reader, times);
        }
        catch (RecordingFormatException)
        {
            return null;
        }
    }

    private static OpenedSegment? Dropped(Dictionary<ContentClass, PlainBuffer> plaintexts)
    {
        foreach (var plaintext in plaintexts.Values) plaintext.Dispose();
        return null;
    }

    public void Dispose() => Dropped(_plaintexts);
}
