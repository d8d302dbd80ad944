using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Jobs.Hosting;
using Tutelage.Jobs.Protocol;
using Tutelage.Recording;
using Tutelage.Sealing;

namespace Tutelage.Jobs.Tests;

/// <summary>The real job in a process of its own, and a launcher that speaks docs/formats/job-pipe.md to it.</summary>
internal sealed class LaunchedJob : IDisposable
{
    private readonly Process _process;
    private readonly Stream _toJob;
    private readonly Stream _fromJob;
    private readonly Task<string> _errors;
    private readonly Lock _writing = new(); // one frame at a time
    private readonly Timer? _leases;
    private long _lastLease;

    private LaunchedJob(Process process, bool leases)
    {
        (_process, _toJob, _fromJob) = (process, process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        _errors = process.StandardError.ReadToEndAsync();
        Hello = JsonDocument.Parse(Frames.Read(_fromJob) is { Type: FrameType.Hello } hello ? hello.Payload : throw new InvalidOperationException("no hello: " + _errors.GetAwaiter().GetResult())).RootElement;
        Recipient = AgeRecipient.Parse(Hello.GetProperty("recipient").GetString()!);
        if (!leases) return;
        Lease(TimeSpan.FromSeconds(2));
        _leases = new Timer(_ => Lease(TimeSpan.FromSeconds(2)), null, TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500));
    }

    public JsonElement Hello { get; }

    public AgeRecipient Recipient { get; }

    public int Pid => _process.Id;

    /// <param name="leases">Renews its lease like a launcher; if not, the test gives what leases there are.</param>
    public static LaunchedJob Start(bool leases = true) => new(Launch(diagnosticsOff: true), leases);

    public static Process Launch(bool diagnosticsOff)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(JobProcess).Assembly.Location]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (diagnosticsOff) start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    public void Send(FrameType type, ReadOnlySpan<byte> payload)
    {
        lock (_writing) Frames.Write(_toJob, type, payload);
    }

    /// <summary>A lease that ends that far from now.</summary>
    public void Lease(TimeSpan lasts)
    {
        var payload = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(payload, BootClock.Now().Nanoseconds + lasts.Ticks * 100);
        TrySend(FrameType.Lease, payload);
    }

    /// <summary>Renews no more.</summary>
    public void StopLeases()
    {
        _leases?.Dispose();
        lock (_writing) _lastLease = BootClock.Now().Nanoseconds;
    }

    /// <summary>Until the longest lease that was given has ended: as long as a lease lasts, by the clock that it counts on.</summary>
    public void AwaitLeaseEnd()
    {
        using var never = new ManualResetEventSlim();
        while (BootClock.Now().Nanoseconds <= _lastLease + 2_000_000_000L) never.Wait(TimeSpan.FromMilliseconds(20));
    }

    /// <summary>SIGSTOP, SIGCONT, or another.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", [name, Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>The order, then whatever the job asks for, until it ends.</summary>
    /// <param name="keys">The two bundles for the files of one request.</param>
    public JobEnd Work(object order, Func<IReadOnlyList<(string Object, string Class)>, byte[][]> keys, Func<string, string, byte[]?> files)
    {
        Send(FrameType.Order, JsonSerializer.SerializeToUtf8Bytes(order));
        return Listen(files, keys);
    }

    public JobEnd Listen(Func<string, string, byte[]?> files, Func<IReadOnlyList<(string Object, string Class)>, byte[][]>? keys = null)
    {
        var end = new JobEnd();
        while (Frames.Read(_fromJob) is { } frame)
        {
            var json = frame.Type == FrameType.Output ? default : JsonDocument.Parse(frame.Payload).RootElement;
            switch (frame.Type)
            {
                case FrameType.Need:
                    end.Needed.Add([.. json.GetProperty("files").EnumerateArray().Select(file => (file.GetProperty("object").GetString()!, file.GetProperty("class").GetString()!))]);
                    foreach (var bundle in keys?.Invoke(end.Needed[^1]) ?? []) TrySend(FrameType.Keys, bundle);
                    break;
                case FrameType.Fetch:
                    end.Fetched.Add((json.GetProperty("object").GetString()!, json.GetProperty("class").GetString()!));
                    Serve(json, files);
                    break;
                case FrameType.OutputBegin: end.Outputs.Add(new JobOutput { Kind = json.GetProperty("kind").GetString()!, Tag = json.TryGetProperty("tag", out var tag) ? tag.GetString() : null }); break;
                case FrameType.Output: end.Outputs[^1].Bytes.Write(frame.Payload.Span[4..]); break;
                case FrameType.OutputEnd: end.Outputs[^1].End = json; break;
                case FrameType.Progress: end.Progress.Add(json); break;
                case FrameType.Refused: end.Refused.Add((json.GetProperty("object").GetString()!, json.TryGetProperty("class", out var name) ? name.GetString() : null, json.GetProperty("reason").GetString()!)); break;
                case FrameType.Result: end.Result = json; break;
                case FrameType.Error: end.Error = json; break;
                default: throw new InvalidOperationException($"a job does not send {frame.Type}");
            }
        }
        end.Exit = WaitForExit();
        return end;
    }

    /// <summary>A job that refuses what it has already got closes its end; what it said is read afterwards.</summary>
    private void TrySend(FrameType type, byte[] payload)
    {
        try
        {
            Send(type, payload);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // Said above.
        }
    }

    public int WaitForExit()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Closes the pipe to the job.</summary>
    public void HangUp() => _toJob.Close();

    public string Errors => _errors.GetAwaiter().GetResult();

    private void Serve(JsonElement fetch, Func<string, string, byte[]?> files)
    {
        var stream = fetch.GetProperty("stream").GetUInt32();
        var bytes = files(fetch.GetProperty("object").GetString()!, fetch.GetProperty("class").GetString()!);
        var number = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, stream);
        for (var at = 0; bytes is not null && at < bytes.Length; at += FrameLimits.ChunkBytes)
        {
            lock (_writing) Frames.Write(_toJob, FrameType.Blob, number, bytes.AsSpan(at, Math.Min(FrameLimits.ChunkBytes, bytes.Length - at)));
        }

        Send(FrameType.BlobEnd, JsonSerializer.SerializeToUtf8Bytes(new { stream, ok = bytes is not null, reason = bytes is null ? "missing" : null }));
    }

    public void Dispose()
    {
        _leases?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }
}

