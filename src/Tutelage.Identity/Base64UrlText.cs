using System.Buffers.Text;

namespace Tutelage.Identity;

/// <summary>base64url without padding (RFC 4648 section 5), in its one canonical spelling.</summary>
internal static class Base64UrlText
{
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <exception cref="FormatException">Padding, white space, a foreign character or bits left over.</exception>
    public static byte[] Decode(string text, string what)
    {
        byte[] bytes;
        try
        {
            bytes = Base64Url.DecodeFromChars(text);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{what} is not base64url", e);
        }
        return Encode(bytes) == text ? bytes : throw new FormatException($"{what} is not canonical base64url without padding");
    }
}
