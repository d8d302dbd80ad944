using System.Net;
using System.Text;
using System.Text.Json;
using Tutelage.Identity;

namespace Tutelage.Attack.Tests.Support;

/// <summary>A request as it went over the wire.</summary>
internal sealed record Heard(HttpMethod Method, Uri Address, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, HttpStatusCode Status);

/// <summary>Somebody who sends requests: with a key of their own, or without any.</summary>
internal sealed class Caller(string name, SigningKey? key, TimeProvider? time = null) : IDisposable
{
    private readonly List<Heard> _heard = [];
    private HttpClient? _http;

    public string Name => name;

    public SigningKey Key => key ?? throw new InvalidOperationException($"{name} has no key");

    public string? Tag { get; set; }

    public string Certificate { get; set; } = "";

    public IReadOnlyDictionary<string, string> Recipients { get; set; } = new Dictionary<string, string>();

    /// <summary>Everything this caller has sent.</summary>
    public IReadOnlyList<Heard> Sent => _heard;

    public Task<(HttpStatusCode Status, string Text)> GetAsync(Uri host, string path) => SendAsync(HttpMethod.Get, host, path, null);

    public Task<(HttpStatusCode Status, string Text)> PostAsync(Uri host, string path, object body) => SendAsync(HttpMethod.Post, host, path, body);

    public async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpMethod method, Uri host, string path, object? body, Func<JsonElement, Task>? onLine = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(host, path));
        if (body is not null) request.Content = new ByteArrayContent(body switch { byte[] bytes => bytes, string text => Encoding.UTF8.GetBytes(text), _ => JsonSerializer.SerializeToUtf8Bytes(body) });
        using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (onLine is null) return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var all = new StringBuilder();
        while (await lines.ReadLineAsync() is { } line)
        {
            all.AppendLine(line);
            if (answer.IsSuccessStatusCode) await onLine(JsonDocument.Parse(line).RootElement);
        }
        return (answer.StatusCode, all.ToString());
    }

    public void Dispose()
    {
        _http?.Dispose();
        key?.Dispose();
    }

    private HttpClient Http
    {
        get
        {
            if (_http is not null) return _http;
            HttpMessageHandler handler = new Tape(_heard) { InnerHandler = new SocketsHttpHandler() };
            if (key is not null) handler = new SigningHandler(key, time ?? TimeProvider.System) { InnerHandler = handler };
            _http = new(handler);
            if (key is not null) _http.DefaultRequestHeaders.Add("tutelage-key", key.Public.Text);
            return _http;
        }
    }

    /// <summary>Keeps what goes over the wire.</summary>
    private sealed class Tape(List<Heard> heard) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
                .Select(header => KeyValuePair.Create(header.Key, string.Join(", ", header.Value))).ToList();
            var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            heard.Add(new(request.Method, request.RequestUri!, headers, body, answer.StatusCode));
            return answer;
        }
    }
}
