using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tutelage.Attack.Tests.Support;
using Tutelage.Identity;

namespace Tutelage.Attack.Tests;

/// <summary>What somebody on the wire can do with requests that they saw.</summary>
[Collection(nameof(AttackedProgramme))]
public sealed class ReplayTests(AttackedProgramme programme)
{
    private static readonly HashSet<string> Unsigned = ["/v1/status", "/v1/people", "/v1/outer-recipient", "/", "/status.css", "/v1/programme", "/add-checkpoint", "/log/checkpoint"];

    [Fact]
    public async Task Every_signed_request_that_was_sent_is_refused_a_second_time()
    {
        foreach (var caller in programme.Callers.Where(caller => caller.Name != "nobody"))
            foreach (var path in new[] { "v1/grants", "v1/entries", "v1/datasets" }) await caller.GetAsync(programme.Vault.Address, path);
        await programme["participant's device"].PostAsync(programme.Vault.Address, "v1/leases", "{}");
        await programme["vault itself"].GetAsync(programme.Server.Address, "v1/objects");
        var heard = SignedRequests().ToList();
        heard.Count.ShouldBeGreaterThan(25);
        foreach (var request in heard) (await ResendAsync(request)).ShouldBe(HttpStatusCode.Unauthorized, $"{request.Method} {request.Address}");
    }

    [Fact]
    public async Task A_request_for_one_host_is_no_request_for_another()
    {
        foreach (var request in SignedRequests().Where(request => request.Address.Authority == programme.Vault.Address.Authority).Take(20))
            foreach (var host in new[] { programme.Server, programme.Auditor })
                (await ResendAsync(request, address: new(host.Address, request.Address.PathAndQuery))).ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.NotFound, HttpStatusCode.Forbidden, HttpStatusCode.MethodNotAllowed, HttpStatusCode.BadRequest);
    }

    /// <summary>Each row changes a fresh signed request for the list of grants in one way.</summary>
    public static TheoryData<string> Changes() =>
    [
        "target", "query", "method", "body", "digest", "digest-sha512", "no digest", "other nonce", "older", "newer", "key id of a steward", "alg none", "alg hmac with the public key", "alg ed25519", "alg rsa",
        "DER signature", "zero signature", "empty signature", "two signatures", "components without digest", "components twice", "other tag", "no tag", "line feed in nonce", "long nonce",
    ];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_signed_request_that_was_changed_is_refused(string change)
    {
        var researcher = programme["researcher"].Key;
        var digest = "sha-256=:" + Convert.ToBase64String(SHA256.HashData([])) + ":";
        var (method, target, keyId, algorithm, tag) = ("GET", "/v1/grants", researcher.Public.Id, "ecdsa-p256-sha256", ";tag=\"tutelage-request\"");
        var (nonce, components) = (Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), "(\"@method\" \"@target-uri\" \"content-digest\")");
        var created = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        if (change == "alg none") algorithm = "none";
        if (change == "alg hmac with the public key") algorithm = "hmac-sha256";
        if (change == "alg ed25519") algorithm = "ed25519";
        if (change == "alg rsa") algorithm = "rsa-v1_5-sha256";
        if (change == "components without digest") components = "(\"@method\" \"@target-uri\")";
        if (change == "components twice") components = "(\"@method\" \"@target-uri\" \"content-digest\" \"content-digest\")";
        if (change == "other tag") tag = ";tag=\"other\"";
        if (change == "no tag") tag = "";
        if (change == "long nonce") nonce = new('a', 65);
        if (change == "digest-sha512") digest = "sha-512=:" + Convert.ToBase64String(SHA512.HashData([])) + ":";

        string Parameters() => string.Create(CultureInfo.InvariantCulture, $"{components};created={created};nonce=\"{nonce}\";keyid=\"{keyId}\";alg=\"{algorithm}\"{tag}");
        var text = new StringBuilder();
        foreach (var name in components.Trim('(', ')').Split(' '))
            text.Append(name).Append(": ").Append(name switch { "\"@method\"" => method, "\"@target-uri\"" => programme.Vault.Address.GetLeftPart(UriPartial.Authority) + target, _ => digest }).Append('\n');
        var signedText = Encoding.ASCII.GetBytes(text.Append("\"@signature-params\": ").Append(Parameters()).ToString());
        var signature = change == "alg hmac with the public key" ? HMACSHA256.HashData(Encoding.ASCII.GetBytes(researcher.Public.Text), signedText) : researcher.Sign(signedText);
        if (change == "DER signature") signature = [0x30, 0x44, 0x02, 0x20, .. signature[..32], 0x02, 0x20, .. signature[32..]];
        if (change == "zero signature") signature = new byte[64];
        if (change == "empty signature") signature = [];

        // From here on the signature is fixed; what follows is changed on the way.
        var input = "tutelage=" + Parameters();
        if (change == "target") target = "/v1/datasets";
        if (change == "query") target = "/v1/grants?all=1";
        if (change == "method") method = "POST";
        if (change == "digest") digest = "sha-256=:" + Convert.ToBase64String(SHA256.HashData("{}"u8)) + ":";
        if (change == "other nonce") input = input.Replace(nonce, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), StringComparison.Ordinal);
        if (change == "older") input = input.Replace($"={created};", $"={created - 1};", StringComparison.Ordinal);
        if (change == "newer") input = input.Replace($"={created};", $"={created + 1};", StringComparison.Ordinal);
        if (change == "key id of a steward") input = input.Replace(keyId, programme["steward"].Key.Public.Id, StringComparison.Ordinal);
        if (change == "line feed in nonce") input = input.Replace(nonce, nonce + "\\n", StringComparison.Ordinal);
        var body = change == "body" ? "{}" : "";
        var value = $"tutelage=:{Convert.ToBase64String(signature)}:";
        var request = $"{method} {target} HTTP/1.1\r\nHost: {programme.Vault.Address.Authority}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n"
            + (change == "no digest" ? "" : $"Content-Digest: {digest}\r\n") + $"Signature-Input: {input}\r\nSignature: {value}\r\n" + (change == "two signatures" ? $"Signature: {value}\r\n" : "") + "\r\n" + body;
        (await RawHttp.AskAsync(programme.Vault.Address, request)).ShouldMatch("^HTTP/1.1 (401|413)", request);
    }

    [Theory]
    [InlineData(-61, false)]
    [InlineData(-120, false)]
    [InlineData(63, false)]
    [InlineData(86_400, false)]
    [InlineData(20, true)]
    public async Task A_clock_that_is_a_minute_off_signs_nothing_that_counts(int seconds, bool accepted)
    {
        using var caller = new Caller("skewed", SigningKey.Load(Path.Combine(programme.Data, "vault", "identity.key")), new ShiftedClock(TimeSpan.FromSeconds(seconds)));
        (await caller.GetAsync(programme.Server.Address, "v1/objects")).Status.ShouldBe(accepted ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
    }

    private IEnumerable<Heard> SignedRequests() => programme.Callers.Where(caller => caller.Name != "nobody").SelectMany(caller => caller.Sent).Where(request =>
        request.Status == HttpStatusCode.OK && programme.Hosts.Any(host => host.Address.Authority == request.Address.Authority) && !Unsigned.Contains(request.Address.AbsolutePath)).ToList();

    private static async Task<HttpStatusCode> ResendAsync(Heard heard, Uri? address = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(heard.Method, address ?? heard.Address);
        if (heard.Body.Length > 0 || heard.Method != HttpMethod.Get) request.Content = new ByteArrayContent(heard.Body);
        foreach (var (name, value) in heard.Headers)
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
