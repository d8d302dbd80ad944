using System.Net.Sockets;
using System.Text;
using Tutelage.Recorder.Control;

namespace Tutelage.Recorder.Tests.Control;

public sealed class ControlSocketTests
{
    [Fact]
    public async Task Malformed_commands_are_answered_and_harm_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("tutelage-control-");
        try
        {
            await using var socket = new ControlSocket(folder.FullName, (request, _) => Task.FromResult(new ControlAnswer(request.Command == "status")));
            File.GetUnixFileMode(ControlClient.SocketIn(folder.FullName)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var random = new Random(11);
            var valid = Encoding.UTF8.GetBytes("""{"command":"forget","minutes":5,"task_id":"a","instruction":"b","ended":true,"success":null}""" + "\n");
            for (var round = 0; round < 1000; round++)
            {
                var line = valid.ToArray();
                for (var change = random.Next(1, 6); change > 0; change--) line[random.Next(line.Length - 1)] = (byte)random.Next(256);
                if (round % 50 == 0) line = Enumerable.Range(0, 20_000).Select(_ => (byte)'x').ToArray();
                using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await client.ConnectAsync(new UnixDomainSocketEndPoint(ControlClient.SocketIn(folder.FullName)));
                try
                {
                    await client.SendAsync(line);
                    // A line that ends too early is somebody going away; any whole one is answered with one line of JSON.
                    if (round % 10 != 0) (await AnswerAsync(client)).ShouldStartWith("{\"ok\":");
                }
                catch (SocketException) when (line.Length > 16 * 1024)
                {
                    // It stopped listening to a line that is too long.
                }
            }
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            (await ControlClient.AskAsync(folder.FullName, new("status"), limit.Token)).ShouldNotBeNull().Ok.ShouldBeTrue();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_folder_whose_path_is_too_long_for_a_socket_is_refused_in_words()
    {
        var folder = "/tmp/" + new string('x', 120);
        Should.Throw<ArgumentException>(() => new ControlSocket(folder, (_, _) => Task.FromResult(new ControlAnswer(true)))).Message.ShouldContain("too long");
    }

    private static async Task<string> AnswerAsync(Socket client)
    {
        await using var stream = new NetworkStream(client);
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync() ?? "";
    }
}
