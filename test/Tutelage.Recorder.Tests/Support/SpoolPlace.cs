using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Tests.Support;

/// <summary>A spool folder of its own, and what is written into it.</summary>
internal sealed class SpoolPlace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutelage-spool-");

    public static SegmentOpening Opening { get; } = new(new('5', 32), 0, new(2026, 5, 4, 9, 30, 0, TimeSpan.Zero), new(64, 64), new('a', 64), "tutelage-redaction/1", 10, false);

    public static CaptureManifest Manifest { get; } = ManifestText.Read(EnrolledPerson.EditorOnly).Manifest!;

    public SpoolFolder Spool => new(_folder.FullName, TimeProvider.System);

    public static RecordedContext Context { get; } = new("mousepad", null, "Mousepad", new(0, 0, 64, 64));

    public static RecordedElement Element(int id, string role, string? name, ScreenRect bounds) => new(id, -1, role, name, null, null, null, null, default, bounds);

    /// <summary>A held segment with input, elements and frames.</summary>
    public string Hold(Action<SegmentWriter>? write = null, long? epoch = null)
    {
        var spool = Spool;
        var id = SpoolFolder.NewId();
        using var segment = new SpoolSegment(spool, id, Enum.GetValues<ContentClass>().ToHashSet(), Opening, epoch);
        segment.Writer.Write(new PointerMoved(new(10), new(1, 2)));
        write?.Invoke(segment.Writer);
        segment.Complete(new(new(2000), 1, 1, 0, 0, 0)).ShouldBe(DiskAnswer.Durable);
        return id;
    }

    public string PathOf(string id, ContentClass kept) => SpoolFolder.FileOf(Path.Combine(_folder.FullName, "held", id), kept);

    public SegmentReader Read(string id)
    {
        using var opened = Spool.Open(id);
        return SegmentReader.Open(opened.Files.ToDictionary(file => file.Key, file =>
        {
            var copy = new MemoryStream();
            file.Value.CopyTo(copy);
            copy.Position = 0;
            return (Stream)copy;
        }));
    }

    public static ScreenImage Image(uint colour)
    {
        var image = ScreenImage.Rent(new(64, 64), new(0, 0, 64, 64));
        image.Fill(new(0, 0, 64, 64), colour);
        return image;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
