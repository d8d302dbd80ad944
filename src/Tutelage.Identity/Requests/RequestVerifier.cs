using System.Security.Cryptography;

namespace Tutelage.Identity;

/// <summary>What a host shows the verifier of a request, as it came over the wire.</summary>
/// <param name="Scheme">http or https, as the client sees it.</param>
/// <param name="Authority">The Host header.</param>
/// <param name="RawTarget">Path and query exactly as received, still percent-encoded (ASP.NET: IHttpRequestFeature.RawTarget).</param>
/// <param name="SignatureInput">Value of that header, or null.</param>
/// <param name="Signature">Value of that header, or null.</param>
/// <param name="ContentDigest">Value of that header, or null.</param>
/// <param name="BodySha256">SHA-256 of the body as read (of zero bytes if there was none); null if it is streamed later,
/// and then the host MUST compare <see cref="VerificationResult.BodySha256"/> itself before it acts.</param>
public sealed record SignedRequest(
    string Method, string Scheme, string Authority, string RawTarget, string? SignatureInput, string? Signature, string? ContentDigest, byte[]? BodySha256);

/// <summary>Why a request was refused; <see cref="Valid"/> if it was not.</summary>
public enum VerificationReason
{
    Valid,

    /// <summary>A Signature-Input, Signature or Content-Digest header is missing.</summary>
    Missing,

    /// <summary>One of them is not in the form of docs/formats/identity.md.</summary>
    Malformed,

    /// <summary>Not exactly method, target and body digest are covered, or the tag is another.</summary>
    WrongComponents,

    WrongAlgorithm,
    UnknownKey,

    /// <summary>It was sent to a scheme and authority that are not this host's.</summary>
    WrongOrigin,

    /// <summary>Created more than 60 s ago, more than 60 s ahead, or before this verifier started.</summary>
    Stale,

    /// <summary>The body is not the one that was signed.</summary>
    BodyAltered,

    BadSignature,

    /// <summary>A request with this nonce was accepted before.</summary>
    Replayed,

    /// <summary>Too many live nonces; try later.</summary>
    NonceMemoryFull,
}

/// <param name="Key">Who signed; null unless valid.</param>
/// <param name="BodySha256">The digest that was signed; null unless valid.</param>
public sealed record VerificationResult(VerificationReason Reason, PublicKey? Key, byte[]? BodySha256)
{
    public bool IsValid => Reason == VerificationReason.Valid;
}

/// <summary>Decides whether a request is signed, fresh and seen for the first time. Thread-safe.</summary>
/// <remarks>
/// If this were wrong, a recorded request could be sent again, to another host, or with another body, in somebody's name. A nonce counts only once its
/// signature was good, so that nobody without a key can fill the memory. The memory starts empty, so requests created before the start are refused: a host
/// MUST make its verifier when it starts, not with the first request.
/// </remarks>
public sealed class RequestVerifier
{
    private const int MinNonceLength = 16;
    private const int MaxNonceLength = 64;

    private readonly TimeProvider _time;
    private readonly NonceMemory _nonces;
    private readonly Func<string, bool> _isOwnOrigin;
    private readonly long _started;

    /// <param name="nonces">One for all verifiers that accept the same requests.</param>
    /// <param name="isOwnOrigin">Says whether <c>scheme://authority</c> (lower case) is this host, so that a request to one host is no good at another.</param>
    public RequestVerifier(TimeProvider time, NonceMemory nonces, Func<string, bool> isOwnOrigin)
    {
        (_time, _nonces, _isOwnOrigin) = (time, nonces, isOwnOrigin);
        _started = time.GetUtcNow().ToUnixTimeSeconds();
    }

    /// <param name="keyById">The key with that id, or null if nobody known has it.</param>
    public VerificationResult Verify(SignedRequest request, Func<string, PublicKey?> keyById) => Verify(request, new EnrolledKeys(keyById));

    /// <exception cref="IOException">The memory's file took no more; nothing was accepted.</exception>
    public VerificationResult Verify(SignedRequest request, ISignIn signIn)
    {
        if (request.SignatureInput is null || request.Signature is null || request.ContentDigest is null) return Refused(VerificationReason.Missing);
        var input = SignatureInput.TryParse(request.SignatureInput);
        var digest = BodyDigest.TryParse(request.ContentDigest);
        if (input is null || digest is null || ParseSignature(request.Signature, input.Label) is not { } signature) return Refused(VerificationReason.Malformed);
        if (!IsPlain(request.Method) || !IsPlain(request.Authority) || !IsPlain(request.RawTarget) || request.RawTarget[0] != '/') return Refused(VerificationReason.Malformed);
        if (input.Nonce.Length is < MinNonceLength or > MaxNonceLength) return Refused(VerificationReason.Malformed);
        if (input.Tag != SignatureInput.OwnTag || !input.Components.Order(StringComparer.Ordinal).SequenceEqual(HttpSignatures.Components.Order(StringComparer.Ordinal)))
            return Refused(VerificationReason.WrongComponents);
        if (input.Algorithm != SignatureInput.EcdsaP256) return Refused(VerificationReason.WrongAlgorithm);

        var origin = $"{request.Scheme}://{request.Authority}".ToLowerInvariant();
        if (!_isOwnOrigin(origin)) return Refused(VerificationReason.WrongOrigin);
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var window = (long)HttpSignatures.Window.TotalSeconds;
        if (input.Created < now - window || input.Created > now + window || input.Created < _started) return Refused(VerificationReason.Stale);
        if (signIn.Find(input.KeyId) is not { } key || key.Id != input.KeyId) return Refused(VerificationReason.UnknownKey);
        if (request.BodySha256 is { } body && !CryptographicOperations.FixedTimeEquals(body, digest)) return Refused(VerificationReason.BodyAltered);
        if (!key.Verify(HttpSignatures.BaseOf(input, request.Method, origin + request.RawTarget, request.ContentDigest), signature))
            return Refused(VerificationReason.BadSignature);

        return _nonces.Remember(input.KeyId, input.Nonce, input.Created + window, now) switch
        {
            NonceMemory.Answer.First => new VerificationResult(VerificationReason.Valid, key, digest),
            NonceMemory.Answer.Replayed => Refused(VerificationReason.Replayed),
            NonceMemory.Answer.Full => Refused(VerificationReason.NonceMemoryFull),
        };
    }

    /// <summary>No line feed may forge a line of the signature base, and no letter outside ASCII may stand for another.</summary>
    private static bool IsPlain(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static VerificationResult Refused(VerificationReason reason) => new(reason, null, null);

    /// <summary><c>label=:base64 of 64 bytes:</c>, or null.</summary>
    private static byte[]? ParseSignature(string text, string label)
    {
        const int Base64Length = 88;
        var prefix = $"{label}=:";
        if (text.Length != prefix.Length + Base64Length + 1 || !text.StartsWith(prefix, StringComparison.Ordinal)) return null;
        Span<byte> bytes = stackalloc byte[PublicKey.SignatureSizeBytes];
        return Convert.TryFromBase64Chars(text.AsSpan()[prefix.Length..^1], bytes, out var written) && written == bytes.Length
            && text == $"{prefix}{Convert.ToBase64String(bytes)}:"
            ? bytes.ToArray()
            : null;
    }
}
