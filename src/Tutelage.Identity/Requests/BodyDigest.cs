namespace Tutelage.Identity;

/// <summary>Content-Digest (RFC 9530) with SHA-256: <c>sha-256=:base64:</c>. One algorithm, one spelling.</summary>
internal static class BodyDigest
{
    public const string HeaderName = "Content-Digest";

    private const string Prefix = "sha-256=:";
    private const int Length = 44;

    public static string Write(ReadOnlySpan<byte> sha256) => $"{Prefix}{Convert.ToBase64String(sha256)}:";

    /// <summary>The SHA-256, or null for anything else.</summary>
    public static byte[]? TryParse(string text)
    {
        if (text.Length != Prefix.Length + Length + 1 || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[^1] != ':') return null;
        Span<byte> bytes = stackalloc byte[Length];
        return Convert.TryFromBase64Chars(text.AsSpan(Prefix.Length, Length), bytes, out var written) && written == 32 && Write(bytes[..32]) == text
            ? bytes[..32].ToArray()
            : null;
    }
}
