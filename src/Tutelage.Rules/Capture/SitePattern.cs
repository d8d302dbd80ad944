using System.Diagnostics.CodeAnalysis;

namespace Tutelage.Rules.Capture;

/// <summary>Scheme, host, port and the beginning of a path. No wildcard, no query, no user name.</summary>
/// <param name="Origin">Such as <c>https://tracker.example:8443</c>, lower case, port only if it is not the scheme's own.</param>
/// <param name="Path">Begins and ends with <c>/</c>; matches whole path segments.</param>
public sealed record SitePattern(string Origin, string Path)
{
    public static bool TryParse(string? text, [NotNullWhen(true)] out SitePattern? pattern)
    {
        pattern = null;
        if (!TryReadAddress(text, out var address) || address.Query.Length > 0 || address.Fragment.Length > 0 || text!.Contains('*')) return false;
        var path = address.AbsolutePath.EndsWith('/') ? address.AbsolutePath : address.AbsolutePath + "/";
        pattern = new(OriginOf(address), path);
        return true;
    }

    /// <summary>True if <paramref name="address"/> is a well-formed address of this origin at or below this path.</summary>
    /// <remarks>Dots, encoded slashes and back-slashes are resolved by the parser first; an address that still holds an encoded dot or slash does not match.</remarks>
    public bool Matches(string? address)
    {
        if (!TryReadAddress(address, out var parsed) || OriginOf(parsed) != Origin) return false;
        var path = parsed.AbsolutePath;
        if (path.Contains("%2e", StringComparison.OrdinalIgnoreCase) || path.Contains("%2f", StringComparison.OrdinalIgnoreCase)
            || path.Contains("%5c", StringComparison.OrdinalIgnoreCase)) return false;
        return (path.EndsWith('/') ? path : path + "/").StartsWith(Path, StringComparison.Ordinal);
    }

    public override string ToString() => Origin + Path;

    internal static bool TryReadAddress([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Uri? address)
    {
        address = null;
        return text is { Length: > 0 and <= 4096 } && Uri.TryCreate(text, UriKind.Absolute, out address)
            && address.Scheme is "http" or "https" && address!.UserInfo.Length == 0 && address.Host.Length > 0;
    }

    private static string OriginOf(Uri address) =>
        address.IsDefaultPort ? $"{address.Scheme}://{address.IdnHost}" : $"{address.Scheme}://{address.IdnHost}:{address.Port}";
}
