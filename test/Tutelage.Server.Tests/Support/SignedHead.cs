using System.Text;
using Tutelage.Identity;

namespace Tutelage.Server.Tests;

/// <summary>The head of a signed upload as bytes, for tests that speak HTTP by hand.</summary>
internal static class SignedHead
{
    public static async Task<byte[]> MakeAsync(Uri address, byte[] body, SigningKey key)
    {
        using var capture = new CaptureHandler();
        using var signing = new SigningHandler(key, TimeProvider.System) { InnerHandler = capture };
        using var client = new HttpClient(signing) { BaseAddress = address };
        using var content = new ByteArrayContent(body);
        using var _ = await client.PostAsync("/v1/objects", content);
        return Encoding.ASCII.GetBytes($"POST /v1/objects HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Length: {body.Length}\r\n{capture.Lines}\r\n");
    }

    private sealed class CaptureHandler : HttpMessageHandler
    {
        public string Lines { get; private set; } = "";

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var signed = request.Headers.Concat(request.Content!.Headers).Where(header => header.Key is "Signature" or "Signature-Input" or "Content-Digest");
            Lines = string.Concat(signed.Select(header => $"{header.Key}: {string.Join(", ", header.Value)}\r\n"));
            return Task.FromResult(new HttpResponseMessage());
        }
    }
}
