using System.Text;
using Tutelage.Practice.Participants;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Mcap;
using Tutelage.Recording.Segments;
using Tutelage.Redaction.Ocr;

namespace Tutelage.Cli.Demo.Searching;

/// <summary>Searches one opened segment: its raw bytes, its records, every text in it, the keys in their order, and its pictures.</summary>
/// <param name="quantumMs">How far times may be off.</param>
/// <param name="onceIsEnough">A plant that was found is not looked for in further pictures: for the control, which has to find each plant once.</param>
internal sealed class SegmentSearch(PlantSearch search, OcrEngine? ocr, int quantumMs, bool onceIsEnough = false)
{
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <summary>Plain grey or one flat colour with an edge: nothing can be read in it.</summary>
    private const int FlatColours = 2;

    public int Pictures { get; private set; }

    public int TrueBoxes { get; private set; }

    public long Bytes { get; private set; }

    /// <param name="files">Plaintext of each class.</param>
    /// <param name="truth">What was planted, where and when, on the boot clock.</param>
    /// <param name="startMs">When the session began on the boot clock.</param>
    public IReadOnlyList<PlantHit> Search(string place, IReadOnlyDictionary<ContentClass, byte[]> files, ActorLog truth, long startMs)
    {
        var hits = new List<PlantHit>();
        foreach (var (kept, bytes) in files)
        {
            Bytes += bytes.Length;
            hits.AddRange(search.InBytes($"{place} {kept} bytes", bytes));
            hits.AddRange(search.InBytes($"{place} {kept} records", Records(bytes)));
        }
        var reader = SegmentReader.Open(files.ToDictionary(file => file.Key, file => (Stream)new MemoryStream(file.Value)));
        hits.AddRange(search.InBytes($"{place} texts", Encoding.UTF8.GetBytes(Texts(reader))));
        hits.AddRange(search.InBytes($"{place} keys", Encoding.UTF8.GetBytes(TypedKeys(reader.Input))));
        _found.UnionWith(hits.Select(hit => hit.PlantId));
        foreach (var (time, image) in reader.Frames)
            using (image) hits.AddRange(InPicture($"{place} picture at {time.Milliseconds} ms", image, truth, startMs + time.Milliseconds));
        return hits.Distinct().ToList();
    }

    /// <summary>Looks at the true places of everything planted on the screen at that moment, and reads what is not flat there.</summary>
    public IReadOnlyList<PlantHit> InPicture(string place, ScreenImage image, ActorLog truth, long bootMs)
    {
        Pictures++;
        var hits = new List<PlantHit>();
        foreach (var plant in truth.Plants.Where(plant => !onceIsEnough || !_found.Contains(plant.Id)))
            foreach (var moment in plant.Moments.Where(moment => moment.StartMs - quantumMs <= bootMs && bootMs <= moment.EndMs + quantumMs))
                foreach (var box in moment.Boxes.Select(box => box.Inflate(4).Intersect(image.Size.Bounds)).Where(box => !box.IsEmpty))
                {
                    TrueBoxes++;
                    if (IsFlat(image, box)) continue;
                    if (ocr is null) throw new DemoFailedException("pictures cannot be checked without the text recogniser; run eng/ocr/fetch.sh");
                    var read = string.Join(' ', ocr.Read(image, box.Inflate(12).Intersect(image.Size.Bounds)).Select(line => line.Text));
                    hits.AddRange(search.InReadText(place, read, "picture at its true place").Where(hit => hit.PlantId == plant.Id));
                }
        _found.UnionWith(hits.Select(hit => hit.PlantId));
        return hits;
    }

    private static bool IsFlat(ScreenImage image, ScreenRect box)
    {
        var pixels = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(image.Pixels);
        var colours = new HashSet<uint>();
        for (var y = box.Y; y < box.Bottom; y++)
            foreach (var pixel in pixels.Slice(y * image.Size.Width + box.X, box.Width))
                if (colours.Add(pixel & 0xFFFFFF) && colours.Count > FlatColours) return false;
        return true;
    }

    private static byte[] Records(byte[] mcap)
    {
        using var reader = new McapReader(new MemoryStream(mcap));
        var records = new MemoryStream();
        while (reader.TryReadMessage(out var message)) records.Write(message.Data);
        return records.ToArray();
    }

    private static string Texts(SegmentReader reader)
    {
        var texts = new StringBuilder();
        foreach (var typed in reader.Texts) texts.AppendLine(typed.Text);
        foreach (var task in reader.Tasks) texts.AppendLine(task.Instruction);
        foreach (var snapshot in reader.Elements)
        {
            texts.AppendLine(snapshot.Context.Title).AppendLine(snapshot.Context.Site);
            foreach (var element in snapshot.Elements) texts.AppendLine(element.Name).AppendLine(element.Value).AppendLine(element.Hint);
        }
        return texts.ToString();
    }

    /// <summary>What the kept keys would write, corrections applied: a secret could hide letter by letter.</summary>
    internal static string TypedKeys(IEnumerable<InputEvent> input)
    {
        var typed = new StringBuilder();
        foreach (var key in input.OfType<KeyChanged>().Where(key => key.Down))
        {
            if (key.Key.Length == 1) typed.Append(key.Key);
            else if (key.Key is "space") typed.Append(' ');
            else if (key.Key is "BackSpace" or "backspace" && typed.Length > 0) typed.Length--;
        }
        return typed.ToString();
    }
}
