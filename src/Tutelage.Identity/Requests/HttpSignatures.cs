using System.Security.Cryptography;

namespace Tutelage.Identity;

/// <summary>HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), as every request between our processes carries them. Normative: docs/formats/identity.md.</summary>
public static class HttpSignatures
{
    public const string SignatureInputHeader = "Signature-Input";
    public const string SignatureHeader = "Signature";
    public const string ContentDigestHeader = BodyDigest.HeaderName;

    /// <summary>How far <c>created</c> may lie from the host's clock, in either direction.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    internal const string Label = "tutelage";

    internal static readonly IReadOnlyList<string> Components = ["@method", "@target-uri", "content-digest"];

    /// <summary>Says what the body's SHA-256 is, for a body that is streamed and that <see cref="SigningHandler"/> must not hold in memory.</summary>
    public static void SetBodyDigest(HttpRequestMessage request, ReadOnlySpan<byte> sha256)
    {
        if (sha256.Length != SHA256.HashSizeInBytes) throw new ArgumentException("a SHA-256 has 32 bytes", nameof(sha256));
        if (request.Content is null) throw new ArgumentException("the request has no content to digest", nameof(request));
        request.Content.Headers.Remove(ContentDigestHeader);
        request.Content.Headers.Add(ContentDigestHeader, BodyDigest.Write(sha256));
    }

    /// <summary>Adds the signature to a request whose address is absolute and whose body digest is known; replaces an older one.</summary>
    internal static void Sign(HttpRequestMessage request, string contentDigest, SigningKey key, DateTimeOffset now)
    {
        var uri = request.RequestUri is { IsAbsoluteUri: true } absolute
            ? absolute
            : throw new InvalidOperationException("a request is signed with its absolute address; set HttpClient.BaseAddress");
        var nonce = Base64UrlText.Encode(RandomNumberGenerator.GetBytes(16));
        var input = new SignatureInput(Label, Components, now.ToUnixTimeSeconds(), nonce, key.Public.Id, SignatureInput.EcdsaP256, SignatureInput.OwnTag);
        var signature = key.Sign(BaseOf(input, request.Method.Method, $"{uri.Scheme}://{request.Headers.Host ?? uri.Authority}{uri.PathAndQuery}", contentDigest));
        request.Headers.Remove(SignatureInputHeader);
        request.Headers.Remove(SignatureHeader);
        request.Headers.Add(SignatureInputHeader, input.ToString());
        request.Headers.Add(SignatureHeader, $"{Label}=:{Convert.ToBase64String(signature)}:");
    }

    internal static byte[] BaseOf(SignatureInput input, string method, string targetUri, string contentDigest) => SignatureBase.Of(
        input.Components.Select(name => (name, name switch
        {
            "@method" => method,
            "@target-uri" => targetUri,
            "content-digest" => contentDigest,
            _ => throw new ArgumentException($"component '{name}' is not one that we sign", nameof(input)),
        })),
        input.Parameters);
}

/// <summary>Signs every request that goes through it.</summary>
/// <remarks>
/// The body is read into memory to take its digest, unless <see cref="HttpSignatures.SetBodyDigest"/> said it. A request without a body is signed with the digest
/// of no bytes. The key stays the caller's.
/// </remarks>
public sealed class SigningHandler(SigningKey key, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string digest;
        if (request.Content is null)
        {
            digest = BodyDigest.Write(SHA256.HashData(ReadOnlySpan<byte>.Empty));
            request.Headers.Remove(BodyDigest.HeaderName);
            request.Headers.Add(BodyDigest.HeaderName, digest);
        }
        else
        {
            if (!request.Content.Headers.Contains(BodyDigest.HeaderName))
                HttpSignatures.SetBodyDigest(request, SHA256.HashData(await request.Content.ReadAsByteArrayAsync(cancellationToken)));
            digest = request.Content.Headers.GetValues(BodyDigest.HeaderName).Single();
        }
        HttpSignatures.Sign(request, digest, key, time.GetUtcNow());
        return await base.SendAsync(request, cancellationToken);
    }
}
