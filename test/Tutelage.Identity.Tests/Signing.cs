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

/// <summary>Seeded damage to text.</summary>
internal static class Mutation
{
    public static string Of(string text, Random random)
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
}
