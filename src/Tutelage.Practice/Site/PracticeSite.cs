using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tutelage.Practice.Plants;
using Tutelage.Practice.Script;

namespace Tutelage.Practice.Site;

/// <summary>Serves the practice pages on loopback, and the assignments (plants, next task) that a harness registers.</summary>
/// <remarks>
/// A static server over HTTP/1.1, GET and HEAD only, one request a connection, each bounded in size and time. It writes no log: an assignment
/// holds plants. If its bounds were wrong, a page under test could hang the run or eat its memory.
/// </remarks>
public sealed class PracticeSite : IAsyncDisposable
{
    /// <summary>No browser sends more for these pages; longer heads get 431.</summary>
    private const int MaxHeadBytes = 16 * 1024;

    /// <summary>A browser opens six connections a host; the rest wait in the listener's queue.</summary>
    private const int MaxConnections = 32;

    private static readonly TimeSpan s_requestTime = TimeSpan.FromSeconds(10);

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly TcpListener _listener;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(MaxConnections);
    private readonly ConcurrentDictionary<string, byte[]> _assignments = new(StringComparer.Ordinal);
    private readonly Task _accepting;
    private int _assigned;

    private PracticeSite(TcpListener listener, TimeProvider time)
    {
        _listener = listener;
        _time = time;
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)}/");
        _accepting = AcceptAsync(_stop.Token);
    }

    /// <summary>Root of the site, with a slash at the end.</summary>
    public Uri Address { get; }

    /// <param name="port">0 takes a free one.</param>
    /// <exception cref="SocketException">The port is in use.</exception>
    public static PracticeSite Start(TimeProvider time, int port = 0)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return new PracticeSite(listener, time);
    }

    /// <summary>Address of one task without plants.</summary>
    public Uri AddressOf(string task, int seed, int? variant = null) =>
        new(Address, $"{task}/?seed={seed}" + (variant is { } look ? $"&variant={look}" : ""));

    /// <summary>Registers one episode. What it plants never stands in the address, which a recorder reads.</summary>
    /// <param name="next">Where the page's link to the next task leads; none if null.</param>
    public Uri Assign(Episode episode, Uri? next = null)
    {
        var id = "a" + Interlocked.Increment(ref _assigned).ToString(CultureInfo.InvariantCulture);
        _assignments[$"/assignments/{id}.json"] = JsonSerializer.SerializeToUtf8Bytes(new Assignment(
            [.. episode.Plants.Where(plant => plant.Place != PlantPlace.OtherApp).Select(plant => new AssignedPlant(plant.Id, plant.Kind, plant.Value, plant.Place, plant.FieldName))],
            next?.PathAndQuery), s_json);
        return new Uri($"{AddressOf(episode.Task, episode.Seed, episode.Variant)}&assignment={id}");
    }

    /// <summary>Registers all episodes of a script, each page leading to the next.</summary>
    /// <returns>One address an episode.</returns>
    public IReadOnlyList<Uri> Assign(ParticipantScript script)
    {
        var addresses = new Uri[script.Episodes.Count];
        Uri? next = null;
        for (var i = addresses.Length - 1; i >= 0; i--) addresses[i] = next = Assign(script.Episodes[i], next);
        return addresses;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(false);
        for (var i = 0; i < MaxConnections; i++) await _slots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _stop.Dispose();
        _slots.Dispose();
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            try
            {
                var client = await _listener.AcceptTcpClientAsync(cancellationToken).ConfigureAwait(false);
                _ = ServeAsync(client, cancellationToken);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                _slots.Release();
            }
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using (client)
            using (var limit = new CancellationTokenSource(s_requestTime, _time))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken))
            {
                client.NoDelay = true;
                await using var stream = client.GetStream();
                await AnswerAsync(stream, either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other side went away or was too slow: its request is over, nothing else is touched.
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task AnswerAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHeadBytes];
        var read = 0;
        while (buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8) < 0)
        {
            if (read == buffer.Length)
            {
                await WriteAsync(stream, "431 Request Header Fields Too Large", null, true, null, cancellationToken).ConfigureAwait(false);
                return;
            }
            var count = await stream.ReadAsync(buffer.AsMemory(read), cancellationToken).ConfigureAwait(false);
            if (count == 0) return;
            read += count;
        }
        var lineEnd = buffer.AsSpan(0, read).IndexOf("\r\n"u8);
        var parts = Encoding.Latin1.GetString(buffer, 0, lineEnd).Split(' ');
        if (parts is not [var method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"])
        {
            await WriteAsync(stream, "400 Bad Request", null, true, null, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (method is not ("GET" or "HEAD"))
        {
            await WriteAsync(stream, "405 Method Not Allowed", null, true, "Allow: GET, HEAD\r\n", cancellationToken).ConfigureAwait(false);
            return;
        }
        var withBody = method == "GET";
        var path = target.Split('?', 2)[0];
        if (PracticePages.All.TryGetValue(path, out var page))
            await WriteAsync(stream, "200 OK", page, withBody, null, cancellationToken).ConfigureAwait(false);
        else if (_assignments.TryGetValue(path, out var assignment))
            await WriteAsync(stream, "200 OK", new PageFile("application/json", assignment), withBody, null, cancellationToken).ConfigureAwait(false);
        else if (PracticePages.All.ContainsKey(path + "/"))
            await WriteAsync(stream, "301 Moved Permanently", null, withBody, $"Location: {path}/{target[path.Length..]}\r\n", cancellationToken).ConfigureAwait(false);
        else
            await WriteAsync(stream, "404 Not Found", null, withBody, null, cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteAsync(NetworkStream stream, string status, PageFile? page, bool withBody, string? more, CancellationToken cancellationToken)
    {
        page ??= new PageFile("text/plain; charset=utf-8", Encoding.ASCII.GetBytes(status + "\n"));
        var head = $"HTTP/1.1 {status}\r\nContent-Type: {page.ContentType}\r\nContent-Length: {page.Content.Length}\r\n{more}"
            + "Cache-Control: no-store\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n"
            + "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken).ConfigureAwait(false);
        if (withBody) await stream.WriteAsync(page.Content, cancellationToken).ConfigureAwait(false);
    }

    private sealed record Assignment(IReadOnlyList<AssignedPlant> Plants, string? Next);

    private sealed record AssignedPlant(string Id, PlantKind Kind, string Value, PlantPlace Place, string? FieldName);
}
