using System.Text.RegularExpressions;

namespace Tutelage.Redaction.Detection;

/// <summary>Secrets by their place: user and password in a URL, token parameters of a query, <c>password = …</c> and authorisation headers.</summary>
internal sealed partial class UrlCredentialsDetector : Detector
{
    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        var view = text.Unwrapped;
        if (view.Text.Contains("://", StringComparison.Ordinal))
            foreach (var match in UserInUrl().EnumerateMatches(view.Text)) findings.Add(view.Finding(FindingKind.UrlCredentials, match.Index, match.Length, "url-user"));
        if (view.Text.AsSpan().ContainsAny('?', '&', '#'))
            foreach (Match match in QuerySecret().Matches(view.Text)) Add(view, match.Groups[1], "url-parameter", findings);
        if (text.Whole.Text.AsSpan().ContainsAny(':', '='))
            foreach (Match match in Assignment().Matches(text.Whole.Text)) Add(text.Whole, match.Groups[1], "assignment", findings);
        if (text.Whole.Text.Length > 20)
            foreach (Match match in Authorisation().Matches(text.Whole.Text)) Add(text.Whole, match.Groups[1], "authorisation", findings);
    }

    private static void Add(TextView view, Group secret, string name, ICollection<Finding> findings) =>
        findings.Add(view.Finding(FindingKind.UrlCredentials, secret.Index, secret.Length, name));

    [GeneratedRegex(@"(?<![\w])[a-z][a-z0-9+.-]{1,20}://[^\s/:@?#]{0,256}:[^\s/@?#]{1,256}@[^\s/]{1,255}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UserInUrl();

    [GeneratedRegex(
        @"[?&#;](?:access_?token|id_?token|refresh_?token|auth_?token|token|sig|signature|x-amz-signature|x-amz-security-token|api_?key|key|password|passwd|pwd|secret|client_?secret|code|session|sessionid|sid)=([^&\s#;""'<>]{8,})",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex QuerySecret();

    [GeneratedRegex(
        @"(?:password|passwd|pwd|passphrase|kennwort|passwort|mot de passe|contrase[nñ]a|secret|api[ _-]?key|access[ _-]?key|private[ _-]?key|client[ _-]?secret|auth[ _-]?token|access[ _-]?token|pin)[""']?\s{0,3}(?::=|=>|[:=])\s{0,3}[""']?([^\s""',;]{4,256})",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\b(?:bearer|basic)\s{1,3}([A-Za-z0-9+/=_.~-]{16,})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Authorisation();
}
