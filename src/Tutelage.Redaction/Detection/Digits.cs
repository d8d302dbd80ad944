namespace Tutelage.Redaction.Detection;

/// <summary>Digits that may belong together: nothing but up to three separators stands between neighbours.</summary>
/// <param name="Values">0 to 9 each.</param>
/// <param name="Positions">Of each digit in the view.</param>
/// <param name="GroupStart">True where no digit stands directly before.</param>
/// <param name="GroupEnd">True where no digit stands directly behind.</param>
internal readonly record struct DigitStream(byte[] Values, int[] Positions, bool[] GroupStart, bool[] GroupEnd)
{
    private const int MaxSeparators = 3;

    private static bool IsSeparator(char letter) => letter is ' ' or '-' or '.' or '/' or ',' or '_' or '|' or '\n' or '\r' or '\t' or ':';

    /// <summary>Every stream of at least <paramref name="atLeast"/> digits.</summary>
    public static IEnumerable<DigitStream> In(string text, int atLeast)
    {
        var positions = new List<int>();
        for (var at = 0; at <= text.Length; at++)
        {
            var digit = at < text.Length && char.IsAsciiDigit(text[at]);
            if (digit) positions.Add(at);
            var over = at == text.Length || (!digit && (!IsSeparator(text[at]) || (positions.Count > 0 && at - positions[^1] > MaxSeparators)));
            if (!over) continue;
            if (positions.Count >= atLeast) yield return Make(text, positions);
            positions.Clear();
        }
    }

    private static DigitStream Make(string text, List<int> positions)
    {
        var count = positions.Count;
        var stream = new DigitStream(new byte[count], [.. positions], new bool[count], new bool[count]);
        for (var i = 0; i < count; i++)
        {
            stream.Values[i] = (byte)(text[positions[i]] - '0');
            stream.GroupStart[i] = i == 0 || positions[i - 1] != positions[i] - 1;
            stream.GroupEnd[i] = i == count - 1 || positions[i + 1] != positions[i] + 1;
        }

        return stream;
    }
}

/// <summary>Check digits. Every method takes digit values 0 to 9.</summary>
internal static class CheckDigits
{
    /// <summary>ISO/IEC 7812-1 annex B.</summary>
    public static bool Luhn(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            int digit = digits[digits.Length - 1 - i];
            if ((i & 1) == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
            sum += digit;
        }

        return sum % 10 == 0;
    }

    /// <summary>Dihedral group D5 (J. Verhoeff, 1969).</summary>
    public static bool Verhoeff(ReadOnlySpan<byte> digits)
    {
        var check = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            int permuted = digits[digits.Length - 1 - i];
            for (var round = i % 8; round > 0; round--) permuted = VerhoeffStep[permuted];
            check = Multiply(check, permuted);
        }

        return check == 0;

        static int Multiply(int a, int b) => (a < 5, b < 5) switch
        {
            (true, true) => (a + b) % 5,
            (true, false) => 5 + (a + b - 5) % 5,
            (false, true) => 5 + (a - 5 - b + 5) % 5,
            (false, false) => (a - b + 5) % 5,
        };
    }

    private static ReadOnlySpan<byte> VerhoeffStep => [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

    /// <summary>ISO/IEC 7064 MOD 11,10.</summary>
    public static bool Mod11_10(ReadOnlySpan<byte> digits)
    {
        var product = 10;
        foreach (var digit in digits[..^1])
        {
            var sum = (digit + product) % 10;
            if (sum == 0) sum = 10;
            product = sum * 2 % 11;
        }

        return (11 - product) % 10 == digits[^1];
    }

    public static int Weighted(ReadOnlySpan<byte> digits, ReadOnlySpan<int> weights)
    {
        var sum = 0;
        for (var i = 0; i < weights.Length; i++) sum += digits[i] * weights[i];
        return sum;
    }

    public static long Number(ReadOnlySpan<byte> digits)
    {
        var number = 0L;
        foreach (var digit in digits) number = number * 10 + digit;
        return number;
    }
}
