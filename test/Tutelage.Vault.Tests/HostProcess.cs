using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tutelage.Testing;

namespace Tutelage.Testing.Hosts;

/// <summary>One host as a real process, from the same build as this test.</summary>
internal sealed partial class HostProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private HostProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    public string Listen => Address.Authority;

    public int Id => _process.Id;

    /// <summary>Starts a host and waits for its line.</summary>
    public static Task<HostProcess> StartAsync(string project, params string[] args) => StartWithinAsync([], project, args);

    /// <param name="within">Program and arguments that run it as their last ones, by exec; none for itself.</param>
    public static async Task<HostProcess> StartWithinAsync(IReadOnlyList<string> within, string project, params string[] args)
    {
        var host = new HostProcess(Launch(project, args, within));
        var line = await host._process.StandardOutput.ReadLineAsync();
        if (line is null) throw new InvalidOperationException($"{project} did not start: {await host._errors}");
        using var ready = JsonDocument.Parse(line);
        host.Address = new Uri(ready.RootElement.GetProperty("address").GetString()!);
        ready.RootElement.GetProperty("pid").GetInt32().ShouldBe(host._process.Id);
        return host;
    }

    /// <summary>Runs a host to its end.</summary>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(string project, params string[] args)
    {
        using var host = new HostProcess(Launch(project, args));
        var output = await host._process.StandardOutput.ReadToEndAsync();
        await host._process.WaitForExitAsync();
        return (host._process.ExitCode, output, await host._errors);
    }

    /// <summary>SIGTERM, and the exit status.</summary>
    public async Task<int> StopAsync()
    {
        Kill(_process.Id, 15).ShouldBe(0);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP: the process stands still, its connections stay open.</summary>
    public void Freeze() => Kill(_process.Id, 19).ShouldBe(0);

    /// <summary>SIGCONT.</summary>
    public void Wake() => Kill(_process.Id, 18).ShouldBe(0);

    /// <summary>SIGKILL: no goodbye.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Process Launch(string project, string[] args, params IReadOnlyList<string> within)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.Combine(SharedFolder.Repository, "artifacts", "bin", project, configuration, project + ".dll");
        string[] words = [.. within, "dotnet", "exec", program, .. args];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{program} did not start"));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
