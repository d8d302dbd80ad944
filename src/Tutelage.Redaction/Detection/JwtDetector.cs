using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;

namespace Tutelage.Redaction.Detection;

/// <summary>JSON web tokens (RFC 7519): three or five base64url parts of which the first says how it was signed or encrypted.</summary>
internal sealed partial class JwtDetector : Detector
{
    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        if (text.Whole.Text.Length < 20) return;
        Scan(text.Whole, findings);
        if (!ReferenceEquals(text.Unwrapped, text.Whole)) Scan(text.Unwrapped, findings);
        if (text.Squeezed.Text.Length != text.Whole.Text.Length) Scan(text.Squeezed, findings);
    }

    private static void Scan(TextView view, ICollection<Finding> findings)
    {
        if (!view.Text.Contains("ey", StringComparison.Ordinal)) return;
        foreach (Match match in Token().Matches(view.Text))
            if (SaysHow(match.Groups[1].ValueSpan)) findings.Add(view.Finding(FindingKind.VendorToken, match.Index, match.Length, "jwt"));
    }

    private static bool SaysHow(ReadOnlySpan<char> part)
    {
        if (part.Length > 4096 || part.Length % 4 == 1) return false;
        var decoded = new byte[part.Length];
        return Base64Url.DecodeFromChars(part, decoded, out _, out var length) == OperationStatus.Done
            && Encoding.UTF8.GetString(decoded, 0, length) is var header && header.Contains('{') && header.Contains("\"alg\"", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(ey[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*)?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Token();
}
