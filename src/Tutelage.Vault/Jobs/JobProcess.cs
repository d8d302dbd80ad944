using System.Diagnostics;
using Tutelage.Hosting;
using Tutelage.Sealing;

namespace Tutelage.Vault.Jobs;

/// <summary>First frame of a job, as far as the launcher looks at it.</summary>
/// <param name="Confined">The kernel holds the job's own system call filter.</param>
/// <param name="Open">Ways out that the job tried and found open.</param>
internal sealed record JobHello(int Protocol, string? Recipient, IReadOnlyList<string>? Jobs, bool Confined, IReadOnlyList<string>? Open);

/// <summary>One job: a child process with two pipes, an environment of its own, and no other way out that we give it. Ended when this is disposed.</summary>
internal sealed class JobProcess : IAsyncDisposable
{
    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(60);
    private const int MaxLogLine = 2000;

    private readonly Process _process;
    private readonly Task _errors;

    private JobProcess(Process process, Action<string> onLogLine)
    {
        _process = process;
        _errors = DrainAsync(process.StandardError, onLogLine);
    }

    public Stream ToJob => _process.StandardInput.BaseStream;

    public Stream FromJob => _process.StandardOutput.BaseStream;

    /// <summary>The job's ephemeral recipient; both key bundles are sealed to it.</summary>
    public AgeRecipient Recipient { get; private set; } = null!; // set by StartAsync before anybody has this object

    /// <summary>What confines it, in words; the job's own findings included.</summary>
    public string Confinement { get; private set; } = "";

    /// <summary>Starts the job program and waits for its hello.</summary>
    /// <exception cref="JobFailedException">It does not start, or does not speak the protocol.</exception>
    public static async Task<JobProcess> StartAsync(Sandbox sandbox, string program, string kind, Action<string> onLogLine, TimeProvider time, CancellationToken cancellation)
    {
        if (!File.Exists(program)) throw new JobFailedException("no-job-program", $"there is no job program at {program}; give the vault --job PATH");
        var words = sandbox.Command(program, program.EndsWith(".dll", StringComparison.Ordinal) ? [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", "exec", program] : [program]);
        var start = new ProcessStartInfo(words[0], words.Skip(1));
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = "/";
        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "DOTNET_ROOT", "LD_LIBRARY_PATH", "LANG"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value) start.Environment[name] = value;
        }

        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        Process process;
        try
        {
            process = StartingThread.Start(start);
        }
        catch (System.ComponentModel.Win32Exception broken)
        {
            throw new JobFailedException("no-job-program", $"{program} cannot be started: {broken.Message}");
        }

        var job = new JobProcess(process, onLogLine);
        try
        {
            using var patience = new CancellationTokenSource(HelloWithin, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            var frame = await JobFrames.ReadAsync(job.FromJob, either.Token) ?? throw new JobFailedException("protocol", "the job ended before its hello");
            var hello = frame.Type == JobFrameType.Hello ? Wire.Read<JobHello>(frame.Payload) : null;
            if (hello is not { Protocol: 1, Recipient: not null } || hello.Jobs?.Contains(kind, StringComparer.Ordinal) != true)
                throw new JobFailedException("protocol", $"the job program does not speak version 1 of the job pipe, or does no {kind}");
            job.Recipient = TagRecipient.Parse(hello.Recipient);
            job.Confinement = $"{sandbox.Words}; {(hello.Confined ? "system call filter" : "no system call filter")}{(hello.Open is { Count: > 0 } open ? $"; open: {string.Join(", ", open.Take(10))}" : "")}";
            return job;
        }
        catch (Exception fault)
        {
            await job.DisposeAsync();
            if (fault is AgeFormatException) throw new JobFailedException("protocol", "the job's recipient is no age1tag recipient");
            throw;
        }
    }

    /// <summary>Waits until the job has exited by itself.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        await _errors;
        _process.Dispose();
    }

    private static async Task DrainAsync(StreamReader errors, Action<string> onLogLine)
    {
        while (await errors.ReadLineAsync() is { } line) onLogLine(line[..Math.Min(line.Length, MaxLogLine)]);
    }
}
