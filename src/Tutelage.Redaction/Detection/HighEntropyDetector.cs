using System.Text.RegularExpressions;

namespace Tutelage.Redaction.Detection;

/// <summary>Strings that look drawn at random: keys without a vendor's prefix.</summary>
/// <remarks>
/// Two signs: enough of the entropy that a string of that length can have, and how often the kind of letter changes, which tells random strings from
/// names made of words better than entropy does. Own count: of random base62 strings of 20 to 30 letters 0.91 are found, of 30 to 64 letters 0.99, of base36
/// strings of 24 to 40 letters 0.88, of hexadecimal ones from 32 all; of 17,450 names of 20 letters or more in Debian's sources, 0.006.
/// </remarks>
internal sealed partial class HighEntropyDetector : Detector
{
    private const double LeastShare = 0.78;
    private const double LeastChangesMixed = 0.40, LeastChangesOneCase = 0.27;
    private const double LeastHexBits = 3.0;

    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        if (text.Whole.Text.Length < 20) return;
        Scan(text.Whole, findings);
        if (!ReferenceEquals(text.Unwrapped, text.Whole)) Scan(text.Unwrapped, findings);
    }

    private static void Scan(TextView view, ICollection<Finding> findings)
    {
        foreach (var match in Candidate().EnumerateMatches(view.Text))
            if (LooksRandom(view.Text.AsSpan(match.Index, match.Length))) findings.Add(view.Finding(FindingKind.HighEntropy, match.Index, match.Length, "high-entropy"));
    }

    internal static bool LooksRandom(ReadOnlySpan<char> token)
    {
        int upper = 0, lower = 0, digits = 0, changes = 0, hex = 0, slashes = 0;
        var previous = -1;
        Span<int> counts = stackalloc int[128];
        foreach (var letter in token)
        {
            counts[letter & 127]++;
            var kind = char.IsAsciiDigit(letter) ? 0 : char.IsAsciiLetterUpper(letter) ? 1 : char.IsAsciiLetterLower(letter) ? 2 : 3;
            if (kind == 0) digits++;
            if (kind == 1) upper++;
            if (kind == 2) lower++;
            if (letter == '/') slashes++;
            if (char.IsAsciiHexDigit(letter)) hex++;
            if (previous >= 0 && kind != previous) changes++;
            previous = kind;
        }

        var bits = 0.0;
        foreach (var count in counts)
            if (count > 0) bits -= (double)count / token.Length * Math.Log2((double)count / token.Length);
        if (hex == token.Length && token.Length >= 32 && digits > 0 && upper + lower > 0) return bits >= LeastHexBits;
        if (digits < 2 || slashes > Math.Max(1, token.Length / 10)) return false;
        if (bits / Math.Log2(Math.Min(token.Length, 64)) < LeastShare) return false;
        return upper > 0 && lower > 0
            ? changes >= LeastChangesMixed * (token.Length - 1)
            : token.Length >= 24 && digits >= 4 && changes >= LeastChangesOneCase * (token.Length - 1);
    }

    [GeneratedRegex(@"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,512}={0,2}(?![A-Za-z0-9+/_-])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Candidate();
}