/// <summary>All that a job said.</summary>
internal sealed class JobEnd
{
    public int Exit { get; set; }
    public JsonElement? Result { get; set; }
    public JsonElement? Error { get; set; }
    public List<JobOutput> Outputs { get; } = [];
    public List<JsonElement> Progress { get; } = [];
    public List<(string Object, string? Class, string Reason)> Refused { get; } = [];
    public List<(string Object, string Class)> Fetched { get; } = [];

    /// <summary>Each request for keys, in order.</summary>
    public List<List<(string Object, string Class)>> Needed { get; } = [];

    public string? Code => Error?.GetProperty("code").GetString();

    public string Message => Error?.GetProperty("message").GetString() ?? "";

    public JsonElement Dataset => (Result ?? throw new ShouldAssertException($"no result: {Code} {Message}")).GetProperty("dataset");
}

internal sealed class JobOutput
{
    public required string Kind { get; init; }
    public string? Tag { get; init; }
    public MemoryStream Bytes { get; } = new();
    public JsonElement End { get; set; }

    public byte[] Outer => End.GetProperty("outer").GetBytesFromBase64();

    public byte[] Inner => End.GetProperty("inner").GetBytesFromBase64();

    /// <summary>The plaintext of a shard, after checking what was said about the ciphertext.</summary>
    public byte[] Open(AgeIdentity auditor, AgeIdentity person)
    {
        End.GetProperty("size").GetInt64().ShouldBe(Bytes.Length);
        End.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Bytes.ToArray())));
        using var outer = AgeHeader.Parse(Outer).Unwrap(auditor);
        using var inner = AgeHeader.Parse(Inner).Unwrap(person);
        Bytes.Position = 0;
        using var opened = CustodySeal.Open(Bytes, outer, inner);
        using var plaintext = new MemoryStream();
        opened.CopyTo(plaintext);
        return plaintext.ToArray();
    }
}
