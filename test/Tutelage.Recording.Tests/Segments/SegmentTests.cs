using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Mcap;
using Tutelage.Recording.Segments;
using Tutelage.Testing;

namespace Tutelage.Recording.Tests.Segments;

public sealed class SegmentTests
{
    [Fact]
    public void Any_segment_comes_back_as_it_was_written() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll<int, byte>((seed, size) =>
    {
        using var written = Write(seed, size, seed % 2 == 0 ? McapCompression.Zstd : McapCompression.None);
        AssertIs(Open(written.Files()), written);
    }));

    [Fact]
    public void A_segment_cut_anywhere_gives_a_prefix() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<int, int>((seed, cuts) =>
    {
        using var written = Write(seed % 8, 40, McapCompression.None);
        var random = new Random(cuts);
        var files = written.Files();
        var cut = files.Keys.Where(_ => random.Next(3) != 0).ToList();
        // One file keeps its opening, as the reader needs one to say which segment it is.
        var kept = Samples.Pick(random, [.. files.Keys]);
        foreach (var name in cut) files[name] = files[name][..random.Next(name == kept ? 800 : 0, files[name].Length)];

        var reader = Open(files, truncated: true);
        reader.Opening.ShouldBe(Samples.Opening);
        AssertPrefix(reader.Input, written.Input);
        AssertPrefix(reader.Texts, written.Texts);
        AssertPrefix(reader.Tasks, written.Tasks);
        AssertPrefix(reader.Gaps, written.Gaps);
        AssertPrefix(reader.Elements.Select(Json).ToList(), written.Elements.Select(Json).ToList());
        if (cut.Contains(ContentClass.Input)) reader.TruncatedClasses.ShouldContain(ContentClass.Input);
        AssertFramesPrefix(reader, written);
        reader.TruncatedClasses.OrderBy(name => name).ShouldBe(cut.Order());
    }));

    [Fact]
    public void What_was_flushed_is_there_when_nothing_follows()
    {
        using var written = Write(seed: 11, size: 60, McapCompression.Zstd, complete: false);
        var reader = Open(written.Files(), truncated: true);
        reader.Health.ShouldBeNull();
        reader.Input.ShouldBe(written.Input);
        reader.Texts.ShouldBe(written.Texts);
        reader.Gaps.ShouldBe(written.Gaps);
        reader.Elements.Select(Json).ShouldBe(written.Elements.Select(Json));
        var frames = 0;
        foreach (var (_, image) in reader.Frames)
        {
            Pictures.Same(image, written.Frames[frames++].Image).ShouldBeTrue();
            image.Dispose();
        }
        frames.ShouldBe(written.Frames.Count);
        Should.Throw<RecordingFormatException>(() => Open(written.Files())).Message.ShouldContain("cut off");
    }

    [Fact]
    public void Classes_that_are_not_there_are_named()
    {
        using var written = Write(seed: 12, size: 30, McapCompression.Zstd);
        var files = written.Files();
        files.Remove(ContentClass.Input);
        files.Remove(ContentClass.Text);
        var reader = Open(files);
        reader.MissingClasses.Order().ShouldBe([ContentClass.Input, ContentClass.Text]);
        reader.Opening.ShouldBe(Samples.Opening);
        reader.Health.ShouldBeNull();
        reader.Elements.Count.ShouldBe(written.Elements.Count);
    }

    [Fact]
    public void Files_of_different_segments_or_classes_do_not_open_together()
    {
        using var one = Write(seed: 13, size: 20, McapCompression.None);
        using var other = Write(seed: 13, size: 20, McapCompression.None, opening: Samples.Opening with { Number = 4 });
        var mixed = one.Files();
        mixed[ContentClass.Frames] = other.Files()[ContentClass.Frames];
        Should.Throw<RecordingFormatException>(() => Open(mixed)).Message.ShouldContain("different segments");
        mixed = one.Files();
        mixed[ContentClass.Text] = mixed[ContentClass.Elements];
        Should.Throw<RecordingFormatException>(() => Open(mixed)).Message.ShouldContain("class text");
    }

    [Fact]
    public void Frames_can_be_walked_again_where_the_input_seeks_and_say_so_where_it_does_not()
    {
        using var written = Write(seed: 14, size: 40, McapCompression.Zstd);
        var reader = Open(written.Files());
        AssertFramesPrefix(reader, written).ShouldBe(written.Frames.Count);
        AssertFramesPrefix(reader, written).ShouldBe(written.Frames.Count);

        var forward = SegmentReader.Open(new Dictionary<ContentClass, Stream> { [ContentClass.Frames] = new ForwardOnly(written.Files()[ContentClass.Frames]) });
        AssertFramesPrefix(forward, written).ShouldBe(written.Frames.Count);
        Should.Throw<InvalidOperationException>(() => forward.Frames.Any());
    }

    [Fact]
    public void A_tile_is_stored_once_however_often_it_is_shown()
    {
        using var first = Pictures.Random(new(640, 480), 1);
        using var second = Pictures.Random(new(640, 480), 2);
        long SizeOf(int frames)
        {
            var outputs = Outputs();
            using var writer = new SegmentWriter(outputs, Samples.Opening, McapCompression.None);
            for (var i = 0; i < frames; i++) writer.Write(new SessionTime(i), i % 2 == 0 ? first : second);
            writer.Complete(Samples.Health);
            return outputs[ContentClass.Frames].Length;
        }
        var pair = SizeOf(2);
        // What each further frame costs is its list of 80 hashes.
        (SizeOf(22) - pair).ShouldBeLessThan(20 * (80 * 17 + 60) + 1000);
    }

    [Fact]
    public void What_lies_outside_the_damage_is_not_looked_at()
    {
        using var first = Pictures.Random(new(200, 200), 1);
        using var changed = first.Copy(new(0, 0, 10, 10));
        changed.Fill(new(150, 150, 10, 10), 0x00FF00);
        var outputs = Outputs();
        using var writer = new SegmentWriter(outputs, Samples.Opening);
        writer.Write(new SessionTime(0), first);
        writer.Write(new SessionTime(1), changed);
        writer.Complete(Samples.Health);
        foreach (var (_, image) in Open(outputs.ToDictionary(pair => pair.Key, pair => ((MemoryStream)pair.Value).ToArray())).Frames)
            using (image) Pictures.Same(image, first).ShouldBeTrue();
    }

    [Fact]
    public void An_input_event_takes_at_most_twelve_bytes_in_a_minute_at_35_a_second_flushed_every_two()
    {
        var outputs = Outputs();
        using var writer = new SegmentWriter(outputs, Samples.Opening with { QuantumMs = 1 });
        var events = SyntheticMinute.Events(seed: 1);
        var flushed = 0L;
        foreach (var input in events)
        {
            if (input.Time.Milliseconds / 2000 > flushed)
            {
                flushed = input.Time.Milliseconds / 2000;
                writer.Flush();
            }
            writer.Write(input);
        }
        writer.Complete(Samples.Health);
        var bytes = (double)outputs[ContentClass.Input].Length / events.Count;
        Console.WriteLine($"{events.Count} events, {bytes:F2} bytes each");
        bytes.ShouldBeLessThan(12);
    }

    [Fact]
    public void Writing_a_class_without_output_says_which()
    {
        using var writer = new SegmentWriter(new Dictionary<ContentClass, Stream> { [ContentClass.Input] = new MemoryStream() }, Samples.Opening);
        writer.Keeps(ContentClass.Text).ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => writer.Write(new TypedText(default, 0, "x", false))).Message.ShouldContain("text");
    }

    [Fact]
    public void Mutated_segments_give_the_named_error_and_stay_within_their_memory()
    {
        using var written = Write(seed: 15, size: 40, McapCompression.None);
        var files = written.Files();
        var limits = new SegmentLimits { MaxScreenPixels = 1 << 18, MaxElements = 10_000, MaxEvents = 10_000 };
        var whole = 0;
        for (var seed = 0; seed < FuzzRounds.Count; seed++)
        {
            var damaged = new Dictionary<ContentClass, byte[]>(files);
            var name = (ContentClass)(seed % 4);
            // The checksum would stop most damage at once: without it the layers above have to.
            damaged[name] = WithoutChecksums(Mutations.Of(files[name], seed));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                foreach (var (_, image) in Open(damaged, truncated: true, limits).Frames) image.Dispose();
                whole++;
            }
            catch (RecordingFormatException)
            {
            }
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(16 << 20);
        }
        whole.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void A_tile_or_hash_that_was_altered_is_refused()
    {
        using var image = Pictures.Random(new(64, 64), 3);
        var outputs = Outputs();
        using var writer = new SegmentWriter(outputs, Samples.Opening, McapCompression.None);
        writer.Write(new SessionTime(1), image);
        writer.Complete(Samples.Health);
        var file = ((MemoryStream)outputs[ContentClass.Frames]).ToArray();
        var hash = new byte[TileHash.Bytes];
        TileHash.Of(64, 64, TileGrid.Cut(image, image.Size.Bounds, new byte[TileGrid.MaxTileBytes])).Write(hash);
        int[] places = [file.AsSpan().IndexOf(hash), file.AsSpan().LastIndexOf(hash), file.AsSpan().IndexOf(hash) + 40];
        foreach (var place in places)
        {
            var altered = file.ToArray();
            altered[place] ^= 1;
            Should.Throw<RecordingFormatException>(() => Open(new() { [ContentClass.Frames] = WithoutChecksums(altered) }).Frames.Count());
        }
    }

    private static byte[] WithoutChecksums(byte[] file)
    {
        try
        {
            var reader = new McapRecordReader(new MemoryStream(file), new() { VerifyChecksums = false, AllowTruncated = true });
            var output = new MemoryStream();
            var writer = new McapRecordWriter(output);
            while (reader.Read() is { } record)
            {
                writer.Write(record switch
                {
                    McapChunk chunk => chunk with { UncompressedCrc = 0 },
                    McapDataEnd end => end with { DataSectionCrc = 0 },
                    McapFooter footer => footer with { SummaryCrc = 0 },
                    _ => record,
                });
            }
            writer.Complete();
            return output.ToArray();
        }
        catch (RecordingFormatException)
        {
            return file;
        }
    }

    private static Written Write(int seed, int size, McapCompression compression, bool complete = true, SegmentOpening? opening = null)
    {
        var random = new Random(seed);
        var written = new Written();
        var outputs = Outputs();
        using var writer = new SegmentWriter(outputs, opening ?? Samples.Opening, compression);
        using var first = Pictures.Random(new(200, 150), seed);
        var screen = first.Copy(first.Damage);
        var time = 0L;
        for (var i = 0; i < size; i++)
        {
            time += random.Next(4) == 0 ? random.Next(200) * 10 : 10;
            var at = new SessionTime(time);
            switch (random.Next(12))
            {
                case 0: written.Texts.Add(new(at, i, Samples.Word(random), random.Next(2) == 0)); writer.Write(written.Texts[^1]); break;
                case 1: written.Tasks.Add(new(at, "task/1", Samples.Word(random), i > 5, random.Next(3) switch { 0 => null, 1 => true, _ => false })); writer.Write(written.Tasks[^1]); break;
                case 2: written.Gaps.Add(new(at, new(time + 5), Samples.Pick(random, Enum.GetValues<GapReason>()))); writer.Write(written.Gaps[^1]); break;
                case 3: written.Elements.Add(Samples.Snapshot(random, time)); writer.Write(written.Elements[^1]); break;
                case 4:
                    var next = written.Frames.Count == 0 ? screen.Copy(screen.Damage) : Samples.Next(random, screen);
                    screen.Dispose();
                    screen = next.Copy(next.Damage);
                    writer.Write(at, next);
                    written.Frames.Add((at, next));
                    break;
                case 5: writer.Flush(); break;
                default: written.Input.Add(Samples.Input(random, time)); writer.Write(written.Input[^1]); break;
            }
        }
        screen.Dispose();
        if (complete) writer.Complete(Samples.Health);
        else writer.Flush();
        written.Bytes = outputs.ToDictionary(pair => pair.Key, pair => ((MemoryStream)pair.Value).ToArray());
        return written;
    }

    private static void AssertIs(SegmentReader reader, Written written)
    {
        reader.Opening.ShouldBe(Samples.Opening);
        reader.Health.ShouldBe(Samples.Health);
        reader.Input.ShouldBe(written.Input);
        reader.Texts.ShouldBe(written.Texts);
        reader.Tasks.ShouldBe(written.Tasks);
        reader.Gaps.ShouldBe(written.Gaps);
        reader.Elements.Select(Json).ShouldBe(written.Elements.Select(Json));
        AssertFramesPrefix(reader, written).ShouldBe(written.Frames.Count);
        reader.MissingClasses.ShouldBeEmpty();
        reader.TruncatedClasses.ShouldBeEmpty();
    }

    private static int AssertFramesPrefix(SegmentReader reader, Written written)
    {
        var count = 0;
        foreach (var (time, image) in reader.Frames)
        {
            using (image)
            {
                time.ShouldBe(written.Frames[count].Time);
                Pictures.Same(image, written.Frames[count++].Image).ShouldBeTrue();
                Enumerable.Range(0, image.Pixels.Length / 4).All(i => image.Pixels[i * 4 + 3] == 255).ShouldBeTrue();
            }
        }
        return count;
    }

    private static void AssertPrefix<T>(IReadOnlyList<T> found, IReadOnlyList<T> written) => found.ShouldBe(written.Take(found.Count));

    /// <summary>Snapshots hold lists, which compare by reference: their JSON stands for them.</summary>
    private static string Json(ElementSnapshot snapshot) => JsonSerializer.Serialize(snapshot, JsonSerializerOptions.Default);

    private static Dictionary<ContentClass, Stream> Outputs() => Enum.GetValues<ContentClass>().ToDictionary(name => name, _ => (Stream)new MemoryStream());

    private static SegmentReader Open(Dictionary<ContentClass, byte[]> files, bool truncated = false, SegmentLimits? limits = null) =>
        SegmentReader.Open(files.ToDictionary(pair => pair.Key, pair => (Stream)new MemoryStream(pair.Value)), truncated, limits);

    private sealed class Written : IDisposable
    {
        public List<InputEvent> Input { get; } = [];
        public List<TypedText> Texts { get; } = [];
        public List<TaskMark> Tasks { get; } = [];
        public List<Gap> Gaps { get; } = [];
        public List<ElementSnapshot> Elements { get; } = [];
        public List<(SessionTime Time, ScreenImage Image)> Frames { get; } = [];
        public Dictionary<ContentClass, byte[]> Bytes { get; set; } = [];

        public Dictionary<ContentClass, byte[]> Files() => new(Bytes);

        public void Dispose() => Frames.ForEach(frame => frame.Image.Dispose());
    }

    private sealed class ForwardOnly(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 777));
    }
}
