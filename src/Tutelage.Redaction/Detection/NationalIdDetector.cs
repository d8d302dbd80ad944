using System.Text.RegularExpressions;

namespace Tutelage.Redaction.Detection;

/// <summary>National identity and social security numbers whose form or check digit can be verified.</summary>
/// <remarks>Numbers that are digits only and check one time in ten or eleven count only in their written grouping, or behind the words that name them.</remarks>
internal sealed partial class NationalIdDetector : Detector
{
    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        var view = text.Whole;
        if (view.Text.Length < 8 || view.Text.Count(char.IsAsciiDigit) < 5) return;
        foreach (var form in Forms)
        {
            foreach (var match in form.Pattern().EnumerateMatches(view.Text))
            {
                var candidate = view.Text.AsSpan(match.Index, match.Length);
                if (form.IsValid(candidate)) findings.Add(view.Finding(FindingKind.NationalId, match.Index, match.Length, form.Name));
            }
        }
    }

    private delegate bool Validity(ReadOnlySpan<char> candidate);

    private sealed record Form(string Name, Func<Regex> Pattern, Validity IsValid);

    private static readonly Form[] Forms =
    [
        new("us-ssn", UsSsn, static c => D(c) is var d && CheckDigits.Number(d.AsSpan(0, 3)) is not (0 or 666 or >= 900) && d[3] + d[4] > 0 && CheckDigits.Number(d.AsSpan(5)) > 0),
        new("ca-sin", Grouped333, static c => D(c) is var d && d[0] is not (0 or 8) && CheckDigits.Luhn(d)),
        new("uk-nino", UkNino, static c => NinoPrefix(c)),
        new("pl-pesel", Eleven, static c => D(c) is var d && IsDay(d[4] * 10 + d[5]) && (d[2] * 10 + d[3]) % 20 is >= 1 and <= 12 && CheckDigits.Weighted(d, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0),
        new("de-tax-id", ElevenGrouped, static c => D(c) is var d && d[0] != 0 && OneDigitRepeats(d) && CheckDigits.Mod11_10(d)),
        new("es-dni", EsDni, static c => DniLetter(c)),
        new("fr-nir", FrNir, static c => NirKey(c)),
        new("it-fiscal-code", ItFiscalCode, static c => FiscalCodeLetter(c)),
        new("nl-bsn", NlBsn, static c => D(c) is var d && d.Length >= 9 && CheckDigits.Weighted(d.AsSpan(d.Length - 9), [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0),
        new("be-national-number", BeNumber, static c => D(c) is var d && (97 - CheckDigits.Number(d.AsSpan(0, 9)) % 97 == CheckDigits.Number(d.AsSpan(9)) || 97 - (2_000_000_000 + CheckDigits.Number(d.AsSpan(0, 9))) % 97 == CheckDigits.Number(d.AsSpan(9)))),
        new("ch-ahv", ChAhv, static c => D(c) is var d && CheckDigits.Weighted(d, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0),
        new("se-personal-number", SeNumber, static c => D(c) is var d && CheckDigits.Luhn(d.AsSpan(d.Length - 10))),
        new("fi-personal-code", FiCode, static c => FiLetter(c)),
        new("br-cpf", BrCpf, static c => D(c) is var d && d.Distinct().Count() > 1 && CpfDigit(d, 9) == d[9] && CpfDigit(d, 10) == d[10]),
        new("in-aadhaar", InAadhaar, static c => D(c) is var d && CheckDigits.Verhoeff(d)),
    ];

    private static byte[] D(ReadOnlySpan<char> text)
    {
        var digits = new List<byte>(16);
        foreach (var letter in text)
            if (char.IsAsciiDigit(letter)) digits.Add((byte)(letter - '0'));
        return [.. digits];
    }

    private static bool IsDay(int day) => day is >= 1 and <= 31;

    private static bool NinoPrefix(ReadOnlySpan<char> text)
    {
        var first = char.ToUpperInvariant(text[0]);
        var second = char.ToUpperInvariant(text[1]);
        return !"DFIQUV".Contains(first) && !"DFIQUVO".Contains(second) && $"{first}{second}" is not ("BG" or "GB" or "NK" or "KN" or "TN" or "NT" or "ZZ");
    }

    private static bool OneDigitRepeats(byte[] digits) => digits.Take(10).Distinct().Count() is 8 or 9;

    private static bool DniLetter(ReadOnlySpan<char> text)
    {
        var digits = D(text);
        var number = CheckDigits.Number(digits) + char.ToUpperInvariant(text[0]) switch { 'Y' => 10_000_000, 'Z' => 20_000_000, _ => 0 };
        return char.ToUpperInvariant(text[^1]) == "TRWAGMYFPDXBNJZSQVHLCKE"[(int)(number % 23)];
    }

    private static bool NirKey(ReadOnlySpan<char> text)
    {
        var corsica = text.ContainsAny("Aa") ? 1_000_000 : text.ContainsAny("Bb") ? 2_000_000 : 0;
        var digits = D(corsica == 0 ? text : text.ToString().ToUpperInvariant().Replace('A', '0').Replace('B', '0'));
        return digits.Length == 15 && 97 - (CheckDigits.Number(digits.AsSpan(0, 13)) - corsica) % 97 == CheckDigits.Number(digits.AsSpan(13));
    }

    private static bool FiscalCodeLetter(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<int> odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        var sum = 0;
        for (var i = 0; i < 15; i++)
        {
            var letter = char.ToUpperInvariant(text[i]);
            var value = char.IsAsciiDigit(letter) ? letter - '0' : letter - 'A';
            sum += i % 2 == 0 ? odd[value] : value;
        }

        return char.ToUpperInvariant(text[15]) == 'A' + sum % 26;
    }

    private static bool FiLetter(ReadOnlySpan<char> text)
    {
        var digits = D(text[..10]);
        return char.ToUpperInvariant(text[10]) == "0123456789ABCDEFHJKLMNPRSTUVWXY"[(int)(CheckDigits.Number(digits) % 31)];
    }

    private static int CpfDigit(byte[] digits, int count)
    {
        var sum = 0;
        for (var i = 0; i < count; i++) sum += digits[i] * (count + 1 - i);
        return sum * 10 % 11 % 10;
    }

    [GeneratedRegex(@"(?<![\w.-])[0-9]{3}([- ])[0-9]{2}\1[0-9]{4}(?![\w-])|(?<=\b(?:ssn|social security(?: number| no\.?)?)[:# ]{1,3})[0-9]{9}(?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UsSsn();

    [GeneratedRegex(@"(?<![\w.-])[1-79][0-9]{2}([- ])[0-9]{3}\1[0-9]{3}(?![\w-]|[ ][0-9])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Grouped333();

    [GeneratedRegex(@"(?<![\w])[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D](?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UkNino();

    [GeneratedRegex(@"(?<![\w.-])[0-9]{11}(?![\w-])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Eleven();

    [GeneratedRegex(@"(?<![\w.-])[1-9][0-9](?: ?[0-9]{3}){3}(?![\w-])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ElevenGrouped();

    [GeneratedRegex(@"(?<![\w])(?:[0-9]{8}|[XYZ][0-9]{7})-?[A-Z](?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex EsDni();

    [GeneratedRegex(@"(?<![\w])[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}(?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FrNir();

    [GeneratedRegex(@"(?<![\w])[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z](?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ItFiscalCode();

    [GeneratedRegex(@"(?<=\b(?:bsn|burgerservicenummer|sofinummer)[:# ]{1,3})[0-9]{9}(?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NlBsn();

    [GeneratedRegex(@"(?<![\w])[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}(?![\w])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BeNumber();

    [GeneratedRegex(@"(?<![\w])756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}(?![\w])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ChAhv();

    [GeneratedRegex(@"(?<![\w-])(?:19|20)?[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01]|[67][0-9]|8[0-9]|9[01])[-+][0-9]{4}(?![\w-])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SeNumber();

    [GeneratedRegex(@"(?<![\w])[0-3][0-9][01][0-9]{3}[-+ABCDEFYXWVU][0-9]{3}[0-9A-Y](?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FiCode();

    [GeneratedRegex(@"(?<![\w])[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?![\w])|(?<=\bcpf[:# ]{1,3})[0-9]{11}(?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BrCpf();

    [GeneratedRegex(@"(?<![\w.-])[2-9][0-9]{3}([- ])[0-9]{4}\1[0-9]{4}(?![\w-]|[ ][0-9])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex InAadhaar();
}
