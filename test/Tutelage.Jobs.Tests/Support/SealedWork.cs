using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Sealing;

namespace Tutelage.Jobs.Tests;

/// <summary>One stored file: ciphertext, and the two headers that stand in the signed object header.</summary>
internal sealed record SealedSample(byte[] Bytes, byte[] Outer, byte[] Inner)
{
    public static SealedSample Of(byte[] plaintext, AgeRecipient vault, AgeRecipient auditor)
    {
        using var destination = new MemoryStream();
        var made = CustodySeal.Seal(new MemoryStream(plaintext), destination, vault, auditor);
        return new SealedSample(destination.ToArray(), made.OuterHeader, made.InnerHeader);
    }
}

/// <summary>An object that a job opens.</summary>
internal sealed record SampleInput(string Object, string Kind, string Tag, IReadOnlyDictionary<string, SealedSample> Files)
{
    public SampleInput With(string @class, Func<byte[], byte[]> change) => this with
    {
        Files = Files.ToDictionary(file => file.Key, file => file.Key == @class ? file.Value with { Bytes = change(file.Value.Bytes) } : file.Value),
    };
}

/// <summary>Vault and auditor of a small world, the people in it, and orders over what they recorded.</summary>
internal sealed class SealedWork : IDisposable
{
    public const string Grant = "grant-1";

    public TagIdentity Vault { get; } = TagIdentity.Generate();
    public TagIdentity Auditor { get; } = TagIdentity.Generate();
    public Dictionary<string, TagIdentity> People { get; } = [];

    public string Person(int number)
    {
        var tag = new string((char)('a' + number), 32);
        if (!People.ContainsKey(tag)) People.Add(tag, TagIdentity.Generate());
        return tag;
    }

    public SampleInput Segment(string tag, string sessionId, int number, Action<SegmentWriter>? more = null, IReadOnlyList<ContentClass>? classes = null, bool withFrame = true)
    {
        var outputs = (classes ?? Enum.GetValues<ContentClass>()).ToDictionary(kept => kept, _ => new MemoryStream());
        var screen = new ScreenSize(192, 128);
        using (var writer = new SegmentWriter(
            outputs.ToDictionary(output => output.Key, Stream (output) => output.Value),
            new SegmentOpening(sessionId, number, new DateTimeOffset(2026, 7, 1, 9, 0, 0, TimeSpan.Zero), screen, new string('c', 64), "tutelage-redaction/1", 50, false)))
        {
            var at = number * 60_000L;
            if (writer.Keeps(ContentClass.Text)) writer.Write(new TaskMark(new(at), $"expense-form/{number}", "Choose the cost centre Sales and save", false, null));
            if (writer.Keeps(ContentClass.Elements)) writer.Write(Snapshot(at, "Save"));
            if (writer.Keeps(ContentClass.Frames) && withFrame)
            {
                using var image = ScreenImage.Rent(screen, screen.Bounds);
                image.Fill(screen.Bounds, 0xffeeeeee);
                image.Fill(new ScreenRect(40, 40, 60, 20), 0xff2244cc);
                writer.Write(new(at + 100), image);
            }
            more?.Invoke(writer);
            writer.Write(new PointerMoved(new(at + 900), new(60, 48)));
            writer.Write(new ButtonChanged(new(at + 1000), PointerButton.Left, true, new(62, 50)));
            writer.Write(new ButtonChanged(new(at + 1100), PointerButton.Left, false, new(62, 50)));
            writer.Write(new KeyChanged(new(at + 3000), "s", KeyModifiers.Control, true));
            writer.Write(new KeyChanged(new(at + 3050), "s", KeyModifiers.Control, false));
            writer.Write(new Gap(new(at + 5000), new(at + 6000), GapReason.NotAllowed));
            if (writer.Keeps(ContentClass.Text)) writer.Write(new TaskMark(new(at + 7000), $"expense-form/{number}", "Choose the cost centre Sales and save", true, true));
            writer.Complete(new SegmentHealth(new(at + 8000), 7, 5, 2, 0, 1));
        }
        var files = outputs.ToDictionary(output => output.Key.ToString().ToLowerInvariant(), output => SealedSample.Of(output.Value.ToArray(), Vault.Recipient, Auditor.Recipient));
        return new SampleInput(Id($"{tag}/{sessionId}/{number}"), "segment", tag, files);
    }

