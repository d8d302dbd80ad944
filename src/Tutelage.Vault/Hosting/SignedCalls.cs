using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Tutelage.Identity;

namespace Tutelage.Hosting;

/// <summary>A request whose signature holds: who signed it and the whole body that was signed.</summary>
internal sealed record SignedCall(HttpContext Http, PublicKey Key, ReadOnlyMemory<byte> Body)
{
    public CancellationToken Aborted => Http.RequestAborted;

    public string Route(string name) => Http.GetRouteValue(name) as string ?? "";

    public T? Read<T>() where T : class => Wire.Read<T>(Body.Span);
}

/// <summary>Lets requests through only if a known key has signed them, once, for this address. If this were wrong, anybody could be anybody.</summary>
/// <param name="nonces">File of nonces seen, so that a restart accepts no request twice.</param>
internal sealed class SignedCalls(TimeProvider time, string nonces, Func<string, PublicKey?> keyById) : IDisposable
{
    private readonly NonceMemory _seen = NonceMemory.Open(nonces);
    private RequestVerifier? _verifier; // set once, before the first request

    /// <param name="origin">Where clients reach this host; a request signed for another host is refused.</param>
    public void Serve(Uri origin) =>
        _verifier = new RequestVerifier(time, _seen, asked => Uri.TryCreate(asked, UriKind.Absolute, out var address) && address.Authority == origin.Authority && address.Scheme == origin.Scheme);

    public void Dispose() => _seen.Dispose();

    /// <summary>The call, or why it is refused. Nobody without a known key makes us read a body.</summary>
    public async Task<(SignedCall? Call, IResult? Refusal)> ReadAsync(HttpContext http, int maxBodyBytes)
    {
        if (_verifier is null) return (null, Wire.Refuse(StatusCodes.Status503ServiceUnavailable, "starting", "the host is still starting; try again"));
        var request = http.Request;
        var view = new SignedRequest(
            request.Method, request.Scheme, request.Host.Value ?? "", http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            Header("signature-input"), Header("signature"), Header("content-digest"), BodySha256: null);
        var result = _verifier.Verify(view, keyById);
        if (result is not { IsValid: true, Key: { } key, BodySha256: { } signed }) return (null, Unaccepted(result.Reason));
        if (await ReadBodyAsync(http, maxBodyBytes) is not { } body)
            return (null, Wire.Refuse(StatusCodes.Status413PayloadTooLarge, "too-large", $"the body is longer than {maxBodyBytes} bytes"));
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(body), signed) ? (new SignedCall(http, key, body), null) : (null, Unaccepted(VerificationReason.BodyAltered));

        string? Header(string name) => request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
    }

    /// <summary>The whole body, or null if it is longer than allowed.</summary>
    public static async Task<byte[]?> ReadBodyAsync(HttpContext http, int maxBytes)
    {
        if (http.Request.ContentLength > maxBytes) return null;
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
        {
            if (body.Length + read > maxBytes) return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static IResult Unaccepted(VerificationReason reason)
    {
        var error = reason switch
        {
            VerificationReason.Missing => "unsigned",
            VerificationReason.UnknownKey => "unknown-key",
            VerificationReason.Replayed => "replayed",
            _ => "bad-signature",
        };
        return Wire.Refuse(StatusCodes.Status401Unauthorized, error, $"the request is not accepted: {reason}");
    }
}

internal static class SignedRoutes
{
    /// <summary>Maps a slice that only signed requests reach.</summary>
    /// <param name="maxBodyBytes">Longer bodies are refused with 413 before anything is looked at.</param>
    public static void MapSigned(this WebApplication app, string method, string pattern, int maxBodyBytes, Func<SignedCall, Task<IResult>> slice)
    {
        var calls = app.Services.GetRequiredService<SignedCalls>();
        app.MapMethods(pattern, [method], async (HttpContext http) =>
        {
            var (call, refusal) = await calls.ReadAsync(http, maxBodyBytes);
            return call is null ? refusal! : await slice(call); // a refusal stands wherever there is no call
        });
    }

    /// <inheritdoc cref="MapSigned(WebApplication, string, string, int, Func{SignedCall, Task{IResult}})"/>
    public static void MapSigned(this WebApplication app, string method, string pattern, int maxBodyBytes, Func<SignedCall, IResult> slice) =>
        app.MapSigned(method, pattern, maxBodyBytes, call => Task.FromResult(slice(call)));
}
