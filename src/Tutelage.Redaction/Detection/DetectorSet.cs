namespace Tutelage.Redaction.Detection;

/// <summary>All detectors that look at one text. Thread-safe.</summary>
public sealed class DetectorSet(IReadOnlyList<Detector> detectors)
{
    public static DetectorSet Standard { get; } = new(
    [
        new PaymentCardDetector(),
        new IbanDetector(),
        new EmailDetector(),
        new PhoneDetector(),
        new VendorTokenDetector(),
        new JwtDetector(),
        new PrivateKeyDetector(),
        new UrlCredentialsDetector(),
        new HighEntropyDetector(),
        new NationalIdDetector(),
        new NetworkAddressDetector(),
        new BirthDateDetector(),
    ]);

    public IReadOnlyList<Detector> Detectors { get; } = detectors;

    /// <summary>Findings in order of position, each stretch once per kind; they may overlap.</summary>
    /// <exception cref="DetectorFailedException">A detector threw; which one, and nothing of the text.</exception>
    public IReadOnlyList<Finding> Find(string text)
    {
        if (text.Length < 5) return [];
        var findings = new List<Finding>();
        var normalised = NormalisedText.Of(text);
        foreach (var detector in Detectors)
        {
            try
            {
                detector.Find(normalised, findings);
            }
            catch (Exception)
            {
                throw new DetectorFailedException(detector.GetType().Name);
            }
        }

        if (findings.Count < 2) return findings;
        return [.. findings.DistinctBy(finding => (finding.Kind, finding.Start, finding.Length)).OrderBy(finding => finding.Start)];
    }
}

/// <summary>A detector failed: what it should have looked at is not decided.</summary>
/// <remarks>The cause is left out on purpose: it might quote the text.</remarks>
public sealed class DetectorFailedException(string detector) : Exception($"detector {detector} failed; the text it was given is undecided and must not be stored")
{
    public string Detector { get; } = detector;
}
