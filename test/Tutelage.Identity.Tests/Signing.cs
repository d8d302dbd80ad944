using System.Net;
using System.Security.Cryptography;

namespace Tutelage.Identity.Tests;

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class StandingClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>Catches what <see cref="SigningHandler"/> would send, and shows it as a host sees it.</summary>
internal sealed class Wire : HttpMessageHandler
{
    public SignedRequest? Last { get; private set; }

    public static async Task<SignedRequest> Send(SigningKey key, TimeProvider time, HttpRequestMessage request)
    {
        var wire = new Wire();
        using var client = new HttpClient(new SigningHandler(key, time) { InnerHandler = wire });
        using var response = await client.SendAsync(request);
        return wire.Last!;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        string? Header(string name) =>
            request.Headers.TryGetValues(name, out var values) || request.Content?.Headers.TryGetValues(name, out values) == true ? string.Join(", ", values!) : null;
        Last = new SignedRequest(
            request.Method.Method, uri.Scheme, uri.Authority, uri.PathAndQuery,
            Header("Signature-Input"), Header("Signature"), Header("Content-Digest"), SHA256.HashData(body));
        return new HttpResponseMessage(HttpStatusCode.OK);
    }
}
