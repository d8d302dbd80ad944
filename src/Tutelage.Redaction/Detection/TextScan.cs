namespace Tutelage.Redaction.Detection;

/// <summary>The standard detectors for those who verify: exports, demos, audits.</summary>
public static class TextScan
{
    /// <summary>Findings in order of position; they may overlap.</summary>
    public static IReadOnlyList<Finding> Find(string text) => DetectorSet.Standard.Find(text);
}
