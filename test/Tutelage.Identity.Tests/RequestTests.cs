using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Identity.Tests;

public sealed class RequestTests : IDisposable
{
    private const string Origin = "http://127.0.0.1:8441";

    private readonly SigningKey _key = SigningKey.Generate();
    private readonly StandingClock _clock = new();
    private readonly RequestVerifier _verifier;

    public RequestTests() => _verifier = CreateVerifier();

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task A_signed_request_is_accepted_once_and_names_its_signer_and_body()
    {
        var request = await SignPost("/v1/grants?dry=1&q=a%20b");
        var result = Verify(request);
        result.Reason.ShouldBe(VerificationReason.Valid);
        result.Key.ShouldBe(_key.Public);
        result.BodySha256.ShouldBe(SHA256.HashData("{}"u8));
        Verify(request).Reason.ShouldBe(VerificationReason.Replayed);
    }

    [Fact]
    public async Task A_request_without_body_is_signed_with_the_digest_of_nothing()
    {
        var request = await Wire.Send(_key, _clock, new HttpRequestMessage(HttpMethod.Get, $"{Origin}/v1/grants"));
        request.ContentDigest.ShouldBe("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
        Verify(request).IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task The_same_request_sent_twice_by_its_client_has_two_nonces()
    {
        var first = await SignPost("/v1/leases");
        var second = await SignPost("/v1/leases");
        Verify(first).IsValid.ShouldBeTrue();
        Verify(second).IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task Whatever_was_altered_is_refused_for_its_reason()
    {
        var request = await SignPost("/v1/grants");
        using var stranger = SigningKey.Generate();
        (SignedRequest Altered, VerificationReason Reason)[] cases =
        [
            (request with { BodySha256 = SHA256.HashData("{ }"u8) }, VerificationReason.BodyAltered),
            (request with { BodySha256 = SHA256.HashData("{ }"u8), ContentDigest = BodyDigest.Write(SHA256.HashData("{ }"u8)) }, VerificationReason.BadSignature),
            (request with { RawTarget = "/v1/grants/7/run" }, VerificationReason.BadSignature),
            (request with { RawTarget = "/v1/grants?all=1" }, VerificationReason.BadSignature),
            (request with { RawTarget = "/v1/%67rants" }, VerificationReason.BadSignature),
            (request with { Method = "PUT" }, VerificationReason.BadSignature),
            (request with { Method = "post" }, VerificationReason.BadSignature),
            (request with { Scheme = "https" }, VerificationReason.WrongOrigin),
            (request with { Authority = "127.0.0.1:8442" }, VerificationReason.WrongOrigin),
            (request with { SignatureInput = null }, VerificationReason.Missing),
            (request with { Signature = null }, VerificationReason.Missing),
            (request with { ContentDigest = null }, VerificationReason.Missing),
            (request with { ContentDigest = "sha-512=:AAAA:" }, VerificationReason.Malformed),
            (request with { ContentDigest = request.ContentDigest + ", sha-512=:AAAA:" }, VerificationReason.Malformed),
            (request with { Signature = request.Signature!.Replace("tutelage=", "other=") }, VerificationReason.Malformed),
            (request with { Signature = "tutelage=:" }, VerificationReason.Malformed),
            (request with { RawTarget = "/v1/grants\n\"@method\": GET" }, VerificationReason.Malformed),
            (request with { RawTarget = "http://127.0.0.1:8441/v1/grants" }, VerificationReason.Malformed),
            (Edit(request, "alg=\"ecdsa-p256-sha256\"", "alg=\"hmac-sha256\""), VerificationReason.WrongAlgorithm),
            (Edit(request, "alg=\"ecdsa-p256-sha256\"", "alg=\"ed25519\""), VerificationReason.WrongAlgorithm),
            (Edit(request, ";alg=\"ecdsa-p256-sha256\"", ""), VerificationReason.Malformed),
            (Edit(request, _key.Public.Id, stranger.Public.Id), VerificationReason.UnknownKey),
            (Edit(request, " \"content-digest\"", ""), VerificationReason.WrongComponents),
            (Edit(request, "\"@method\" ", ""), VerificationReason.WrongComponents),
            (Edit(request, "(", "(\"date\" "), VerificationReason.WrongComponents),
            (Edit(request, "\"@method\" ", "\"@method\" \"@method\" "), VerificationReason.WrongComponents),
            (Edit(request, "\"@method\"", "\"@method\";req"), VerificationReason.Malformed),
            (Edit(request, "tag=\"tutelage-request\"", "tag=\"elsewhere\""), VerificationReason.WrongComponents),
            (Edit(request, "nonce=\"", "nonce=\"x"), VerificationReason.BadSignature),
            (Edit(request, "(\"@method\" \"@target-uri\"", "(\"@target-uri\" \"@method\""), VerificationReason.BadSignature),
        ];
        foreach (var (altered, reason) in cases) Verify(altered).Reason.ShouldBe(reason, altered.ToString());
        Verify(request).IsValid.ShouldBeTrue(); // no refusal used up the nonce
    }

    [Fact]
    public async Task A_request_is_good_for_60_seconds_before_and_after_and_not_for_61()
    {
        var (signed, start) = (await SignPost("/v1/leases"), _clock.Now);
        foreach (var (seconds, reason) in new[]
        {
            (61, VerificationReason.Stale), (-61, VerificationReason.Stale), (60, VerificationReason.Valid),
        })
        {
            _clock.Now = start.AddSeconds(seconds);
            Verify(signed).Reason.ShouldBe(reason, $"{seconds} s");
        }
        _clock.Now = start;
        var ahead = await SignPost("/v1/leases", start.AddSeconds(60));
        Verify(ahead).Reason.ShouldBe(VerificationReason.Valid);
    }

    [Fact]
    public async Task A_nonce_is_remembered_for_as_long_as_its_request_is_good()
    {
        var start = _clock.Now;
        var ahead = await SignPost("/v1/leases", start.AddSeconds(60));
        Verify(ahead).IsValid.ShouldBeTrue();
        for (var seconds = 0; seconds <= 120; seconds += 30)
        {
            _clock.Now = start.AddSeconds(seconds);
            Verify(await SignPost("/v1/other")).IsValid.ShouldBeTrue(); // moves the memory on
            Verify(ahead).Reason.ShouldBe(VerificationReason.Replayed, $"{seconds} s");
        }
        _clock.Now = start.AddSeconds(121);
        Verify(ahead).Reason.ShouldBe(VerificationReason.Stale);
    }

    [Fact]
    public async Task A_restarted_host_refuses_requests_from_before_its_start()
    {
        var request = await SignPost("/v1/grants");
        Verify(request).IsValid.ShouldBeTrue();
        _clock.Now = _clock.Now.AddSeconds(2);
        CreateVerifier().Verify(request, Known).Reason.ShouldBe(VerificationReason.Stale);
    }

    [Fact]
    public async Task A_full_nonce_memory_refuses_and_takes_requests_again_when_old_ones_have_expired()
    {
        var verifier = CreateVerifier(new NonceMemory(3));
        for (var i = 0; i < 3; i++) verifier.Verify(await SignPost("/v1/leases"), Known).IsValid.ShouldBeTrue();
        verifier.Verify(await SignPost("/v1/leases"), Known).Reason.ShouldBe(VerificationReason.NonceMemoryFull);
        _clock.Now = _clock.Now.AddSeconds(61);
        verifier.Verify(await SignPost("/v1/leases"), Known).Reason.ShouldBe(VerificationReason.Valid);
    }

    [Fact]
    public async Task A_streamed_body_is_signed_by_the_digest_that_its_sender_gives()
    {
        var sha256 = SHA256.HashData("a long body"u8);
        var message = new HttpRequestMessage(HttpMethod.Post, $"{Origin}/v1/objects") { Content = new StreamContent(new MemoryStream("a long body"u8.ToArray())) };
        HttpSignatures.SetBodyDigest(message, sha256);
        var request = await Wire.Send(_key, _clock, message);
        var result = Verify(request with { BodySha256 = null }); // the host reads the body after this
        result.IsValid.ShouldBeTrue();
        result.BodySha256.ShouldBe(sha256);
    }

    [Fact]
    public void The_signature_base_and_a_signature_are_those_of_RFC_9421()
    {
        // RFC 9421, B.1.3 (key) and B.2.4 (signature base and signature).
        const string spki = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==";
        const string signature = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==";
        var signed = SignatureBase.Of(
            [
                ("@status", "200"),
                ("content-type", "application/json"),
                ("content-digest", "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:"),
                ("content-length", "23"),
            ],
            "(\"@status\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"");
        var key = PublicKey.Parse(Base64UrlText.Encode(Convert.FromBase64String(spki)));
        key.Verify(signed, Convert.FromBase64String(signature)).ShouldBeTrue();
        signed[5] ^= 1;
        key.Verify(signed, Convert.FromBase64String(signature)).ShouldBeFalse();
    }

    [Fact]
    public async Task The_lines_that_are_signed_are_those_of_the_format_page()
    {
        var request = await SignPost("/v1/grants");
        var input = SignatureInput.TryParse(request.SignatureInput!)!;
        var text = Encoding.ASCII.GetString(HttpSignatures.BaseOf(input, request.Method, Origin + request.RawTarget, request.ContentDigest!));
        text.ShouldBe(
            "\"@method\": POST\n" +
            "\"@target-uri\": http://127.0.0.1:8441/v1/grants\n" +
            $"\"content-digest\": {request.ContentDigest}\n" +
            $"\"@signature-params\": (\"@method\" \"@target-uri\" \"content-digest\");created={_clock.Now.ToUnixTimeSeconds()};nonce=\"{input.Nonce}\"" +
            $";keyid=\"{_key.Public.Id}\";alg=\"ecdsa-p256-sha256\";tag=\"tutelage-request\"");
    }

    [Fact]
    public async Task Mutated_signature_headers_are_never_accepted_and_never_throw()
    {
        var request = await SignPost("/v1/grants");
        var random = new Random(20262);
        for (var i = 0; i < 10_000; i++)
        {
            var altered = (i % 3) switch
            {
                0 => request with { SignatureInput = Mutate(request.SignatureInput!, random) },
                1 => request with { Signature = Mutate(request.Signature!, random) },
                _ => request with { ContentDigest = Mutate(request.ContentDigest!, random) },
            };
            if (altered == request) continue;
            Verify(altered).IsValid.ShouldBeFalse($"seed 20262, case {i}: {altered}");
        }
        Verify(request).IsValid.ShouldBeTrue();
    }

    private static string Mutate(string text, Random random)
    {
        var characters = text.ToList();
        for (var i = random.Next(1, 4); i > 0 && characters.Count > 0; i--)
        {
            var at = random.Next(characters.Count);
            var length = Math.Min(random.Next(1, 12), characters.Count - at);
            switch (random.Next(5))
            {
                case 0: characters[at] = (char)random.Next(256); break;
                case 1: characters[at] = "\";=:()\\ \n,A0"[random.Next(12)]; break;
                case 2: characters.RemoveRange(at, length); break;
                case 3: characters.InsertRange(random.Next(characters.Count), characters.GetRange(at, length)); break;
                default: characters.Insert(at, "\";=:() ,"[random.Next(8)]); break;
            }
        }
        return new string([.. characters]);
    }

    private RequestVerifier CreateVerifier(NonceMemory? nonces = null) => new(_clock, nonces ?? new NonceMemory(), origin => origin == Origin);

    private PublicKey? Known(string id) => id == _key.Public.Id ? _key.Public : null;

    private VerificationResult Verify(SignedRequest request) => _verifier.Verify(request, Known);

    private Task<SignedRequest> SignPost(string target, DateTimeOffset? at = null) => Wire.Send(
        _key,
        at is { } time ? new StandingClock { Now = time } : _clock,
        new HttpRequestMessage(HttpMethod.Post, Origin + target) { Content = new StringContent("{}", Encoding.UTF8, "application/json") });

    private static SignedRequest Edit(SignedRequest request, string from, string to)
    {
        request.SignatureInput!.ShouldContain(from);
        return request with { SignatureInput = request.SignatureInput!.Replace(from, to) };
    }
}
