using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Tutelage.Desktop.X11;

namespace Tutelage.Desktop.DBus;

/// <summary>A client's connection to a D-Bus message bus over a unix socket (D-Bus specification 0.38; EXTERNAL authentication).</summary>
/// <remarks>
/// <para>
/// Calls go out many at a time and each batch has one deadline, which is what makes reading a foreign program's interface bounded: a
/// program that hangs costs its answers and nothing else. Signals are handed to <see cref="OnSignal"/> on the reading thread.
/// </para>
/// <para>
/// The socket blocks, and a thread of its own reads it: the bus passes answers on one by one, and what costs is not reading them but
/// waking, which an asynchronous socket does three times for each. For the same reason a few are left to come together (<see cref="GatherMs"/>).
/// </para>
/// </remarks>
internal sealed class DBusConnection : IAsyncDisposable
{
    private const int GatherMs = 1;

    /// <summary>A bus that does not authenticate or take our calls within this is of no use.</summary>
    private const int StuckMs = 5_000;

    private readonly Socket _socket;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<uint, (Batch Batch, int Index)> _waiting = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DBusWriter _writer = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _closing = new(initialState: false, spinCount: 0);
    private uint _serial;

    private DBusConnection(Socket socket) => _socket = socket;

    /// <summary>Completes when the bus is gone or the connection was disposed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>MUST be quick, must not throw, and must be set before the first signal was asked for.</summary>
    public Action<DBusMessage>? OnSignal { get; set; }

    /// <param name="address">As in DBUS_SESSION_BUS_ADDRESS: alternatives separated by semicolons; only <c>unix:</c> is known.</param>
    /// <exception cref="DBusException">No alternative could be reached.</exception>
    public static async Task<DBusConnection> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        foreach (var endpoint in Endpoints(address))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = StuckMs, ReceiveTimeout = StuckMs };
            try
            {
                socket.Connect(endpoint);
                Authenticate(socket);
                socket.ReceiveTimeout = 0;
                var connection = new DBusConnection(socket);
                new Thread(connection.Read) { IsBackground = true, Name = "message bus" }.Start();
                if (await connection.CallAsync(Bus("Hello"), cancellationToken) is not null) return connection;
                await connection.DisposeAsync();
            }
            catch (Exception failure) when (failure is SocketException or DBusException)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new DBusException("no address of the message bus could be reached");
    }

    /// <summary>A call to the bus itself.</summary>
    public static DBusCall Bus(string member, string signature = "", params object[] arguments) =>
        new("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", member, signature, arguments);

    /// <summary>The answer, null if it was an error or the bus is gone.</summary>
    public async Task<DBusMessage?> CallAsync(DBusCall call, CancellationToken cancellationToken) => (await CallAllAsync([call], cancellationToken))[0];

    /// <summary>Sends all calls at once. An answer is null where it was an error or had not come when cancellation struck.</summary>
    public async Task<DBusMessage?[]> CallAllAsync(IReadOnlyList<DBusCall> calls, CancellationToken cancellationToken)
    {
        if (calls.Count == 0) return [];
        var batch = new Batch(calls.Count);
        uint first;
        try
        {
            await _sending.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return batch.Answers;
        }

        try
        {
            first = _serial + 1;
            _writer.Clear();
            for (var i = 0; i < calls.Count; i++)
            {
                _waiting[++_serial] = (batch, i);
                calls[i].Write(_writer, _serial);
            }

            for (var rest = _writer.WrittenMemory; rest.Length > 0 && !_closed.Task.IsCompleted;)
                rest = rest[_socket.Send(rest.Span)..];
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // A message cut in the middle cannot be taken back.
            Close();
            return batch.Answers;
        }
        finally
        {
            _sending.Release();
        }

        if (_closed.Task.IsCompleted) return batch.Answers;
        Task either = Task.WhenAny(batch.Done, _closed.Task);
        await either.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!batch.Done.IsCompleted)
            for (var i = 0; i < calls.Count; i++) _waiting.TryRemove(first + (uint)i, out _);
        return batch.Take();
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _ended.Task;
        _socket.Dispose();
        _sending.Dispose();
        _closing.Dispose();
    }

    internal static IEnumerable<UnixDomainSocketEndPoint> Endpoints(string address)
    {
        foreach (var alternative in address.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!alternative.StartsWith("unix:", StringComparison.Ordinal)) continue;
            foreach (var pair in alternative["unix:".Length..].Split(','))
            {
                var path = pair switch
                {
                    _ when pair.StartsWith("path=", StringComparison.Ordinal) => Uri.UnescapeDataString(pair["path=".Length..]),
                    _ when pair.StartsWith("abstract=", StringComparison.Ordinal) => '\0' + Uri.UnescapeDataString(pair["abstract=".Length..]),
                    _ => null,
                };
                if (path is { Length: > 1 and < 108 }) yield return new(path);
            }
        }
    }

    private static void Authenticate(Socket socket)
    {
        var uid = Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Libc.GetUid().ToString()));
        _ = socket.Send(Encoding.ASCII.GetBytes($"\0AUTH EXTERNAL {uid}\r\n"));
        var line = new byte[512];
        var length = 0;
        while (length < line.Length && !line.AsSpan(0, length).EndsWith("\r\n"u8))
        {
            var read = socket.Receive(line.AsSpan(length));
            if (read == 0) throw new DBusException("the message bus closed the connection while authenticating");
            length += read;
        }

        if (!line.AsSpan(0, length).StartsWith("OK "u8)) throw new DBusException("the message bus refused this user");
        _ = socket.Send("BEGIN\r\n"u8);
    }

    private void Read()
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        try
        {
            while (true)
            {
                var read = _socket.Receive(buffer.AsSpan(filled));
                if (read == 0) break;
                filled += read;
                var taken = 0;
                int? size;
                while ((size = DBusMessage.Measure(buffer.AsSpan(taken, filled - taken))) <= filled - taken)
                {
                    Deliver(DBusMessage.Parse(buffer.AsSpan(taken, size.Value)));
                    taken += size.Value;
                }

                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
                if (size > buffer.Length) Array.Resize(ref buffer, size.Value);
                if (read < buffer.Length / 4) _closing.Wait(GatherMs);
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or DBusException)
        {
            // Closed below; whoever watches Closed decides what that means.
        }

        Close();
        _ended.SetResult();
    }

    private void Deliver(DBusMessage message)
    {
        if (message.Type == DBusMessageType.Signal) OnSignal?.Invoke(message);
        else if (message.Type is DBusMessageType.Reply or DBusMessageType.Error && _waiting.TryRemove(message.ReplySerial, out var waiting))
            waiting.Batch.Answer(waiting.Index, message.Type == DBusMessageType.Reply ? message : null);
    }

    private void Close()
    {
        if (!_closed.TrySetResult()) return;
        _closing.Set();
        try
        {
            // Wakes the reading thread; disposing alone would have to tear the descriptor from under it.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The bus was faster.
        }
    }

    /// <summary>Calls that went out together.</summary>
    private sealed class Batch(int count)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _open = count;

        // Guarded by itself: a late answer may come while the answers are taken.
        public DBusMessage?[] Answers { get; } = new DBusMessage?[count];

        public Task Done => _done.Task;

        public void Answer(int index, DBusMessage? message)
        {
            lock (Answers) Answers[index] = message;
            if (Interlocked.Decrement(ref _open) == 0) _done.TrySetResult();
        }

        public DBusMessage?[] Take()
        {
            lock (Answers) return (DBusMessage?[])Answers.Clone();
        }
    }
}
