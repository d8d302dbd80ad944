using System.Text.RegularExpressions;

namespace Tutelage.Redaction.Detection;

/// <summary>E-mail addresses (RFC 5321 without quoted local parts), international ones included, also when wrapped or spaced out.</summary>
internal sealed partial class EmailDetector : Detector
{
    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        if (!text.Whole.Text.Contains('@')) return;
        var before = findings.Count;
        Scan(text.Whole, findings);
        if (!ReferenceEquals(text.Unwrapped, text.Whole)) Scan(text.Unwrapped, findings);
        if (findings.Count == before && text.Squeezed.Text.Length != text.Whole.Text.Length) Scan(text.Squeezed, findings);
    }

    private static void Scan(TextView view, ICollection<Finding> findings)
    {
        foreach (var match in Domain().EnumerateMatches(view.Text))
        {
            var start = match.Index;
            while (start > 0 && match.Index - start < 64 && IsLocal(view.Text[start - 1])) start--;
            if (start < match.Index) findings.Add(view.Finding(FindingKind.EmailAddress, start, match.Index + match.Length - start, "email"));
        }
    }

    private static bool IsLocal(char letter) => char.IsLetterOrDigit(letter) || "!#$%&'*+/=?^_`{|}~.-".Contains(letter);

    [GeneratedRegex(@"@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:[\p{L}]{2,24}|xn--[a-z0-9-]{2,59})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Domain();
}
