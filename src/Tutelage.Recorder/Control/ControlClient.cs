using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tutelage.Recorder.Control;

/// <summary>Talks to a running recorder.</summary>
public static class ControlClient
{
    public static string SocketIn(string folder) => Path.Combine(folder, "control.sock");

    /// <summary>The answer, or null if no recorder runs in <paramref name="folder"/>.</summary>
    public static async Task<ControlAnswer?> AskAsync(string folder, ControlRequest request, CancellationToken cancellationToken)
    {
        var path = SocketIn(folder);
        if (!File.Exists(path)) return null;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        }
        catch (SocketException)
        {
            return null;
        }
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request, ControlJson.Default.ControlRequest) + "\n"), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var line = await reader.ReadLineAsync(cancellationToken);
        return line is null ? null : JsonSerializer.Deserialize(line, ControlJson.Default.ControlAnswer);
    }
}
