using System.Diagnostics;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Sealing;
using Tutelage.Vault.Halting;

namespace Tutelage.Vault.Jobs;

/// <summary>First frame of a job, as far as the launcher looks at it.</summary>
/// <param name="Confined">The kernel holds the job's own system call filter.</param>
/// <param name="Open">Ways out that the job tried and found open.</param>
internal sealed record JobHello(int Protocol, string? Recipient, IReadOnlyList<string>? Jobs, bool Confined, IReadOnlyList<string>? Open);

/// <summary>One job: a child process with two pipes, an environment of its own, and no other way out that we give it. Ended when this is disposed.</summary>
internal sealed class JobProcess : IAsyncDisposable
{
    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(60);

    /// <summary>What a job may take to end by itself once it was told to stop.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromMilliseconds(250);

    private const int ProtocolVersion = 2;
    private const int MaxLogLine = 2000;

    private readonly Process _process;
    private readonly Task _errors;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1, 1); // one frame at a time: the conversation's and the lease's
    private JobLeases? _leases; // set by StartAsync before anybody has this object

    private JobProcess(Process process, Action<string> onLogLine, TimeProvider time)
    {
        (_process, _time) = (process, time);
        _errors = DrainAsync(process.StandardError, onLogLine);
    }

    public Stream FromJob => _process.StandardOutput.BaseStream;

    /// <summary>The job's ephemeral recipient; both key bundles are sealed to it.</summary>
    public AgeRecipient Recipient { get; private set; } = null!; // set by StartAsync before anybody has this object

    /// <summary>What confines it, in words; the job's own findings included.</summary>
    public string Confinement { get; private set; } = "";

    /// <summary>Starts the job program, waits for its hello, and gives it leases from then on.</summary>
    /// <exception cref="JobFailedException">It does not start, or does not speak the protocol.</exception>
    public static async Task<JobProcess> StartAsync(Sandbox sandbox, string program, string kind, Action<string> onLogLine, AuditorLease lease, TimeProvider time, CancellationToken cancellation)
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

        var job = new JobProcess(process, onLogLine, time);
        try
        {
            using var patience = new CancellationTokenSource(HelloWithin, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            var frame = await JobFrames.ReadAsync(job.FromJob, either.Token) ?? throw new JobFailedException("protocol", "the job ended before its hello");
            var hello = frame.Type == JobFrameType.Hello ? Wire.Read<JobHello>(frame.Payload) : null;
            if (hello is not { Protocol: ProtocolVersion, Recipient: not null } || hello.Jobs?.Contains(kind, StringComparer.Ordinal) != true)
                throw new JobFailedException("protocol", $"the job program does not speak version {ProtocolVersion} of the job pipe, or does no {kind}");
            job.Recipient = TagRecipient.Parse(hello.Recipient);
            job.Confinement = $"{sandbox.Words}; {(hello.Confined ? "system call filter" : "no system call filter")}{(hello.Open is { Count: > 0 } open ? $"; open: {string.Join(", ", open.Take(10))}" : "")}";
            job._leases = new JobLeases(job._process.StandardInput.BaseStream, job._writing, lease);
            return job;
        }
        catch (Exception fault)
        {
            await job.DisposeAsync();
            if (fault is AgeFormatException) throw new JobFailedException("protocol", "the job's recipient is no age1tag recipient");
            throw;
        }
    }

    /// <summary>Sends one frame, whole, between those of its leases.</summary>
    /// <exception cref="JobFailedException">With code <see cref="JobFailedException.Ended"/>: the job reads no more.</exception>
    public async Task WriteAsync(JobFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await JobFrames.WriteAsync(_process.StandardInput.BaseStream, type, payload, cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Waits until the job has exited by itself.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Tells it to stop, and ends it if it is still there shortly after. A job that is frozen or reads no more is ended all the same.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var patience = new CancellationTokenSource(StopWithin, _time);
            await Task.WhenAny(StopAsync(patience.Token), Task.Delay(StopWithin, _time, CancellationToken.None));
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _leases?.Dispose();
        await _errors;
        _process.Dispose();
    }

    private async Task StopAsync(CancellationToken patience)
    {
        try
        {
            await WriteAsync(JobFrameType.Stop, JsonSerializer.SerializeToUtf8Bytes(new { reason = "ended by its launcher" }, Wire.Json), patience);
            await _process.WaitForExitAsync(patience);
        }
        catch (Exception ended) when (ended is JobFailedException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It ended by itself, or is ended by force.
        }
    }

    private static async Task DrainAsync(StreamReader errors, Action<string> onLogLine)
    {
        while (await errors.ReadLineAsync() is { } line) onLogLine(line[..Math.Min(line.Length, MaxLogLine)]);
    }
}
