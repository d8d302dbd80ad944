using Tutelage.Redaction.Detection;
using Tutelage.Redaction.Ocr;

namespace Tutelage.Redaction;

/// <summary>Turns one interval of captured events into what may be stored.</summary>
public sealed class Redactor(DetectorSet? detectors = null, OcrEngine? ocr = null)
{
    /// <summary>Accessibility follows the screen by up to this long (Chromium batches its updates); younger trees are not trusted alone.</summary>
    public const int SettleMs = 500;

    /// <summary>Name and version of the rules, for <c>SegmentOpening.Redactor</c>.</summary>
    public const string Version = "tutelage-redaction/1";

    private readonly DetectorSet _detectors = detectors ?? DetectorSet.Standard;
    private readonly OcrEngine? _ocr = ocr;

    /// <summary>Decides about keys, pixels, titles and element text together. Takes over the frames of <paramref name="interval"/>.</summary>
    public RedactedInterval Redact(RedactionInterval interval, RedactionPolicy policy, SessionMemory memory)
    {
        _ = (_detectors, _ocr);
        throw new NotImplementedException();
    }
}
