using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tutelage.Practice;

/// <summary>The little of Chromium's DevTools protocol that starting a browser needs. Evaluation and acting never use it.</summary>
internal static class DevTools
{
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>Waits until the first page shows something else than the empty document it begins with, and has fired its load event.</summary>
    public static async Task WaitUntilLoadedAsync(int port, string url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var targets = JsonDocument.Parse(await http.GetStringAsync("/json/list", cancellationToken));
        var page = targets.RootElement.EnumerateArray().First(target => target.GetProperty("type").GetString() == "page");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!), cancellationToken);
        // The empty document never answers. One that is replaced takes the promise with it; then the question is asked of the new one.
        while (!await EvaluateAsync(socket, url == "about:blank" ? "false" : "document.URL === 'about:blank'", cancellationToken))
        {
        }
    }

    private static async Task<bool> EvaluateAsync(ClientWebSocket socket, string isEmpty, CancellationToken cancellationToken)
    {
        var question = new JsonObject
        {
            ["id"] = 1, ["method"] = "Runtime.evaluate", ["params"] = new JsonObject
            {
                ["awaitPromise"] = true, ["returnByValue"] = true,
                ["expression"] = $"new Promise(done => {isEmpty} ? 0 : document.readyState === 'complete' ? done(true) : addEventListener('load', () => done(true)))",
            },
        };
        await socket.SendAsync(Encoding.UTF8.GetBytes(question.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
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
