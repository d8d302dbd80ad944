using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Tutelage.Rules;

namespace Tutelage.Server.Tests;

public sealed class HealingTests : IDisposable
{
    private readonly Scene _scene = new();

    [Fact]
    public async Task A_server_killed_in_the_middle_of_an_upload_forgets_it_and_takes_it_again()
    {
        var sample = _scene.Segment((DataClass.Input, 4000), (DataClass.Frames, 4_000_000));
        using (var server = _scene.Start())
        {
            await HalfAnUpload(server, _scene, sample);
            server.Kill();
        }
        _scene.Stored().ShouldContain(path => path.StartsWith("incoming/", StringComparison.Ordinal));

        using var healed = _scene.Start();
        _scene.Stored().ShouldBeEmpty();
        (await healed.Client(_scene.Device).SendAsync(sample)).Json.GetProperty("stored").GetBoolean().ShouldBeTrue();
        (await healed.Client(_scene.Vault).AskAsync($"/v1/objects/{sample.Id}/files/frames")).Body.ShouldBe(sample.Files[1]);
    }

    [Fact]
    public async Task An_object_that_a_crash_left_without_a_row_is_checked_and_added()
    {
        var sample = _scene.Segment();
        using (var server = _scene.Start())
        {
            (await server.Client(_scene.Device).SendAsync(sample)).Status.ShouldBe(200);
            server.Kill();
        }
        DropIndex();

        using var healed = _scene.Start();
        (await healed.Client(_scene.Vault).AskAsync($"/v1/objects/{sample.Id}/files/text")).Body.ShouldBe(sample.Files[1]);
        (await healed.Client(_scene.Device).SendAsync(sample)).Json.GetProperty("stored").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Doubtful_state_is_refused_with_every_fault()
    {
        var (lost, altered, cut) = (_scene.Segment(), _scene.Segment(), _scene.Segment());
        using (var server = _scene.Start())
        {
            foreach (var sample in (SampleObject[])[lost, altered, cut]) (await server.Client(_scene.Device).SendAsync(sample)).Status.ShouldBe(200);
            server.Terminate().ShouldBe(0);
        }
        string Folder(SampleObject sample) => Path.Combine(_scene.Data, "objects", sample.Id[..2], sample.Id);

        Directory.Delete(Folder(lost), recursive: true);
        File.WriteAllBytes(Path.Combine(Folder(cut), "frames"), cut.Files[3][..^7]);
        File.WriteAllText(Path.Combine(_scene.Data, "objects", "stray"), "x");
        var (exit, error) = RunningServer.RunToEnd("--data", _scene.Data, "--listen", "127.0.0.1:0", "--trust", RunningServer.WriteTrust(_scene.Data, _scene.Vault));
        exit.ShouldBe(4);
        foreach (var word in (string[])[lost.Id, cut.Id, "frames", "stray"]) error.ShouldContain(word);
        error.ShouldNotContain(altered.Id);

        DropIndex();
        File.Delete(Path.Combine(_scene.Data, "objects", "stray"));
        File.WriteAllBytes(Path.Combine(Folder(altered), "text"), RandomNumberGenerator.GetBytes(400));
        (exit, error) = RunningServer.RunToEnd("--data", _scene.Data, "--listen", "127.0.0.1:0", "--trust", RunningServer.WriteTrust(_scene.Data, _scene.Vault));
        exit.ShouldBe(4);
        foreach (var word in (string[])[altered.Id, "text", cut.Id, "frames"]) error.ShouldContain(word);
    }

    [Fact]
    public async Task A_full_disk_is_507_and_leaves_nothing()
    {
        if (TinyDisk.Mount(megabytes: 4) is not { } disk) return;
        using (disk)
        using (var scene = new Scene(disk.Path))
        using (var server = scene.Start())
        {
            var device = server.Client(scene.Device);
            var fits = scene.Segment((DataClass.Input, 500_000));
            (await device.SendAsync(fits)).Status.ShouldBe(200);
            var before = scene.Stored();
            (await device.SendAsync(scene.Segment((DataClass.Input, 4000), (DataClass.Frames, 6_000_000)))).ShouldBeRefused(507, "disk-full");

            // Now so full that the check beforehand has nothing to do with it: space goes away while the body comes.
            var sample = scene.Segment((DataClass.Input, 200_000), (DataClass.Frames, 900_000));
            var (socket, rest) = await HalfAnUpload(server, scene, sample);
            using (socket)
            {
                disk.Fill();
                await socket.SendAsync(rest);
                var answer = await ReadAnswer(socket);
                answer.ShouldContain(" 507 ");
                answer.ShouldContain("disk-full");
            }
            scene.Stored().ShouldBe(before);
            disk.Free();
            (await device.SendAsync(sample)).Status.ShouldBe(200);
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_nothing()
    {
        var sample = _scene.Segment((DataClass.Input, 4000), (DataClass.Frames, 2_000_000));
        using var server = _scene.Start();
        var (socket, _) = await HalfAnUpload(server, _scene, sample);
        socket.Dispose();
        await Eventually(() => _scene.Stored().Count == 0);
        (await server.Client(_scene.Device).SendAsync(sample)).Status.ShouldBe(200);
    }

    /// <summary>Sends headers and half of the body over a bare socket, and waits until the server has begun to write it down.</summary>
    private static async Task<(Socket Socket, byte[] Unsent)> HalfAnUpload(RunningServer server, Scene scene, SampleObject sample)
    {
        var body = sample.Body;
        var head = await SignedHead.MakeAsync(server.Address, body, scene.Device);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, server.Address.Port);
        await socket.SendAsync(head);
        await socket.SendAsync(body.AsMemory(0, body.Length / 2));
        await Eventually(() => scene.Stored().Any(path => path.StartsWith("incoming/", StringComparison.Ordinal) && path.EndsWith("/frames", StringComparison.Ordinal)));
        return (socket, body[(body.Length / 2)..]);
    }

    private static async Task<string> ReadAnswer(Socket socket)
    {
        var buffer = new byte[4096];
        var got = await socket.ReceiveAsync(buffer);
        return Encoding.UTF8.GetString(buffer, 0, got);
    }

    /// <summary>Waits for a state that is bound to come; the bound only keeps a broken build from hanging.</summary>
    private static async Task Eventually(Func<bool> holds)
    {
        for (var tries = 0; !holds(); tries++)
        {
            tries.ShouldBeLessThan(2000);
            await Task.Delay(10);
        }
    }

    private void DropIndex()
    {
        foreach (var path in Directory.EnumerateFiles(_scene.Data, "index.db*")) File.Delete(path);
    }

    public void Dispose() => _scene.Dispose();
}