    public static ElementSnapshot Snapshot(long atMs, string name, string? title = null, ScreenRect? bounds = null) => new(
        new(atMs), new RecordedContext("chromium", "http://practice.test/", title, new(0, 0, 192, 128)),
        [
            new RecordedElement(1, -1, "document", null, null, null, null, null, ElementStates.Visible, new(0, 0, 192, 128)),
            new RecordedElement(2, 1, "button", name, null, null, null, "save", ElementStates.Visible | ElementStates.Enabled, bounds ?? new(40, 40, 60, 20)),
        ],
        -1);

    public object BuildOrder(IReadOnlyList<SampleInput> inputs, IReadOnlyList<string>? classes = null, int memoryMb = 1024) => new
    {
        version = 1, grant = Grant, job = "dataset-build", purpose = "train", classes = classes ?? ["input", "text", "elements", "frames"],
        inputs = Describe(inputs),
        persons = People.Select(person => new { tag = person.Key, recipient = person.Value.Recipient.Text }),
        auditor = Auditor.Recipient.Text, created = "2026-07-22", limits = new { memory_mb = memoryMb },
    };

    public static object ExportOrder(IReadOnlyList<SampleInput> inputs, string dataset, AgeRecipient holder, string format) => new
    {
        version = 1, grant = Grant, job = "dataset-export", purpose = "train", classes = new[] { "derived" }, inputs = Describe(inputs), dataset,
        export = new { format, holder = "holder-1", recipient = holder.Text }, created = "2026-07-22",
    };

    /// <summary>The bundle of one layer, sealed to the job.</summary>
    /// <param name="files">Only these; null for all.</param>
    public byte[] Keys(IReadOnlyList<SampleInput> inputs, string layer, AgeRecipient job, string grant = Grant, IReadOnlyList<(string Object, string Class)>? files = null)
    {
        var keys = new List<object>();
        foreach (var input in inputs)
        {
            foreach (var (name, file) in input.Files.Where(kept => files?.Contains((input.Object, kept.Key)) != false))
            {
                var identity = layer == "outer" ? Auditor : input.Kind == "shard" ? People[input.Tag] : Vault;
                using var key = AgeHeader.Parse(layer == "outer" ? file.Outer : file.Inner).Unwrap(identity);
                keys.Add(new { @object = input.Object, @class = name, key = key.Bytes.ToArray() });
            }
        }
        using var bundle = new MemoryStream();
        using var writer = new AgeWriter(bundle, job);
        writer.Write(JsonSerializer.SerializeToUtf8Bytes(new { version = 1, grant, layer, keys }));
        writer.Complete();
        return bundle.ToArray();
    }

    /// <summary>Answers each request with exactly its keys.</summary>
    public Func<IReadOnlyList<(string Object, string Class)>, byte[][]> Release(IReadOnlyList<SampleInput> inputs, AgeRecipient job) =>
        files => [Keys(inputs, "outer", job, files: files), Keys(inputs, "inner", job, files: files)];

    public JobEnd Build(IReadOnlyList<SampleInput> inputs, IReadOnlyList<SampleInput>? served = null, IReadOnlyList<string>? classes = null, int memoryMb = 1024)
    {
        using var job = LaunchedJob.Start();
        return job.Work(BuildOrder(inputs, classes, memoryMb), Release(inputs, job.Recipient), Serve(served ?? inputs));
    }

    public JobEnd Export(IReadOnlyList<SampleInput> shards, AgeRecipient holder, string format = "agentnet")
    {
        using var job = LaunchedJob.Start();
        return job.Work(ExportOrder(shards, new string('d', 64), holder, format), Release(shards, job.Recipient), Serve(shards));
    }

    public static Func<string, string, byte[]?> Serve(IReadOnlyList<SampleInput> inputs) =>
        (id, name) => inputs.FirstOrDefault(input => input.Object == id)?.Files.GetValueOrDefault(name)?.Bytes;

    /// <summary>A job's shard as the server would store it.</summary>
    public static SampleInput Shard(JobOutput output) => new(
        Id(output.Tag!), "shard", output.Tag!, new Dictionary<string, SealedSample> { ["derived"] = new(output.Bytes.ToArray(), output.Outer, output.Inner) });

    private static IEnumerable<object> Describe(IReadOnlyList<SampleInput> inputs) => inputs.Select(input => new
    {
        @object = input.Object, kind = input.Kind, tag = input.Tag, manifest = new string('c', 64), redactor = "tutelage-redaction-1",
        files = input.Files.Select(file => new { @class = file.Key, size = file.Value.Bytes.LongLength, sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Value.Bytes)) }),
    });

    private static string Id(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..32];

    public void Dispose()
    {
        Vault.Dispose();
        Auditor.Dispose();
        foreach (var person in People.Values) person.Dispose();
    }
}
