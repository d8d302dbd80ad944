using System.Diagnostics;

namespace Tutelage.Cli.Demo.Witnessing;

/// <summary>The demo's side of a running witness.</summary>
internal sealed class WitnessHandle : IAsyncDisposable
{
    private readonly Process _process;

    private WitnessHandle(Process process) => _process = process;

    public static async Task<WitnessHandle> StartAsync(string folder, IReadOnlyDictionary<string, string> environment, int server, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(WitnessHandle).Assembly.Location);
        start.ArgumentList.Add("demo-witness");
        start.ArgumentList.Add(folder);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment[WitnessProcess.ServerVariable] = server.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = Process.Start(start) ?? throw new DemoFailedException("the witness was not started");
        if (await process.StandardOutput.ReadLineAsync(cancellationToken) == "watching") return new(process);
        process.Kill();
        throw new DemoFailedException("the witness did not begin to watch");
    }

    /// <summary>Ends it; what it saw is complete on disk afterwards.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken);
        if (_process.ExitCode != 0) throw new DemoFailedException($"the witness ended with exit code {_process.ExitCode}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
