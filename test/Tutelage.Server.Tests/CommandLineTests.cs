using System.Net;
using System.Net.Sockets;

namespace Tutelage.Server.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly Scene _scene = new();

    [Fact]
    public void A_wrong_command_line_is_answered_with_every_fault_and_the_usage()
    {
        var (exit, error) = RunningServer.RunToEnd("--data", _scene.Data, "--listen", "localhost", "--frobnicate", "1");
        exit.ShouldBe(2);
        foreach (var word in (string[])["--frobnicate", "--trust is missing", "--listen 'localhost'", "usage:"]) error.ShouldContain(word);
    }

    [Fact]
    public void A_doubtful_trust_file_is_refused_with_every_fault()
    {
        Directory.CreateDirectory(_scene.Data);
        var trust = Path.Combine(_scene.Data, "trust.json");
        File.WriteAllText(trust, """{"version": 2, "vault_key": "zzz", "authority": "a/b"}""");
        var (exit, error) = RunningServer.RunToEnd("--data", _scene.Data, "--listen", "127.0.0.1:0", "--trust", trust);
        exit.ShouldBe(4);
        foreach (var word in (string[])["version is 2", "vault_key", "authority"]) error.ShouldContain(word);
        foreach (var text in (string[])["", "null", "[", "{\"version\":1}"])
        {
            File.WriteAllText(trust, text);
            RunningServer.RunToEnd("--data", _scene.Data, "--listen", "127.0.0.1:0", "--trust", trust).Exit.ShouldBe(4, text);
        }
        RunningServer.RunToEnd("--data", _scene.Data, "--listen", "127.0.0.1:0", "--trust", trust + ".missing").Exit.ShouldBe(4);
    }

    [Fact]
    public void A_port_in_use_has_a_message_and_an_exit_status_of_its_own()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (exit, error) = RunningServer.RunToEnd("--data", _scene.Data, "--listen", $"127.0.0.1:{port}", "--trust", RunningServer.WriteTrust(_scene.Data, _scene.Vault));
        exit.ShouldBe(5);
        error.ShouldContain($"127.0.0.1:{port} is in use");
    }

    [Fact]
    public void A_second_server_on_one_folder_is_refused()
    {
        using var first = _scene.Start();
        var (exit, error) = RunningServer.RunToEnd("--data", _scene.Data, "--listen", "127.0.0.1:0", "--trust", RunningServer.WriteTrust(_scene.Data, _scene.Vault));
        exit.ShouldBe(4);
        error.ShouldContain(_scene.Data);
    }

    [Fact]
    public void Termination_ends_it_with_status_0() => Ended().ShouldBe(0);

    private int Ended()
    {
        using var server = _scene.Start();
        return server.Terminate();
    }

    public void Dispose() => _scene.Dispose();
}
