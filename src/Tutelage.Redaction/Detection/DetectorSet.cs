namespace Tutelage.Redaction.Detection;

/// <summary>All detectors that look at one text. Thread-safe.</summary>
public sealed class DetectorSet(IReadOnlyList<Detector> detectors)
{
    public static DetectorSet Standard { get; } = new([]);

    public IReadOnlyList<Detector> Detectors { get; } = detectors;

    /// <summary>Findings in order of position; they may overlap.</summary>
    public IReadOnlyList<Finding> Find(string text)
    {
        var findings = new List<Finding>();
        var normalised = NormalisedText.Of(text);
        foreach (var detector in Detectors) detector.Find(normalised, findings);
        return findings;
    }
}
