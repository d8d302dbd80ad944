using System.Diagnostics;
using System.Text.Json;
using Tutelage.Identity;

namespace Tutelage.Server.Tests;

/// <summary>The real program in a process of its own, over a real folder. Killed by its id at the end.</summary>
internal sealed class RunningServer : IDisposable
{
    private readonly Process _process;
    private readonly List<HttpClient> _clients = [];

    private RunningServer(Process process, Uri address, SpokenState said) => (_process, Address, Said) = (process, address, said);

    /// <summary>What vault and auditor say.</summary>
    public SpokenState Said { get; }

    public Uri Address { get; }

    public int Pid => _process.Id;

    /// <summary>A server that said it is ready, and that takes uploads if <paramref name="open"/>.</summary>
    public static RunningServer Start(string data, SigningKey vault, bool open = true)
    {
        var said = new SpokenState(vault);
        var process = Launch("--data", data, "--listen", "127.0.0.1:0", "--trust", WriteTrust(data, vault, said.AuditorKey.Public));
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the server did not start: " + process.StandardError.ReadToEnd());
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var ready = JsonDocument.Parse(line).RootElement;
        ready.GetProperty("service").GetString().ShouldBe("server");
        ready.GetProperty("pid").GetInt32().ShouldBe(process.Id);
        var server = new RunningServer(process, new Uri(ready.GetProperty("address").GetString()!), said);
        if (!open) return server;
        File.WriteAllText(Path.Combine(data, "programme.json"), said.Card);
        server.AwaitIngest("open");
        return server;
    }

    /// <summary>Asks until its status says so; each question is a request, none is a wait.</summary>
    public void AwaitIngest(string state)
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!limit.IsCancellationRequested)
        {
            using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, "/v1/status"));
            if (JsonDocument.Parse(answer.Content.ReadAsStream()).RootElement.GetProperty("ingest").GetString() == state) return;
        }
        throw new TimeoutException($"ingest did not become {state}");
    }

    /// <summary>Runs a server that is expected to refuse, to its end.</summary>
    public static (int Exit, string Error) RunToEnd(params string[] args)
    {
        using var process = Launch(args);
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.GetAwaiter().GetResult());
    }

    public static string WriteTrust(string data, SigningKey vault, PublicKey? auditor = null)
    {
        var path = data.TrimEnd('/') + ".trust.json";
        File.WriteAllText(path, JsonSerializer.Serialize(new { version = 1, vault_key = vault.Public.Text, auditor_key = (auditor ?? vault.Public).Text, log = "ignored here" }));
        return path;
    }

    /// <summary>A client that signs with this key.</summary>
    public HttpClient Client(SigningKey? key)
    {
        HttpMessageHandler handler = new SocketsHttpHandler();
        if (key is not null) handler = new SigningHandler(key, TimeProvider.System) { InnerHandler = handler };
        var client = new HttpClient(handler) { BaseAddress = Address };
        _clients.Add(client);
        return client;
    }

    /// <summary>SIGKILL: no handler, no flush.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, and the exit status that came of it.</summary>
    public int Terminate()
    {
        using var kill = Process.Start("/bin/kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
        if (!_process.HasExited) Kill();
        _process.Dispose();
        Said.Dispose();
    }

    private static Process Launch(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(ServerCommand).Assembly.Location);
        foreach (var arg in args) start.ArgumentList.Add(arg);
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }
}
