using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tutelage.Hosting;
using Tutelage.Identity;

namespace Tutelage.Server.Requests;

/// <summary>Decides who is asking.</summary>
internal sealed class Callers : IDisposable
{
    /// <summary>Where a caller whom the server does not know puts its public key (docs/formats/ingest.md).</summary>
    public const string KeyHeader = "tutelage-key";

    private static readonly byte[] NoBody = SHA256.HashData([]);
    private readonly NonceMemory _seen;
    private readonly RequestVerifier _verifier;
    private readonly Trust _trust;

    public Callers(Trust trust, OwnOrigin origin, Store.ObjectStore store, TimeProvider time)
    {
        _trust = trust;
        _seen = NonceMemory.Open(store.Layout.NonceFile);
        _verifier = new(time, _seen, origin.Is);
    }

    public void Dispose() => _seen.Dispose();

    /// <summary>Null if the vault signed this request.</summary>
    public Refusal? RefuseUnlessVault(HttpRequest request, byte[]? bodySha256 = null) => Refuse(request, bodySha256 ?? NoBody, _trust.Vault).Refusal;

    /// <summary>The key that signed this request without a body, taken from the request itself; proves possession and nothing else.</summary>
    public (PublicKey? Key, Refusal? Refusal) Possessor(HttpRequest request)
    {
        try
        {
            var key = PublicKey.Parse(request.Headers[KeyHeader].ToString());
            var (_, refusal) = Refuse(request, NoBody, key);
            return refusal is null ? (key, null) : (null, refusal);
        }
        catch (FormatException)
        {
            return (null, new Refusal(401, "unsigned", $"the header {KeyHeader} must hold the public key that signed this request"));
        }
    }

    /// <param name="bodySha256">Null if the body is yet to be read; then the caller compares it with the one returned.</param>
    public (byte[]? BodySha256, Refusal? Refusal) Refuse(HttpRequest request, byte[]? bodySha256, PublicKey expected)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var view = new SignedRequest(
            request.Method, request.Scheme, request.Host.Value ?? "", target, One(request, "Signature-Input"), One(request, "Signature"), One(request, "Content-Digest"), bodySha256);
        var result = _verifier.Verify(view, id => id == expected.Id ? expected : null);
        return result.IsValid ? (result.BodySha256, null) : (null, Explain(result.Reason));
    }

    private static string? One(HttpRequest request, string name) => request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    private static Refusal Explain(VerificationReason reason) => reason switch
    {
        VerificationReason.Missing => new(401, "unsigned", "the request is not signed (RFC 9421, RFC 9530)"),
        VerificationReason.Replayed => new(401, "replayed", "a request with this nonce was seen; sign the request anew"),
        VerificationReason.UnknownKey => new(403, "not-yours", "this key may not ask for that"),
        VerificationReason.NonceMemoryFull => Refusal.Busy(),
        _ => new(401, "bad-signature", $"the request's signature does not hold: {reason}"),
    };
}

internal static class CallersRegistration
{
    public static IServiceCollection AddCallers(this IServiceCollection services)
    {
        services.TryAddSingleton(HostClock.For(null, rehearsal: false, []));
        services.TryAddSingleton<OwnOrigin>();
        services.TryAddSingleton<Callers>();
        return services;
    }
}
