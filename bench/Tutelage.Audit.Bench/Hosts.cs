using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tutelage.Audit.Bench;

/// <summary>Vault, auditor and server of the prepared programme, each started by itself so that its start can be measured.</summary>
internal sealed class Hosts(Line line) : IAsyncDisposable
{
    private readonly List<Process> _processes = [];
    private readonly HttpClient _http = new();
    private Process? _auditor;

    private string Trust => Path.Combine(line.Programme, "trust.json");

    /// <returns>Seconds until it took requests; so for the others.</returns>
    public async Task<double> StartAuditorAsync()
    {
        var (process, seconds) = await StartAsync("Tutelage.Auditor", "--data", Path.Combine(line.Programme, "auditor"), "--listen", $"127.0.0.1:{Line.Port + 1}", "--trust", Trust, "--rehearsal");
        _auditor = process;
        return seconds;
    }

    public async Task StartServerAsync() => await StartAsync("Tutelage.Server", "--data", Path.Combine(line.Programme, "server"), "--listen", $"127.0.0.1:{Line.Port + 2}", "--trust", Trust);

    public async Task<double> StartVaultAsync() => (await StartAsync(
        "Tutelage.Vault", "--data", Path.Combine(line.Programme, "vault"), "--listen", $"127.0.0.1:{Line.Port}", "--trust", Trust, "--rehearsal", "--auditor", $"http://127.0.0.1:{Line.Port + 1}", "--server", $"http://127.0.0.1:{Line.Port + 2}")).Seconds;

    public async Task EndAuditorAsync()
    {
        if (_auditor is not { } process) return;
        process.Kill(); // as a crash would
        await process.WaitForExitAsync();
        _processes.Remove(process);
        process.Dispose();
        _auditor = null;
    }

    public async Task<double> CheckAsync()
    {
        var clock = Stopwatch.StartNew();
        using var check = line.Start(Line.PathOf("Tutelage.Auditor"), "check", "--data", Path.Combine(line.Programme, "auditor"), "--trust", Trust);
        var said = await check.StandardOutput.ReadToEndAsync();
        await check.WaitForExitAsync();
        return check.ExitCode == 0 ? clock.Elapsed.TotalSeconds : throw new InvalidOperationException(said);
    }

    public async Task<long> AuditedAsync() => (await _http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{Line.Port}/v1/status")).GetProperty("audited").GetInt64();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _http.Dispose();
    }

    private async Task<(Process Process, double Seconds)> StartAsync(string program, params string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        var process = line.Start(Line.PathOf(program), arguments);
        _processes.Add(process);
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return await process.StandardOutput.ReadLineAsync() is null ? throw new InvalidOperationException($"{program} did not start") : (process, clock.Elapsed.TotalSeconds);
    }
}
