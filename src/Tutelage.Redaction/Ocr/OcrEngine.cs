using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Ocr;

/// <summary>A line of text read from pixels.</summary>
/// <param name="Box">On the screen.</param>
/// <param name="Confidence">Mean over its letters, 0 to 1.</param>
public sealed record OcrLine(ScreenRect Box, string Text, float Confidence)
{
    public override string ToString() => nameof(OcrLine);
}

/// <summary>Reads text from pixels with PP-OCRv4: one model finds lines, another reads each of them. Spaces between words are sometimes lost. Thread-safe, one call at a time.</summary>
public sealed class OcrEngine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly OnnxModel _detect;
    private readonly OnnxModel _recognise;
    private readonly string[] _characters;

    private OcrEngine(OnnxModel detect, OnnxModel recognise, string[] characters) => (_detect, _recognise, _characters) = (detect, recognise, characters);

    /// <summary>Loads the library and the models that <c>eng/ocr/fetch.sh</c> leaves in a folder; null if they are not there.</summary>
    /// <exception cref="OcrException">They are there and cannot be used.</exception>
    public static OcrEngine? TryLoad(string folder)
    {
        folder = Path.GetFullPath(folder);
        string[] files = ["libonnxruntime.so.1", "detect.onnx", "recognise.onnx", "characters.txt"];
        if (!OperatingSystem.IsLinux() || Array.Exists(files, file => !File.Exists(Path.Combine(folder, file)))) return null;
        var runtime = OnnxRuntime.Load(Path.Combine(folder, files[0]));
        var threads = Math.Clamp(Environment.ProcessorCount, 1, 4);
        // The recogniser's classes: 0 is "nothing", then the characters in their order, then the space.
        string[] characters = ["", .. File.ReadAllLines(Path.Combine(folder, files[3])), " "];
        var detect = new OnnxModel(runtime, Path.Combine(folder, files[1]), threads);
        try
        {
            return new(detect, new(runtime, Path.Combine(folder, files[2]), threads), characters);
        }
        catch
        {
            detect.Dispose();
            throw;
        }
    }

    /// <summary>Lines from top to bottom.</summary>
    /// <param name="region">Part of the screen to read; the whole if null.</param>
    /// <exception cref="OcrException">The runtime refused.</exception>
    public IReadOnlyList<OcrLine> Read(ScreenImage image, ScreenRect? region = null)
    {
        var area = (region ?? image.Size.Bounds).Intersect(image.Size.Bounds);
        if (area.Width < 4 || area.Height < 4) return [];
        lock (_gate)
        {
            var lines = new List<OcrLine>();
            foreach (var box in LineFinder.Find(_detect, image, area))
            {
                var (text, confidence) = LineReader.Read(_recognise, _characters, image, box);
                if (text.Length > 0) lines.Add(new(box, text, confidence));
            }

            return lines;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _detect.Dispose();
            _recognise.Dispose();
        }
    }
}

/// <summary>The OCR library or its models cannot be used.</summary>
public sealed class OcrException(string message) : Exception(message);
