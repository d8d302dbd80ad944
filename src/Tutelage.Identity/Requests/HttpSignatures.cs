namespace Tutelage.Identity;

/// <summary>HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530).</summary>
public static class HttpSignatures
{
    /// <summary>Says what the body's SHA-256 is, for bodies that are streamed and that <see cref="SigningHandler"/> must not buffer.</summary>
    public static void SetBodyDigest(HttpRequestMessage request, ReadOnlySpan<byte> sha256) => throw new NotImplementedException();
}

/// <summary>Signs every request that goes through it.</summary>
public sealed class SigningHandler(SigningKey key, TimeProvider time) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(time);
        throw new NotImplementedException();
    }
}
