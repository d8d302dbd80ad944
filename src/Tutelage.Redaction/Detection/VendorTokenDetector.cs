using System.Buffers;

namespace Tutelage.Redaction.Detection;

/// <summary>Keys in a vendor's own format: a prefix that the vendor published so that scanners can find it, and a body of known letters and length.</summary>
/// <remarks>One search for all prefixes at once decides for nearly every text; a row is looked at only where its prefix stands.</remarks>
internal sealed class VendorTokenDetector : Detector
{
    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        if (text.Whole.Text.Length < 12) return;
        Scan(text.Whole, strict: true, findings);
        if (!ReferenceEquals(text.Unwrapped, text.Whole)) Scan(text.Unwrapped, strict: true, findings);
        if (text.Squeezed.Text.Length != text.Whole.Text.Length) Scan(text.Squeezed, strict: false, findings);
    }

    /// <param name="strict">A token begins and ends where letters and digits do. Without white space that cannot be asked, so the body must hold digits instead.</param>
    private static void Scan(TextView view, bool strict, ICollection<Finding> findings)
    {
        var text = view.Text;
        for (var at = 0; at < text.Length; at++)
        {
            var found = text.AsSpan(at).IndexOfAny(Prefixes);
            if (found < 0) return;
            at += found;
            if (strict && at > 0 && char.IsAsciiLetterOrDigit(text[at - 1]) && char.IsAsciiLetterOrDigit(text[at])) continue;
            foreach (var row in VendorTokens.Rows)
            {
                if (!text.AsSpan(at).StartsWith(row.Prefix, StringComparison.OrdinalIgnoreCase)) continue;
                var body = text.AsSpan(at + row.Prefix.Length);
                var end = body.IndexOfAnyExcept(row.Letters);
                if (end < 0) end = body.Length;
                if (end < row.Least || (strict && end > row.Most)) continue;
                if (end > row.Most) end = row.Most;
                body = body[..end];
                var exact = text.AsSpan(at).StartsWith(row.Prefix, StringComparison.Ordinal);
                var digits = 0;
                foreach (var letter in body) digits += char.IsAsciiDigit(letter) ? 1 : 0;
                if (digits < (strict ? (row.Weak || !exact ? 1 : 0) : exact && !row.Weak ? 1 : 2)) continue;
                if (row.Weak && !strict && digits < end / 10) continue;
                findings.Add(view.Finding(FindingKind.VendorToken, at, row.Prefix.Length + end, row.Name));
                at += row.Prefix.Length + end - 1;
                break;
            }
        }
    }

    private static readonly SearchValues<string> Prefixes = SearchValues.Create([.. VendorTokens.Rows.Select(row => row.Prefix)], StringComparison.OrdinalIgnoreCase);
}
