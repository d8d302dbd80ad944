using System.Buffers;

namespace Tutelage.Sealing;

/// <summary>RFC 4648 section 4 without padding, in the one spelling that its section 3.5 allows. age refuses every other.</summary>
internal static class CanonicalBase64
{
    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <exception cref="AgeFormatException">Padding, white space, a foreign character or bits left over.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text, string what)
    {
        if (text.ContainsAnyExcept(Alphabet) || text.Length % 4 == 1)
            throw new AgeFormatException($"{what} is not unpadded base64");
        var padded = string.Concat(text, "===".AsSpan(0, (4 - text.Length % 4) % 4));
        var bytes = Convert.FromBase64String(padded);
        if (!text.SequenceEqual(Encode(bytes)))
            throw new AgeFormatException($"{what} is not canonical base64");
        return bytes;
    }
}
