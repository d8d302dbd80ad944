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
    Valid, MissingSignature, Malformed, WrongComponents, WrongAlgorithm, UnknownKey, WrongOrigin, Stale, BodyAltered, BadSignature, Replayed, NonceMemoryFull,
}

/// <param name="Key">Who signed; null unless valid.</param>
/// <param name="BodySha256">The digest that was signed; null unless valid.</param>
public sealed record VerificationResult(VerificationReason Reason, PublicKey? Key, byte[]? BodySha256)
{
    public bool IsValid => Reason == VerificationReason.Valid;
}

/// <summary>Nonces seen within the time a request is valid.</summary>
public sealed class NonceMemory(int capacity = 1 << 18)
{
    public int Capacity { get; } = capacity;
}

/// <summary>Decides whether a request is signed, fresh and seen for the first time. Thread-safe.</summary>
/// <param name="isOwnOrigin">Says whether <c>scheme://authority</c> is this host, so that a request to one host is no good at another.</param>
public sealed class RequestVerifier(TimeProvider time, NonceMemory nonces, Func<string, bool> isOwnOrigin)
{
    public VerificationResult Verify(SignedRequest request, Func<string, PublicKey?> keyById)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(nonces);
        ArgumentNullException.ThrowIfNull(isOwnOrigin);
        throw new NotImplementedException();
    }
}
