using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Tutelage.Cli.Tests.Support;

/// <summary><c>tutelage up</c> on free ports, and what it said about itself.</summary>
internal sealed class RunningProgramme : IAsyncDisposable
{
    private readonly Process _up;

    private RunningProgramme(Process up, JsonElement said) => (_up, Said) = (up, said);

    public JsonElement Said { get; }

    public Uri Vault => new(Said.GetProperty("vault").GetString()!);

    public string Server => Said.GetProperty("server").GetString()!.TrimEnd('/');

    public string Folder => Said.GetProperty("data").GetString()!;

    public IReadOnlyList<int> Pids => Said.GetProperty("pids").EnumerateObject().Select(host => host.Value.GetInt32()).ToList();

    public static async Task<RunningProgramme> StartAsync(CommandLine line)
    {
        var up = line.Start(new Dictionary<string, string?>(), "up", "--port-base", "0", "--json");
        var said = new StringBuilder();
        while (await up.StandardOutput.ReadLineAsync() is { } text)
        {
            said.AppendLine(text);
            if (text == "}") return new(up, JsonDocument.Parse(said.ToString()).RootElement);
        }
        throw new InvalidOperationException("up ended: " + await up.StandardError.ReadToEndAsync());
    }

    /// <summary>Its end by a signal, or by itself.</summary>
    public async Task<(int Code, string Error)> EndAsync(string? signal)
    {
        if (signal is not null) await SignalAsync(_up.Id, signal);
        var error = await _up.StandardError.ReadToEndAsync();
        await _up.WaitForExitAsync();
        return (_up.ExitCode, error);
    }

    public static async Task SignalAsync(int pid, string signal)
    {
        using var kill = Process.Start("/bin/kill", [signal, pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_up.HasExited) await EndAsync("-TERM");
        _up.Dispose();
    }
}
