using System.Text;

namespace Tutelage.Sealing;

/// <summary>BIP 173 text for keys, without its limit of 90 characters (as age uses it).</summary>
internal static class Bech32
{
    /// <summary>Far above any key that we read; bounds the work on outside text.</summary>
    private const int MaxLength = 256;

    private const int ChecksumLength = 6;
    private const string Charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    public static string Encode(string prefix, ReadOnlySpan<byte> bytes)
    {
        var groups = Regroup(bytes, 8, 5, pad: true) ?? throw new InvalidOperationException("padding cannot fail");
        var text = new StringBuilder(prefix.ToLowerInvariant()).Append('1');
        foreach (var group in groups) text.Append(Charset[group]);
        var checksum = Polymod(prefix.ToLowerInvariant(), [.. groups, 0, 0, 0, 0, 0, 0]) ^ 1;
        for (var i = 0; i < ChecksumLength; i++) text.Append(Charset[(int)(checksum >> (5 * (5 - i))) & 31]);
        return text.ToString();
    }

    /// <summary>The prefix (lower case) and the bytes.</summary>
    /// <exception cref="AgeFormatException">Not Bech32.</exception>
    public static (string Prefix, byte[] Bytes) Decode(string text)
    {
        if (text.Length > MaxLength) throw new AgeFormatException($"a Bech32 text of {text.Length} characters is no key; give at most {MaxLength}");
        var lower = text.ToLowerInvariant();
        if (text != lower && text != text.ToUpperInvariant()) throw new AgeFormatException("a Bech32 text mixes upper and lower case");
        var separator = lower.LastIndexOf('1');
        if (separator < 1 || separator + 1 + ChecksumLength > lower.Length) throw new AgeFormatException("a Bech32 text has no prefix or no checksum");
        var prefix = lower[..separator];
        if (prefix.AsSpan().ContainsAnyExceptInRange('!', '~')) throw new AgeFormatException("a Bech32 prefix has a character outside ASCII");

        var groups = new byte[lower.Length - separator - 1];
        for (var i = 0; i < groups.Length; i++)
        {
            var value = Charset.IndexOf(lower[separator + 1 + i], StringComparison.Ordinal);
            if (value < 0) throw new AgeFormatException($"a Bech32 text has a foreign character at {separator + 1 + i}");
            groups[i] = (byte)value;
        }
        if (Polymod(prefix, groups) != 1) throw new AgeFormatException("a Bech32 checksum is wrong; was the text copied whole?");
        var bytes = Regroup(groups.AsSpan(0, groups.Length - ChecksumLength), 5, 8, pad: false)
            ?? throw new AgeFormatException("a Bech32 text has bits left over");
        return (prefix, bytes);
    }

    private static uint Polymod(string prefix, ReadOnlySpan<byte> groups)
    {
        var sum = 1u;
        foreach (var c in prefix) sum = Step(sum, c >> 5);
        sum = Step(sum, 0);
        foreach (var c in prefix) sum = Step(sum, c & 31);
        foreach (var group in groups) sum = Step(sum, group);
        return sum;
    }

    private static uint Step(uint sum, int value)
    {
        ReadOnlySpan<uint> generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var top = sum >> 25;
        sum = ((sum & 0x1ffffff) << 5) ^ (uint)value;
        for (var i = 0; i < generator.Length; i++)
            if (((top >> i) & 1) != 0) sum ^= generator[i];
        return sum;
    }

    private static byte[]? Regroup(ReadOnlySpan<byte> values, int from, int to, bool pad)
    {
        var result = new List<byte>(values.Length * from / to + 1);
        var (bits, count) = (0, 0);
        foreach (var value in values)
        {
            bits = ((bits << from) | value) & 0xfff;
            count += from;
            while (count >= to)
            {
                count -= to;
                result.Add((byte)((bits >> count) & ((1 << to) - 1)));
            }
        }
        var rest = bits & ((1 << count) - 1);
        if (pad && count > 0) result.Add((byte)((rest << (to - count)) & ((1 << to) - 1)));
        return !pad && (count >= from || rest != 0) ? null : [.. result];
    }
}
