namespace Tutelage.Redaction.Detection;

/// <summary>International bank account numbers (ISO 13616): country, that country's length (SWIFT's IBAN registry), remainder 1 modulo 97.</summary>
internal sealed class IbanDetector : Detector
{
    private const string Registry =
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27"
        + "JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23"
        + "TN24TR26UA29VA22VG24XK20";

    private static readonly Dictionary<int, int> Lengths = Enumerable.Range(0, Registry.Length / 4)
        .ToDictionary(row => Registry[row * 4] << 8 | Registry[row * 4 + 1], row => int.Parse(Registry.AsSpan(row * 4 + 2, 2), System.Globalization.CultureInfo.InvariantCulture));

    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        if (text.Original.Length < 15) return;
        Scan(text.Whole, mustBegin: true, findings);
        if (text.Squeezed.Text.Length != text.Whole.Text.Length) Scan(text.Squeezed, mustBegin: false, findings);
    }

    private static void Scan(TextView view, bool mustBegin, ICollection<Finding> findings)
    {
        var text = view.Text;
        Span<char> number = stackalloc char[34];
        for (var start = 0; start + 15 <= text.Length; start++)
        {
            if (!char.IsAsciiLetter(text[start]) || !char.IsAsciiLetter(text[start + 1])) continue;
            if (mustBegin && start > 0 && char.IsLetterOrDigit(text[start - 1])) continue;
            if (!Lengths.TryGetValue((text[start] & ~0x20) << 8 | (text[start + 1] & ~0x20), out var length)) continue;

            int count = 0, at = start, separators = 0;
            for (; at < text.Length && count < length; at++)
            {
                if (char.IsAsciiLetterOrDigit(text[at]))
                {
                    if (count is 2 or 3 && !char.IsAsciiDigit(text[at])) break;
                    number[count++] = char.ToUpperInvariant(text[at]);
                    separators = 0;
                }
                else if (!(text[at] is ' ' or '-' or '.' or '\n' or '\r' or '\t') || ++separators > 3) break;
            }

            if (count < length || !IsValid(number[..length])) continue;
            if (mustBegin && at < text.Length && char.IsAsciiLetterOrDigit(text[at])) continue;
            findings.Add(view.Finding(FindingKind.Iban, start, at - start, "iban"));
        }
    }

    private static bool IsValid(ReadOnlySpan<char> number)
    {
        var remainder = 0;
        for (var i = 0; i < number.Length; i++)
        {
            var letter = number[(i + 4) % number.Length];
            remainder = char.IsAsciiDigit(letter) ? (remainder * 10 + letter - '0') % 97 : (remainder * 100 + letter - 'A' + 10) % 97;
        }

        return remainder == 1;
    }
}
