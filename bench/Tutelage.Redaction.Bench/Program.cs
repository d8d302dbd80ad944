using System.Diagnostics;
using System.Text;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Images;
using Tutelage.Redaction;
using Tutelage.Redaction.Detection;
using Tutelage.Redaction.Ocr;

// dotnet run -c Release --project bench/Tutelage.Redaction.Bench -- PAGE.png [OCR-FOLDER] [REDACTED.png]
// Best of several rounds, one thread (OCR: the runtime's own).
if (args.Length == 0)
{
    Console.Error.WriteLine("usage: Tutelage.Redaction.Bench PAGE.png [OCR-FOLDER] [REDACTED.png]");
    return 2;
}

using var file = File.OpenRead(args[0]);
using var page = Png.Read(file);
var screen = new ScreenSize(1280, 800);
using var frame = ScreenImage.Rent(screen, screen.Bounds);
frame.Fill(screen.Bounds, 0x00FFFFFF);
for (var y = 0; y < Math.Min(page.Size.Height, screen.Height); y++)
    page.Pixels.Slice(y * page.StrideBytes, Math.Min(page.StrideBytes, frame.StrideBytes)).CopyTo(frame.Pixels[(y * frame.StrideBytes)..]);

var random = new Random(1);
string[] words = ["the", "invoice", "of", "March", "2026-03-14", "312.40", "was", "sent", "to", "Northwind", "with", "order", "88172", "and", "will", "be", "paid", "next", "week", "report"];
var text = new StringBuilder();
while (text.Length < 1_000_000) text.Append(words[random.Next(words.Length)]).Append(random.Next(12) == 0 ? ".\n" : " ");
var lines = text.ToString().Split('\n');
Measure("detectors, lines of about 70 characters", () => _ = lines.Sum(line => TextScan.Find(line).Count), text.Length / 1e6, "M characters/s");
foreach (var detector in DetectorSet.Standard.Detectors)
{
    var alone = new DetectorSet([detector]);
    Measure("  " + detector.GetType().Name, () => _ = lines.Sum(line => alone.Find(line).Count), text.Length / 1e6, "M characters/s");
}

var context = new DesktopContext("chromium", 1, 7, "Expenses - Chromium", "https://practice.example/", screen.Bounds, false);
List<CapturedElement> elements = [new(0, -1, "document", null, null, null, ElementStates.Visible, screen.Bounds)];
for (var i = 1; i <= 600; i++)
    elements.Add(new(i, 0, (i % 3) switch { 0 => "button", 1 => "cell", _ => "text" }, "Element number " + i, null, "e" + i, ElementStates.Visible, new(i % 20 * 60, i / 20 * 26, 56, 22)));
var tree = new ElementTree(context, elements, -1);
var policy = new RedactionPolicy { Mode = RedactionMode.Capture, App = "chromium", TitleSuffix = "Chromium" };
var redactor = new Redactor();
using var memory = new SessionMemory(default);
var clock = 0L;
Once(screen.Bounds).Dispose();
Measure("interval: tree of 600 elements and a full frame", () => Once(screen.Bounds).Dispose(), 1, "per s");
Measure("interval: tree of 600 elements and a small change", () => Once(new(300, 300, 120, 20)).Dispose(), 1, "per s");
var bare = tree with { Elements = [elements[0]] };
Measure("interval: no elements, a full frame of unexplained text", () => Once(screen.Bounds, bare).Dispose(), 1, "per s");

if (args.Length > 2)
{
    using var redacted = Once(screen.Bounds, bare);
    using var output = File.Create(args[2]);
    Png.Write(output, redacted.Frames[0].Image);
}

if (args.Length > 1 && OcrEngine.TryLoad(args[1]) is { } engine)
{
    using (engine)
    {
        Console.WriteLine($"OCR finds {engine.Read(frame).Count} lines");
        Measure("OCR of a 1280x800 frame", () => _ = engine.Read(frame), 1, "frames/s");
    }
}

return 0;

RedactedInterval Once(ScreenRect damage, ElementTree? of = null)
{
    clock += 1_000_000_000;
    return redactor.Redact(new(context, [new CapturedElements(new(clock), of ?? tree), new CapturedFrame(new(clock + 1), frame.Copy(damage))], new(clock + 900_000_000)), policy, memory);
}

static void Measure(string what, Action work, double amount, string unit)
{
    var best = TimeSpan.MaxValue;
    for (var round = 0; round < 7; round++)
    {
        var watch = Stopwatch.StartNew();
        work();
        if (watch.Elapsed < best) best = watch.Elapsed;
    }

    Console.WriteLine($"{what,-58} {best.TotalMilliseconds,9:F2} ms  {amount / best.TotalSeconds,9:F1} {unit}");
}
