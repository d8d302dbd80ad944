using System.Diagnostics;
using System.Text.Json;

namespace Tutelage.Cli.Programme;

/// <summary>One of our programs as a process of its own: vault, auditor, server, recorder.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private HostProcess(string name, Process process, JsonElement ready, Task<string> errors) => (Name, _process, Ready, _errors) = (name, process, ready, errors);

    public string Name { get; }

    /// <summary>The line with which it said that it is ready.</summary>
    public JsonElement Ready { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Of one that has exited; 128 and the signal's number where one ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it said on standard error, once it has exited.</summary>
    public Task<string> ErrorsAsync() => _errors;

    public Uri Address => new(Ready.GetProperty("address").GetString()! + "/");

    /// <summary>Where the build put our programs: all of them beside the command line.</summary>
    public static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly + ".dll");

    /// <summary>Starts <paramref name="assembly"/> and waits for its ready line.</summary>
    /// <param name="ownSession">Keeps the terminal's Ctrl+C away from it, so that whoever started it can end it in order.</param>
    /// <exception cref="HostFailedException">It ended or said nothing in time; the message holds what it said.</exception>
    public static async Task<HostProcess> StartAsync(
        string assembly, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken, bool ownSession = false)
    {
        var process = Launch(assembly, arguments, environment, ownSession);
        var errors = Gather(process.StandardError);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadyWithin);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(limit.Token);
            if (line is null)
            {
                await process.WaitForExitAsync(cancellationToken);
                throw new HostFailedException(assembly, process.ExitCode, await errors);
            }
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return new(assembly, process, JsonDocument.Parse(line).RootElement.Clone(), errors);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            throw new HostFailedException(assembly, -1, $"it was not ready within {ReadyWithin.TotalSeconds:0} s");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Runs <paramref name="assembly"/> to its end.</summary>
    /// <exception cref="HostFailedException">It ended with another exit code than 0.</exception>
    public static async Task<string> RunAsync(string assembly, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Launch(assembly, arguments, null, ownSession: false);
        var errors = Gather(process.StandardError);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new HostFailedException(assembly, process.ExitCode, await errors);
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Asks it to end (SIGTERM) and waits; one that does not is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) { }
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }
        await _errors;
        _process.Dispose();
    }

    private static Process Launch(string assembly, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, bool ownSession)
    {
        var dotnet = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] before = [.. StartingThread.EndWithUs, .. ownSession ? new[] { "setsid" } : [], dotnet];
        start.FileName = before[0];
        foreach (var word in before[1..]) start.ArgumentList.Add(word);
        start.ArgumentList.Add(PathOf(assembly));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return StartingThread.Start(start) ?? throw new HostFailedException(assembly, -1, "the operating system did not start it");
    }

    /// <summary>The last of what it said on standard error: enough to explain, bounded.</summary>
    private static async Task<string> Gather(StreamReader errors)
    {
        var last = new Queue<string>();
        while (await errors.ReadLineAsync() is { } line)
        {
            // The framework's own line holds a stack trace; the host says the same in words.
            if (line.StartsWith("fail: Microsoft.", StringComparison.Ordinal)) continue;
            if (last.Count == 20) last.Dequeue();
            last.Enqueue(line);
        }
        return string.Join(Environment.NewLine, last);
    }
}

/// <summary>A program of ours did not start or failed.</summary>
internal sealed class HostFailedException(string program, int code, string said) : Exception($"{program} failed{(code >= 0 ? $" with exit code {code}" : "")}: {said}")
{
    public string Program { get; } = program;

    public int Code { get; } = code;

    /// <summary>What the program itself said on standard error.</summary>
    public string Said { get; } = said;
}
