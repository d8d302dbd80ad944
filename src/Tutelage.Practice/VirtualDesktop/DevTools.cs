using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Tutelage.Practice;

/// <summary>The little of Chromium's DevTools protocol that starting a browser needs. Evaluation and acting never use it.</summary>
internal static class DevTools
{
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>Waits until the first page has fired its load event.</summary>
    public static async Task WaitUntilLoadedAsync(int port, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var targets = JsonDocument.Parse(await http.GetStringAsync("/json/list", cancellationToken));
        var page = targets.RootElement.EnumerateArray().First(target => target.GetProperty("type").GetString() == "page");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!), cancellationToken);
        // A document that is replaced while we wait takes the promise with it; then the question is asked of the new one.
        while (!await EvaluateAsync(socket, cancellationToken))
        {
        }
    }

    private static async Task<bool> EvaluateAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        const string question = """
            {"id":1,"method":"Runtime.evaluate","params":{"awaitPromise":true,"returnByValue":true,
            "expression":"new Promise(done => document.readyState === 'complete' ? done(true) : addEventListener('load', () => done(true)))"}}
            """;
        await socket.SendAsync(Encoding.UTF8.GetBytes(question), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        var buffer = new byte[MaxAnswerBytes];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            length += part.Count;
            if (!part.EndOfMessage) continue;
            using var answer = JsonDocument.Parse(buffer.AsMemory(0, length));
            length = 0;
            if (answer.RootElement.TryGetProperty("id", out _)) return answer.RootElement.TryGetProperty("result", out var result) && !result.TryGetProperty("exceptionDetails", out _);
        }
    }
}
