using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tutelage.Practice.Eyes;

/// <summary>One session of the Chrome DevTools Protocol with one tab: calls and their answers; events are dropped.</summary>
/// <remarks>Protocol: https://chromedevtools.github.io/devtools-protocol/. Thread-safe.</remarks>
internal sealed class DebugSocket : IAsyncDisposable
{
    /// <summary>A full accessibility tree of a practice page is under 1 MB.</summary>
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    private readonly ClientWebSocket _socket;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode?>> _waiting = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _receiving;
    private int _calls;

    private DebugSocket(ClientWebSocket socket)
    {
        _socket = socket;
        _receiving = ReceiveAsync(_stop.Token);
    }

    /// <summary>Connects to the first tab of the browser that listens on <paramref name="port"/>.</summary>
    /// <exception cref="PageFaultException">No browser listens there, or it shows no page, within <paramref name="patience"/>.</exception>
    public static async Task<DebugSocket> ConnectAsync(int port, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                var tabs = await http.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{port}/json/list", cancellationToken).ConfigureAwait(false);
                var tab = tabs?.FirstOrDefault(node => node?["type"]?.GetValue<string>() == "page" && node["url"]?.GetValue<string>().StartsWith("http", StringComparison.Ordinal) == true);
                if (tab?["webSocketDebuggerUrl"]?.GetValue<string>() is { } address)
                {
                    var socket = new ClientWebSocket();
                    await socket.ConnectAsync(new Uri(address), cancellationToken).ConfigureAwait(false);
                    return new DebugSocket(socket);
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or WebSocketException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                if (time.GetElapsedTime(began) > patience)
                    throw new PageFaultException($"no browser answers on debugging port {port}; start it with --remote-debugging-port={port}", fault);
            }
            if (time.GetElapsedTime(began) > patience) throw new PageFaultException($"the browser on debugging port {port} shows no page");
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="PageFaultException">The browser refused the call or went away.</exception>
    public async Task<JsonNode?> CallAsync(string method, JsonObject? arguments, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _calls);
        var answer = new TaskCompletionSource<JsonNode?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            var call = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = arguments ?? [] });
            await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Not with the caller's token: a send that is cancelled in the middle ends the connection for everybody.
                await _socket.SendAsync(call, WebSocketMessageType.Text, endOfMessage: true, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is WebSocketException or ObjectDisposedException or InvalidOperationException)
            {
                throw new PageFaultException($"the browser went away before {method}", fault);
            }
            finally
            {
                _sending.Release();
            }
            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
        _sending.Dispose();
        _stop.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(message.GetMemory(64 * 1024), cancellationToken).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close) break;
                message.Advance(part.Count);
                if (message.WrittenCount > MaxAnswerBytes) break;
                if (!part.EndOfMessage) continue;
                Deliver(JsonNode.Parse(message.WrittenSpan));
                message.ResetWrittenCount();
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or WebSocketException or JsonException)
        {
            // Whoever waits is told below.
        }
        foreach (var waiting in _waiting.Values) waiting.TrySetException(new PageFaultException("the browser closed the debugging connection"));
    }

    private void Deliver(JsonNode? message)
    {
        if (message?["id"] is not { } id || !_waiting.TryGetValue(id.GetValue<int>(), out var waiting)) return;
        if (message["error"] is { } error) waiting.TrySetException(new PageFaultException($"the browser refused: {error["message"]}"));
        else waiting.TrySetResult(message["result"]);
    }
}
