using System.Buffers;

namespace Tutelage.Redaction.Detection;

/// <param name="Least">Fewest letters of the body.</param>
/// <param name="Most">Most letters of the body; longer is something else.</param>
/// <param name="Weak">The prefix also begins ordinary words: the body must hold a digit.</param>
internal sealed record VendorToken(string Name, string Prefix, SearchValues<char> Letters, int Least, int Most, bool Weak = false);

/// <summary>The table. Formats as the vendors publish them for secret scanning (docs/formats/redaction.md names the sources).</summary>
internal static class VendorTokens
{
    private const string Digit = "0123456789";
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static readonly SearchValues<char> Alnum = SearchValues.Create(Digit + Lower + Upper);
    private static readonly SearchValues<char> Hex = SearchValues.Create(Digit + "abcdefABCDEF");
    private static readonly SearchValues<char> Word = SearchValues.Create(Digit + Lower + Upper + "_");
    private static readonly SearchValues<char> Url = SearchValues.Create(Digit + Lower + Upper + "_-");
    private static readonly SearchValues<char> Dotted = SearchValues.Create(Digit + Lower + Upper + "_-.");
    private static readonly SearchValues<char> Base64 = SearchValues.Create(Digit + Lower + Upper + "+/=");
    private static readonly SearchValues<char> Path = SearchValues.Create(Digit + Lower + Upper + "/_-");
    private static readonly SearchValues<char> Any = SearchValues.Create(Digit + Lower + Upper + "_-.~+/=%");

    /// <summary>Longer prefixes before the shorter ones that begin them.</summary>
    public static IReadOnlyList<VendorToken> Rows { get; } = Ordered(
    [
        .. Each("aws-access-key", ["AKIA", "ASIA", "ABIA", "ACCA"], Alnum, 16, 16),
        .. Each("github", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], Alnum, 36, 255),
        new("github-fine-grained", "github_pat_", Word, 60, 255),
        .. Each("gitlab", ["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glagent-", "gloas-", "glimt-", "glffct-"], Dotted, 16, 255),
        .. Each("slack", ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.xoxp-", "xoxc-", "xoxd-", "xapp-"], Any, 10, 512),
        new("slack-webhook", "hooks.slack.com/services/", Path, 30, 128),
        .. Each("stripe", ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_"], Alnum, 10, 255),
        new("stripe-webhook", "whsec_", Base64, 16, 255),
        .. Each("openai-like", ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-ant-", "sk-or-", "sk-lf-"], Url, 20, 512),
        new("openai-like", "sk-", Url, 20, 512, Weak: true),
        new("google-api", "AIza", Url, 35, 35),
        new("google-oauth-client", "GOCSPX-", Url, 20, 64),
        new("google-oauth", "ya29.", Url, 20, 1024),
        new("npm", "npm_", Alnum, 36, 64),
        new("pypi", "pypi-AgE", Url, 40, 512),
        new("rubygems", "rubygems_", Hex, 48, 48),
        new("docker", "dckr_pat_", Url, 20, 64),
        new("docker", "dckr_oat_", Url, 20, 64),
        new("hugging-face", "hf_", Alnum, 30, 64, Weak: true),
        new("hugging-face", "api_org_", Alnum, 30, 64),
        new("replicate", "r8_", Alnum, 37, 37),
        new("sendgrid", "SG.", Dotted, 60, 80),
        new("brevo", "xkeysib-", Url, 60, 100),
        new("mailchimp-transactional", "md-", Url, 22, 22, Weak: true),
        new("mailgun", "key-", Hex, 32, 32),
        new("twilio-key", "SK", Hex, 32, 32),
        new("twilio-account", "AC", Hex, 32, 32),
        .. Each("shopify", ["shpat_", "shpss_", "shpca_", "shppa_"], Hex, 32, 64),
        .. Each("digitalocean", ["dop_v1_", "doo_v1_", "dor_v1_"], Hex, 64, 64),
        new("new-relic", "NRAK-", Alnum, 27, 27),
        new("grafana", "glsa_", Word, 36, 64),
        new("grafana-cloud", "glc_", Base64, 32, 512),
        new("pulumi", "pul-", Hex, 40, 40),
        new("hashicorp-vault", "hvs.", Url, 24, 255),
        new("hashicorp-vault", "hvb.", Url, 24, 255),
        new("postman", "PMAK-", Url, 50, 64),
        new("linear", "lin_api_", Alnum, 32, 64),
        new("notion", "ntn_", Alnum, 40, 64),
        new("notion", "secret_", Alnum, 43, 43),
        new("figma", "figd_", Url, 30, 128),
        new("atlassian", "ATATT3", Any, 60, 255),
        new("atlassian", "ATCTT3", Any, 60, 255),
        .. Each("square", ["sq0atp-", "sq0csp-", "EAAAE"], Url, 22, 64),
        new("paypal-braintree", "access_token$production$", SearchValues.Create(Digit + Lower + "$"), 40, 64),
        new("telegram-bot", "bot", SearchValues.Create(Digit + Lower + Upper + "_-:"), 44, 46, Weak: true),
        new("databricks", "dapi", Hex, 32, 34),
        new("terraform", "atlasv1.", Url, 40, 128),
        new("fly", "fo1_", Url, 40, 128),
        new("supabase", "sbp_", Hex, 40, 40),
        new("planetscale", "pscale_tkn_", Dotted, 32, 64),
        new("age-secret-key", "AGE-SECRET-KEY-1", Alnum, 58, 58),
        new("azure-storage", "AccountKey=", Base64, 40, 90),
        new("azure-shared-access", "SharedAccessKey=", Base64, 40, 90),
        new("azure-sas", "SharedAccessSignature=", Any, 20, 512),
        new("dynatrace", "dt0c01.", Dotted, 80, 100),
        new("doppler", "dp.pt.", Alnum, 40, 44),
        new("sentry", "sntrys_", Any, 60, 512),
        new("contentful", "CFPAT-", Url, 40, 64),
        new("airtable", "pat", SearchValues.Create(Digit + Lower + Upper + "."), 79, 79, Weak: true),
    ]);

    private static IEnumerable<VendorToken> Each(string name, string[] prefixes, SearchValues<char> letters, int least, int most) =>
        prefixes.Select(prefix => new VendorToken(name, prefix, letters, least, most));

    private static IReadOnlyList<VendorToken> Ordered(IEnumerable<VendorToken> rows) => [.. rows.OrderByDescending(row => row.Prefix.Length)];
}
