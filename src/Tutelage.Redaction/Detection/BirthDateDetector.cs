using System.Text.RegularExpressions;

namespace Tutelage.Redaction.Detection;

/// <summary>A date right behind words that make it a date of birth. A date alone says nothing.</summary>
internal sealed partial class BirthDateDetector : Detector
{
    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        if (text.Whole.Text.Length < 8) return;
        foreach (Match match in Born().Matches(text.Whole.Text))
        {
            var date = match.Groups[1];
            findings.Add(text.Whole.Finding(FindingKind.BirthDate, date.Index, date.Length, "birth-date"));
        }
    }

    [GeneratedRegex(
        @"\b(?:born(?: on)?|date of birth|birth ?date|birthday|d\.?o\.?b\.?|geboren(?: am)?|geburtsdatum|n[eé]e? le|date de naissance|fecha de nacimiento|data di nascita)[\s:=(-]{1,6}"
        + @"([0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}|[0-9]{1,2}\.? \p{L}{3,10}\.? [0-9]{4}|\p{L}{3,10} [0-9]{1,2},? [0-9]{4})",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Born();
}
