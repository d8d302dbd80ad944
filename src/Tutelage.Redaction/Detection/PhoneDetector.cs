using System.Buffers;
using System.Text.RegularExpressions;

namespace Tutelage.Redaction.Detection;

/// <summary>Telephone numbers: international (E.164), North American (NANP) and national ones with a leading zero.</summary>
internal sealed partial class PhoneDetector : Detector
{
    private static readonly SearchValues<char> AnyDigit = SearchValues.Create("0123456789");

    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        var view = text.Whole;
        if (view.Text.Length < 7 || !view.Text.AsSpan().ContainsAny(AnyDigit)) return;
        foreach (var match in International().EnumerateMatches(view.Text)) findings.Add(view.Finding(FindingKind.PhoneNumber, match.Index, match.Length, "international"));
        foreach (var match in NorthAmerican().EnumerateMatches(view.Text)) findings.Add(view.Finding(FindingKind.PhoneNumber, match.Index, match.Length, "north-american"));
        foreach (var match in National().EnumerateMatches(view.Text))
        {
            var number = view.Text.AsSpan(match.Index, match.Length);
            if (Date().IsMatch(number) || number.Count('/') > 1) continue;
            findings.Add(view.Finding(FindingKind.PhoneNumber, match.Index, match.Length, "national"));
        }
    }

    [GeneratedRegex(@"(?<![\w+])(?:\+|00 ?)[1-9](?:[ ().\-/\n\r\t]{0,4}[0-9]){6,14}(?![0-9])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex International();

    [GeneratedRegex(@"(?<![\w.-])(?:1[-. ])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-. \n])[2-9][0-9]{2}[-. \n][0-9]{4}(?![\w-])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NorthAmerican();

    [GeneratedRegex(@"(?<![\w.,:/+-])\(?0[1-9](?:[ ()/\-\n]{0,3}[0-9]){7,10}(?![\w])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex National();

    [GeneratedRegex(@"^[0-3]?[0-9][-/ .][01]?[0-9][-/ .](?:19|20)[0-9]{2}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Date();
}
