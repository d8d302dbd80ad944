using System.Net.Sockets;
using System.Text;

namespace Tutelage.Attack.Tests.Support;

/// <summary>Bytes to a host that no HTTP library would send.</summary>
internal static class RawHttp
{
    private const string LastChunk = "\r\n0\r\n\r\n";

    public static Task<string> AskAsync(Uri host, string request) => AskAsync(host, [Encoding.Latin1.GetBytes(request)]);

    /// <summary>Sends the pieces and reads to the end of the answer, or of the connection.</summary>
    /// <param name="hangUp">Ends our side after the last piece: the host sees a body that is cut.</param>
    /// <returns>All that came back; empty if the host closed without a word.</returns>
    public static async Task<string> AskAsync(Uri host, IEnumerable<byte[]> pieces, bool hangUp = false)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(host.Host, host.Port);
        await using var stream = socket.GetStream();
        var answer = ReadAsync(stream);
        try
        {
            foreach (var piece in pieces)
            {
                await stream.WriteAsync(piece);
                if (answer.IsCompleted) break;
            }
            if (hangUp) socket.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception closed) when (closed is IOException or SocketException)
        {
            // The host has heard enough; what it said counts.
        }
        return await answer;
    }

    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        var all = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            for (int got; (got = await stream.ReadAsync(buffer)) > 0 && all.Length < 1 << 20;)
            {
                all.Append(Encoding.Latin1.GetString(buffer, 0, got));
                if (all.Length > LastChunk.Length && all.ToString(all.Length - LastChunk.Length, LastChunk.Length) == LastChunk) break; // the host would wait for our side first
            }
        }
        catch (IOException)
        {
            // Reset after its answer.
        }
        return all.ToString();
    }
}
