using System.Globalization;
using System.Text;

namespace Tutelage.Identity;

/// <summary>One member of a Signature-Input field: <c>sig=("@method" …);created=…;nonce="…";keyid="…";alg="…";tag="…"</c>.</summary>
/// <remarks>
/// A small part of RFC 8941 read strictly: one member, plain strings and integers, no duplicates, no white space but one between components, and the
/// text must be what <see cref="ToString"/> writes. So what was checked and what was signed are the same bytes.
/// </remarks>
internal sealed record SignatureInput(
    string Label, IReadOnlyList<string> Components, long Created, string Nonce, string KeyId, string Algorithm, string Tag)
{
    public const string EcdsaP256 = "ecdsa-p256-sha256";

    /// <summary>Tells signatures made for this use from any other made with the same key (RFC 9421 section 2.3).</summary>
    public const string OwnTag = "tutelage-request";

    private const int MaxLength = 1024;

    /// <summary>The value of <c>@signature-params</c>.</summary>
    public string Parameters => new StringBuilder("(")
        .AppendJoin(' ', Components.Select(c => $"\"{c}\""))
        .Append(CultureInfo.InvariantCulture, $");created={Created};nonce=\"{Nonce}\";keyid=\"{KeyId}\";alg=\"{Algorithm}\";tag=\"{Tag}\"")
        .ToString();

    public override string ToString() => $"{Label}={Parameters}";

    /// <summary>Null if the text is anything but the form above.</summary>
    public static SignatureInput? TryParse(string text)
    {
        if (text.Length > MaxLength) return null;
        var rest = text.AsSpan();
        var label = Until(ref rest, "=(");
        var list = Until(ref rest, ");created=");
        var created = Until(ref rest, ";nonce=\"");
        var nonce = Until(ref rest, "\";keyid=\"");
        var keyId = Until(ref rest, "\";alg=\"");
        var algorithm = Until(ref rest, "\";tag=\"");
        var tag = Until(ref rest, "\"");
        if (label is null || list is null || nonce is null || keyId is null || algorithm is null || tag is null || !rest.IsEmpty) return null;
        if (!IsKey(label) || !long.TryParse(created, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return null;
        if (new[] { nonce, keyId, algorithm, tag }.Any(v => !IsPlain(v))) return null;

        var components = list.Split(' ');
        if (components.Any(c => c.Length < 3 || c[0] != '"' || c[^1] != '"' || !IsPlain(c[1..^1]))) return null;
        var input = new SignatureInput(label, [.. components.Select(c => c[1..^1])], seconds, nonce, keyId, algorithm, tag);
        return input.ToString() == text ? input : null;
    }

    private static string? Until(ref ReadOnlySpan<char> rest, string end)
    {
        var index = rest.IndexOf(end, StringComparison.Ordinal);
        if (index < 0) return null;
        var result = rest[..index].ToString();
        rest = rest[(index + end.Length)..];
        return result;
    }

    private static bool IsKey(string text) => text.Length is > 0 and <= 32 && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_');

    private static bool IsPlain(string text) => text.All(c => c is > ' ' and <= '~' and not '"' and not '\\');
}
