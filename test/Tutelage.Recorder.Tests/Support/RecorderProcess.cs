using System.Diagnostics;
using System.Text.Json;
using Tutelage.Practice;
using Tutelage.Recorder.Control;

namespace Tutelage.Recorder.Tests.Support;

/// <summary>A real recorder process on a virtual desktop.</summary>
internal sealed class RecorderProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly Task<string> _errors;

    private RecorderProcess(Process process, string folder)
    {
        (_process, _folder) = (process, folder);
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>The process that shows the indicator, 0 if there is none just now.</summary>
    public int IndicatorId => Directory.EnumerateDirectories($"/proc/{Id}/task").SelectMany(task => ReadOrEmpty(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(int.Parse).FirstOrDefault();

    /// <summary>Peak resident memory, in kB.</summary>
    public static long PeakKilobytes(int id) => long.Parse(File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    public static RecorderProcess Start(EnrolledPerson person, IReadOnlyDictionary<string, string> environment, params string[] more) => StartWith("0", person, environment, more);

    /// <param name="diagnostics">Value of <c>DOTNET_EnableDiagnostics</c>.</param>
    public static RecorderProcess StartWith(string diagnostics, EnrolledPerson person, IReadOnlyDictionary<string, string> environment, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            ArgumentList = { typeof(RecorderExit).Assembly.Location, "run", "--data", person.Folder, "--spool-only" },
        };
        foreach (var argument in more) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["DOTNET_EnableDiagnostics"] = diagnostics;
        return new(Process.Start(start)!, person.Folder);
    }

    /// <summary>Starts one and waits until it captures: the indicator can be seen and nothing else keeps it closed.</summary>
    public static async Task<RecorderProcess> StartRecordingAsync(EnrolledPerson person, VirtualDesktop desktop)
    {
        var recorder = Start(person, desktop.Environment, "--display", desktop.Display);
        await recorder.WaitForAsync(status => status.State == "recording", "recording");
        return recorder;
    }

    public async Task<ControlAnswer> AskAsync(ControlRequest request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await ControlClient.AskAsync(_folder, request, limit.Token) ?? throw new InvalidOperationException("the recorder does not answer: " + (_process.HasExited ? await _errors : "it runs"));
    }

    public async Task<RecorderStatus> WaitForAsync(Func<RecorderStatus, bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!limit.IsCancellationRequested)
        {
            if (_process.HasExited) throw new InvalidOperationException($"the recorder ended with {_process.ExitCode} before it was {what}: {await _errors}");
            if (await ControlClient.AskAsync(_folder, new("status"), limit.Token) is { Status: { } status } && condition(status)) return status;
            await Task.Delay(50, CancellationToken.None);
        }
        throw new TimeoutException($"the recorder was not {what} within 30 s");
    }

    /// <summary>Ends it as a person would; the status it ended with.</summary>
    public async Task<RecorderStatus> StopAsync()
    {
        await AskAsync(new("stop"));
        var output = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        _process.ExitCode.ShouldBe(0, await _errors);
        var last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        return JsonSerializer.Deserialize(last, ControlJson.Default.ControlAnswer)!.Status!;
    }

    public async Task<(int Code, string Errors)> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(limit.Token);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
