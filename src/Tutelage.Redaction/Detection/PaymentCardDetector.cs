namespace Tutelage.Redaction.Detection;

/// <summary>Payment card numbers: an issuer's range (ISO/IEC 7812, the schemes' published ranges), its length, and the Luhn digit.</summary>
/// <remarks>Found also when grouped, wrapped or glued to other digits on one side.</remarks>
internal sealed class PaymentCardDetector : Detector
{
    private const int Shortest = 13;
    private const int Longest = 19;

    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        foreach (var stream in DigitStream.In(text.Whole.Text, Shortest))
        {
            var digits = stream.Values.AsSpan();
            for (var start = 0; start + Shortest <= digits.Length; start++)
            {
                if (Scheme(digits[start..]) is not { } scheme) continue;
                for (var length = Longest; length >= Shortest; length--)
                {
                    var end = start + length - 1;
                    if (end >= digits.Length || !scheme.Fits(length, stream.GroupStart[start], stream.GroupEnd[end])) continue;
                    if (!CheckDigits.Luhn(digits.Slice(start, length))) continue;
                    var first = stream.Positions[start];
                    findings.Add(text.Whole.Finding(FindingKind.PaymentCard, first, stream.Positions[end] + 1 - first, scheme.Name));
                    break;
                }
            }
        }
    }

    /// <param name="Lengths">Bit n: n digits are usual.</param>
    /// <param name="Rare">Bit n: n digits occur, and count only if no digit stands directly before or behind.</param>
    private readonly record struct CardScheme(string Name, int Lengths, int Rare = 0)
    {
        public bool Fits(int length, bool startsGroup, bool endsGroup) =>
            (((Lengths >> length) & 1) == 1 && (startsGroup || endsGroup)) || (((Rare >> length) & 1) == 1 && startsGroup && endsGroup);
    }

    private static CardScheme? Scheme(ReadOnlySpan<byte> digits)
    {
        var two = digits[0] * 10 + digits[1];
        var four = two * 100 + digits[2] * 10 + digits[3];
        return (two, four) switch
        {
            ( >= 40 and <= 49, _) => new("visa", 1 << 16, 1 << 13 | 1 << 19),
            ( >= 51 and <= 55, _) or (_, >= 2221 and <= 2720) => new("mastercard", 1 << 16),
            (34 or 37, _) => new("american-express", 1 << 15),
            (_, 6011) or (_, >= 6440 and <= 6599) => new("discover", 1 << 16, 1 << 17 | 1 << 18 | 1 << 19),
            (_, >= 3000 and <= 3059) or (36 or 38 or 39, _) => new("diners", 1 << 14, 1 << 16),
            (_, >= 3528 and <= 3589) => new("jcb", 1 << 16),
            (_, >= 2200 and <= 2204) => new("mir", 1 << 16),
            (62, _) or (81, _) => new("unionpay", 1 << 16, 1 << 17 | 1 << 18 | 1 << 19),
            (50 or 56 or 57 or 58, _) or (63 or 67, _) => new("maestro", 0, 1 << 13 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 17 | 1 << 18 | 1 << 19),
            (_, 6062 or 6370 or 6375 or 6379) => new("hipercard", 1 << 16),
            (60 or 65, _) => new("rupay", 1 << 16),
            _ => null,
        };
    }
}
