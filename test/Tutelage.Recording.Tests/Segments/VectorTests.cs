using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Mcap;
using Tutelage.Recording.Segments;
using Tutelage.Testing;

namespace Tutelage.Recording.Tests.Segments;

/// <summary>Committed files of docs/formats, made here from seeds and compared byte for byte: a difference is a change of format.</summary>
/// <remarks>Uncompressed, so that no library's version matters. <c>TUTELAGE_WRITE_VECTORS=1</c> writes them anew.</remarks>
public sealed class VectorTests
{
    private static readonly string Folder = Path.Combine(SharedFolder.Repository, "test", "Tutelage.Recording.Tests", "Vectors");

    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void The_segment_of_the_vectors_is_written_byte_for_byte()
    {
        foreach (var (name, bytes) in WriteSegment()) AssertVector($"segment-{name.ToString().ToLowerInvariant()}.mcap", bytes);
    }

    [Fact]
    public void The_committed_segment_reads_to_its_json()
    {
        var reader = SegmentReader.Open(Enum.GetValues<ContentClass>().ToDictionary(
            name => name, name => (Stream)new MemoryStream(File.ReadAllBytes(Path.Combine(Folder, $"segment-{name.ToString().ToLowerInvariant()}.mcap")))));
        var frames = new List<object>();
        foreach (var (time, image) in reader.Frames)
        {
            using (image)
                frames.Add(new { time = time.Milliseconds, damage = new[] { image.Damage.X, image.Damage.Y, image.Damage.Width, image.Damage.Height }, sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image.Pixels)) });
        }
        string[] records =
        [
            Json(reader.Opening, SegmentJson.Wire.SegmentOpening), Json(reader.Health!, SegmentJson.Wire.SegmentHealth),
            .. reader.Input.Select(Line), .. reader.Texts.Select(text => Json(text, SegmentJson.Wire.TypedText)), .. reader.Tasks.Select(mark => Json(mark, SegmentJson.Wire.TaskMark)),
            .. reader.Gaps.Select(gap => Json(gap, SegmentJson.Wire.Gap)), .. reader.Elements.Select(snapshot => Json(snapshot, SegmentJson.Wire.ElementSnapshot)),
        ];
        AssertVector("segment.json", JsonSerializer.SerializeToUtf8Bytes(new { records, frames }, Readable));
    }

    private static string Json<T>(T record, JsonTypeInfo<T> type) => JsonSerializer.Serialize(record, type);

    private static string Line(InputEvent input) => $"{input.Time.Milliseconds} " + input switch
    {
        PointerMoved move => $"move {At(move.Position)}",
        ButtonChanged button => $"button {button.Button} {(button.Down ? "down" : "up")} {At(button.Position)} {(int)button.Modifiers}",
        Scrolled scroll => $"scroll {scroll.Dx} {scroll.Dy} {At(scroll.Position)} {(int)scroll.Modifiers}",
        KeyChanged key => $"key {key.Key} {(key.Down ? "down" : "up")} {(int)key.Modifiers}",
        TypedRun run => $"run {run.Run} to {run.End.Milliseconds} element {run.ElementId} length {run.Shape.Length} {run.Shape.Kind} {run.Shape.Source} {run.Shape.SourceStart} {run.Shape.SourceCount} keystrokes {run.Keystrokes} {run.Corrected}",
        _ => throw new ArgumentOutOfRangeException(nameof(input)),
    };

    private static string At(ScreenPoint point) => $"{point.X},{point.Y}";

    private static Dictionary<ContentClass, byte[]> WriteSegment()
    {
        var outputs = Enum.GetValues<ContentClass>().ToDictionary(name => name, _ => (Stream)new MemoryStream());
        using var writer = new SegmentWriter(outputs, Samples.Opening, McapCompression.None);
        InputEvent[] input =
        [
            new PointerMoved(new(100), new(100, 50)), new PointerMoved(new(110), new(104, 47)), new PointerMoved(new(120), new(150, 20)), new PointerMoved(new(990), new(-5, 2000)),
            new ButtonChanged(new(1000), PointerButton.Left, true, new(10, 20), KeyModifiers.Shift), new ButtonChanged(new(1080), PointerButton.Left, false, new(10, 20)),
            new Scrolled(new(1500), 0, -3, new(12, 20)), new KeyChanged(new(1600), "control", KeyModifiers.None, true), new KeyChanged(new(1650), "c", KeyModifiers.Control, true),
            new KeyChanged(new(1700), "xf86_back", KeyModifiers.Alt | KeyModifiers.Super, false), new KeyChanged(new(1710), "xf86_back", KeyModifiers.None, true),
            new TypedRun(new(1200), new(2400), 7, 42, new(16, TextKind.Amount, TextSource.Instruction, 3, 2), 16, true),
        ];
        foreach (var one in input) writer.Write(one);
        writer.Write(new TaskMark(new(0), "expense-form/17", "Book 12.50 for “lunch”", false, null));
        writer.Write(new TypedText(new(1200), 7, "12.50", true));
        writer.Write(new TaskMark(new(3000), "expense-form/17", "Book 12.50 for “lunch”", true, true));
        writer.Write(new Gap(new(1900), new(2100), GapReason.NotAllowed));
        writer.Write(new ElementSnapshot(
            new(500), new("chromium", "http://localhost/expense", "Expenses", new(0, 0, 200, 150)),
            [
                new(1, -1, "document", "Expenses", null, null, null, null, ElementStates.Visible | ElementStates.Enabled, new(0, 0, 200, 150)),
                new(2, 1, "textbox", "Amount", null, null, new(8, TextKind.Amount, TextSource.Element, 1), "amount", ElementStates.Visible | ElementStates.Focused | ElementStates.MultiLine, new(10, 20, 80, 16)),
            ],
            2));
        using var screen = ScreenImage.Rent(new(100, 70), new(0, 0, 100, 70));
        for (var y = 0; y < 70; y++)
            for (var x = 0; x < 100; x++)
                screen.Fill(new(x, y, 1, 1), (x / 10 + y / 10) % 3 == 0 ? 0x00F0F0F0u : (uint)(x | y << 8 | (x * y % 7) << 16));
        writer.Write(new SessionTime(200), screen);
        writer.Flush();
        using var changed = screen.Copy(new(66, 2, 8, 8));
        changed.Fill(changed.Damage, 0xFF336699);
        writer.Write(new SessionTime(450), changed);
        writer.Complete(Samples.Health);
        return outputs.ToDictionary(pair => pair.Key, pair => ((MemoryStream)pair.Value).ToArray());
    }

    private static void AssertVector(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        if (Environment.GetEnvironmentVariable("TUTELAGE_WRITE_VECTORS") == "1") File.WriteAllBytes(path, bytes);
        File.Exists(path).ShouldBeTrue($"{name} is not committed");
        bytes.ShouldBe(File.ReadAllBytes(path), name);
    }
}
