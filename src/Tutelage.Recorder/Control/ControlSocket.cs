using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tutelage.Recorder.Control;

/// <summary>Answers the owner's commands. The socket has mode 0600: whoever can open the person's files can talk to the recorder, nobody else.</summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    /// <summary>Longer lines are refused: an instruction is a sentence or two.</summary>
    private const int LongestLine = 16 * 1024;

    /// <summary>Who opens the socket and says nothing is let go of.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What a Unix socket's address holds on Linux, its closing zero included.</summary>
    private const int LongestPath = 107;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;
    private readonly Func<ControlRequest, CancellationToken, Task<ControlAnswer>> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    // Answers being given; owned by the accepting task until it has ended, by DisposeAsync afterwards.
    private readonly List<Task> _serving = [];

    public ControlSocket(string folder, Func<ControlRequest, CancellationToken, Task<ControlAnswer>> answer)
    {
        (_path, _answer) = (ControlClient.SocketIn(folder), answer);
        if (Encoding.UTF8.GetByteCount(_path) > LongestPath) throw new ArgumentException($"the folder's path is too long for a control socket ({_path}; at most {LongestPath} bytes): choose a shorter one");
        File.Delete(_path);
        _socket.Bind(new UnixDomainSocketEndPoint(_path));
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _socket.Listen(8);
        _running = AcceptAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _running;
        // Whoever asked to stop is still owed the answer.
        await Task.WhenAny(Task.WhenAll(_serving), Task.Delay(TimeSpan.FromSeconds(2)));
        File.Delete(_path);
        _stop.Dispose();
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var client = await _socket.AcceptAsync(cancellationToken);
                _serving.RemoveAll(answered => answered.IsCompleted);
                _serving.Add(ServeAsync(client, CancellationToken.None));
            }
            catch (Exception closed) when (closed is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // One connection failed, or there are too many files open for a moment; the next may do.
                await Task.Yield();
            }
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                await using var stream = new NetworkStream(client);
                var buffer = new byte[LongestLine];
                var length = 0;
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(Patience);
                while (length < buffer.Length && Array.IndexOf(buffer, (byte)'\n', 0, length) < 0)
                {
                    var read = await stream.ReadAsync(buffer.AsMemory(length), patience.Token);
                    if (read == 0) return;
                    length += read;
                }
                var answer = await AnswerAsync(buffer.AsMemory(0, length), cancellationToken);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(answer, ControlJson.Default.ControlAnswer) + "\n"), cancellationToken);
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
            {
                // The other side went away; its command, if it was whole, has been carried out.
            }
        }
    }

    private async Task<ControlAnswer> AnswerAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        var end = line.Span.IndexOf((byte)'\n');
        if (end < 0) return new(false, $"a command is one line of at most {LongestLine} bytes");
        try
        {
            var request = JsonSerializer.Deserialize(line.Span[..end], ControlJson.Default.ControlRequest);
            return request is null ? new(false, "the command is empty") : await _answer(request, cancellationToken);
        }
        catch (JsonException)
        {
            return new(false, "the command is not the JSON of a control request");
        }
        catch (IOException refused)
        {
            return new(false, $"the disk refused: {refused.Message}");
        }
        catch (OperationCanceledException)
        {
            return new(false, "the recorder is stopping");
        }
    }
}
