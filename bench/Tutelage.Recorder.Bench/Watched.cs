using System.Diagnostics;
using System.Globalization;
using Tutelage.Practice;
using Tutelage.Recorder.Control;

namespace Tutelage.Recorder.Bench;

/// <summary>A real recorder process, and what it takes of the machine.</summary>
internal sealed class Watched : IAsyncDisposable
{
    /// <summary>Of /proc: clock ticks a second, always 100 for user space on Linux.</summary>
    private const double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly string _folder;

    private Watched(Process process, string folder) => (_process, _folder) = (process, folder);

    public static async Task<Watched> StartAsync(Person person, VirtualDesktop desktop)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(RecorderExit).Assembly.Location, "run", "--data", person.Folder, "--spool-only", "--display", desktop.Display]) { RedirectStandardOutput = true };
        foreach (var (name, value) in desktop.Environment) start.Environment[name] = value;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var watched = new Watched(Process.Start(start)!, person.Folder);
        while ((await ControlClient.AskAsync(person.Folder, new("status"), default))?.Status is not { State: "recording" })
        {
            if (watched._process.HasExited) throw new InvalidOperationException("the recorder ended; see above");
            await Task.Delay(100);
        }
        return watched;
    }

    /// <summary>Processor seconds of the recorder and of its indicator so far.</summary>
    public (double Recorder, double Indicator) Seconds() => (SecondsOf(_process.Id), Indicator is var indicator && indicator != 0 ? SecondsOf(indicator) : 0);

    /// <summary>Peak and present resident memory in MB.</summary>
    public ((double Peak, double Now) Recorder, (double Peak, double Now) Indicator) Memory() => (MemoryOf(_process.Id), Indicator is var indicator && indicator != 0 ? MemoryOf(indicator) : default);

    /// <summary>Processor seconds by thread name.</summary>
    public Dictionary<string, double> Threads()
    {
        var threads = new Dictionary<string, double>();
        foreach (var task in Directory.EnumerateDirectories($"/proc/{_process.Id}/task"))
        {
            var stat = File.ReadAllText(Path.Combine(task, "stat"));
            var name = stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')];
            threads[name] = threads.GetValueOrDefault(name) + SecondsIn(stat);
        }
        return threads;
    }

    public async Task<RecorderStatus> StopAsync()
    {
        await ControlClient.AskAsync(_folder, new("stop"), default);
        var output = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return System.Text.Json.JsonSerializer.Deserialize(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], ControlJson.Default.ControlAnswer)!.Status!;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private int Indicator => Directory.EnumerateDirectories($"/proc/{_process.Id}/task").SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(id => int.Parse(id, CultureInfo.InvariantCulture)).FirstOrDefault();

    private static double SecondsOf(int id) => SecondsIn(File.ReadAllText($"/proc/{id}/stat"));

    private static double SecondsIn(string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static (double Peak, double Now) MemoryOf(int id)
    {
        var lines = File.ReadAllLines($"/proc/{id}/status");
        double Of(string name) => double.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        return (Of("VmHWM"), Of("VmRSS"));
    }
}
