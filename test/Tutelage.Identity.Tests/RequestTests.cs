using System.Security.Cryptography;
using System.Text;
using Tutelage.Testing;

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
    public async Task A_nonce_file_closes_what_a_restart_opens()
    {
        var folder = Directory.CreateTempSubdirectory("tutelage-identity-").FullName;
        try
        {
            var path = Path.Combine(folder, "nonces");
            var start = _clock.Now;
            var sameSecond = await SignPost("/v1/grants");
            var ahead = await SignPost("/v1/grants", start.AddSeconds(60));
            using (var nonces = NonceMemory.Open(path))
            {
                Should.Throw<IOException>(() => NonceMemory.Open(path));
                CreateVerifier(nonces).Verify(sameSecond, Known).IsValid.ShouldBeTrue();
                CreateVerifier(nonces).Verify(ahead, Known).IsValid.ShouldBeTrue();
            }
            File.AppendAllText(path, "torn"); // the process died within a record
            for (var restart = 0; restart < 3; restart++)
            {
                using var nonces = NonceMemory.Open(path);
                var verifier = CreateVerifier(nonces);
                verifier.Verify(ahead, Known).Reason.ShouldBe(VerificationReason.Replayed, $"restart {restart}");
                verifier.Verify(sameSecond, Known).Reason.ShouldBe(restart == 0 ? VerificationReason.Replayed : VerificationReason.Stale);
                verifier.Verify(await SignPost("/v1/other"), Known).IsValid.ShouldBeTrue();
                _clock.Now = _clock.Now.AddSeconds(30);
            }
            if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_nonce_memory_and_its_file_stay_bounded_however_many_come()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var nonces = NonceMemory.Open(path, capacity: 100))
                for (var i = 0; i < 20_000; i++) nonces.Remember("key", $"nonce {i}", expires: i + 90, now: i).ShouldBe(NonceMemory.Answer.First);
            new FileInfo(path).Length.ShouldBeLessThanOrEqualTo(201 * 16);
            using var again = NonceMemory.Open(path, capacity: 100);
            for (var i = 19_910; i < 20_000; i++) again.Remember("key", $"nonce {i}", expires: i + 90, now: 20_000).ShouldBe(NonceMemory.Answer.Replayed);
            again.Remember("key", "nonce 1", expires: 20_090, now: 20_000).ShouldBe(NonceMemory.Answer.First);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_nonce_is_good_at_the_last_second_of_its_window_and_still_only_once()
    {
        var start = _clock.Now;
        var request = await SignPost("/v1/leases");
        _clock.Now = start.AddSeconds(60).AddMilliseconds(999);
        Verify(request).IsValid.ShouldBeTrue();
        Verify(request).Reason.ShouldBe(VerificationReason.Replayed);
        _clock.Now = start.AddSeconds(61);
        Verify(request).Reason.ShouldBe(VerificationReason.Stale);
    }

    [Fact]
    public async Task No_other_algorithm_key_or_second_signature_gets_in()
    {
        var request = await SignPost("/v1/grants");
        var (input, signature) = (request.SignatureInput!, request.Signature!);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var signed = HttpSignatures.BaseOf(SignatureInput.TryParse(input)!, request.Method, Origin + request.RawTarget, request.ContentDigest!);
        using var hmac = new HMACSHA256(Encoding.ASCII.GetBytes(_key.Public.Text)); // the public key taken for a shared secret
        byte[] mac = [.. hmac.ComputeHash(signed), .. new byte[32]];
        SignedRequest[] refused =
        [
            .. new[] { "hmac-sha256", "rsa-pss-sha512", "rsa-v1_5-sha256", "ecdsa-p384-sha384", "ed25519", "ECDSA-P256-SHA256", "none", "" }
                .Select(name => Edit(request, "alg=\"ecdsa-p256-sha256\"", $"alg=\"{name}\"")),
            Edit(request, "alg=\"ecdsa-p256-sha256\"", "alg=\"ecdsa-p256-sha256\";alg=\"hmac-sha256\""),
            Edit(request, ";created=", ";created=1;created="),
            Edit(request, ";nonce=", ";expires=9999999999;nonce="),
            Edit(request, ";nonce=\"", ";nonce=\"AAAAAAAAAAAAAAAAAAAAAA\";nonce=\""),
            Edit(request, ";keyid=\"", $";keyid=\"{_key.Public.Id}\";keyid=\""),
            Edit(request, "\"content-digest\"", "\"content-digest\" \"authorization\""),
            Edit(request, "\"@target-uri\"", "\"@path\""),
            Edit(request, "\"@method\"", "\"@METHOD\""),
            Edit(request, "\"content-digest\"", "\"content-digest\";sf"),
            Edit(request, "\"content-digest\"", "\"content-digest\";bs"),
            request with { SignatureInput = $"{input}, other={input["tutelage=".Length..]}", Signature = $"{signature}, other={signature["tutelage=".Length..]}" },
            request with { SignatureInput = $"{input}, {input}", Signature = $"{signature}, {signature}" },
            request with { Signature = $"{signature}, {signature}" },
            request with { SignatureInput = input.Replace("tutelage=", "Tutelage="), Signature = signature.Replace("tutelage=", "Tutelage=") },
            request with { Signature = $"tutelage=:{Convert.ToBase64String(mac)}:" },
            request with { Signature = $"tutelage=:{Convert.ToBase64String(p384.SignData(signed, HashAlgorithmName.SHA384))}:" },
            request with { Signature = $"tutelage=:{Convert.ToBase64String(rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pss))}:" },
            request with { Signature = $"tutelage=:{Convert.ToBase64String(new byte[64])}:" },
        ];
        foreach (var attempt in refused) Verify(attempt).IsValid.ShouldBeFalse(attempt.ToString());
        foreach (var key in new[] { p384.ExportSubjectPublicKeyInfo(), rsa.ExportSubjectPublicKeyInfo() }) // nor can such a key be known to a host
            Should.Throw<FormatException>(() => PublicKey.Parse(Base64UrlText.Encode(key)));
        Verify(request).IsValid.ShouldBeTrue();
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
        for (var i = 0; i < FuzzRounds.Count; i++)
        {
            var altered = (i % 3) switch
            {
                0 => request with { SignatureInput = Mutation.Of(request.SignatureInput!, random) },
                1 => request with { Signature = Mutation.Of(request.Signature!, random) },
                _ => request with { ContentDigest = Mutation.Of(request.ContentDigest!, random) },
            };
            if (altered == request) continue;
            Verify(altered).IsValid.ShouldBeFalse($"seed 20262, case {i}: {altered}");
        }
        Verify(request).IsValid.ShouldBeTrue();
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
