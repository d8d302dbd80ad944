using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Tutelage.Redaction.Detection;

/// <summary>IPv4, IPv6 and MAC addresses. Loopback, unspecified and broadcast ones name nobody and are left out.</summary>
internal sealed partial class NetworkAddressDetector : Detector
{
    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        var view = text.Whole;
        if (view.Text.Contains('.'))
            foreach (var match in FourNumbers().EnumerateMatches(view.Text))
                if (IsPersonal(view.Text.AsSpan(match.Index, match.Length), AddressFamily.InterNetwork))
                    findings.Add(view.Finding(FindingKind.NetworkAddress, match.Index, match.Length, "ipv4"));
        if (view.Text.Contains(':'))
            foreach (var match in Colons().EnumerateMatches(view.Text))
                if (view.Text.AsSpan(match.Index, match.Length).TrimEnd('.') is var candidate && IsPersonal(candidate, AddressFamily.InterNetworkV6))
                    findings.Add(view.Finding(FindingKind.NetworkAddress, match.Index, candidate.Length, "ipv6"));
        foreach (var match in Hardware().EnumerateMatches(view.Text))
            if (view.Text.AsSpan(match.Index, match.Length).ContainsAnyExcept("0fF:-.")) findings.Add(view.Finding(FindingKind.NetworkAddress, match.Index, match.Length, "mac"));
    }

    private static bool IsPersonal(ReadOnlySpan<char> candidate, AddressFamily family) =>
        IPAddress.TryParse(candidate, out var address) && address.AddressFamily == family && !IPAddress.IsLoopback(address)
        && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast);

    [GeneratedRegex(@"(?<![\w.])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?![\w]|\.[0-9])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FourNumbers();

    [GeneratedRegex(@"(?<![\w:.])[0-9A-Fa-f:]{2,39}:[0-9A-Fa-f.:]{0,20}(?![\w:])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Colons();

    [GeneratedRegex(@"(?<![\w:-])(?:[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})(?![\w:-])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hardware();
}
