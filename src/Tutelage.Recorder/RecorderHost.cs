using System.Runtime.InteropServices;
using System.Text.Json;
using Tutelage.Desktop;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Control;
using Tutelage.Recorder.Indicator;
using Tutelage.Recorder.Pipeline;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Redaction;
using Tutelage.Redaction.Ocr;

namespace Tutelage.Recorder;

/// <summary>Wires one recorder together: consent, indicator, session, sending, control.</summary>
internal sealed class RecorderHost(RecorderOptions options, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <exception cref="EnrolmentException">Nobody agreed to anything here, or it was altered.</exception>
    /// <exception cref="DesktopUnavailableException">There is no desktop that can be recorded.</exception>
    public async Task<int> RunAsync()
    {
        using var enrolment = Enrolment.Load(options.Folder);
        var adapter = options.Display is { } named ? DesktopAdapters.ForX11(named) : DesktopAdapters.ForThisMachine();
        var check = adapter.Check();
        if (!check.Supported) return Refuse(RecorderExit.Unsupported, $"this desktop cannot be recorded: it lacks {string.Join("; ", check.Missing)}", check.WhatToDo);
        var display = options.Display ?? Environment.GetEnvironmentVariable("DISPLAY") ?? "";
        using var desktop = DesktopClaim.TryTake(display);
        if (desktop is null) return Refuse(RecorderExit.AlreadyRunning, $"another recorder runs on display {display}", "stop that one first");
        using var folder = FolderLock.TryTake(options.Folder);
        if (folder is null) return Refuse(RecorderExit.AlreadyRunning, $"another recorder writes into {options.Folder}", "stop that one first, or record with another --data folder");

        var spool = new SpoolFolder(Path.Combine(options.Folder, "spool"), time);
        var skills = SkillCount.Open(options.Folder, enrolment.Manifest);
        var recovered = SpoolRecovery.Run(spool);
        using var ocr = options.Ocr is { } recogniser ? OcrEngine.TryLoad(recogniser) : null;
        using var http = new HttpClient(new SigningHandler(enrolment.Device, time) { InnerHandler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3) } }) { Timeout = TimeSpan.FromSeconds(30) };

        var closures = new Closures();
        var lease = new LeaseKeeper(http, enrolment.File.Vault, closures, TimeSpan.FromMinutes(enrolment.Manifest.OfflineMinutes), time);
        if (!options.SpoolOnly) await lease.AskFirstAsync(_stop.Token);
        var capture = adapter.OpenCapture(new() { Display = options.Display, MaxFramesPerSecond = Math.Max(1, enrolment.Manifest.FramesPerSecond), Frames = enrolment.Manifest.FramesPerSecond > 0 });
        await using var session = new RecordingSession(
            capture, enrolment.Manifest, spool, new Redactor(ocr: ocr), closures, skills, () => options.SpoolOnly ? null : lease.Epoch, time, options.SpoolOnly);
        using var outbox = new Outbox(spool, new(spool, enrolment, http), lease, session.Memory, TimeSpan.FromMinutes(enrolment.Manifest.HoldMinutes), time);
        await using var indicator = new IndicatorWatch(closures, () => Toggle(closures), time);
        indicator.Start(options.Display);
        var desk = new Desk(session, spool, outbox, lease, options, _stop);
        await using var control = new ControlSocket(options.Folder, desk.AnswerAsync);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

        var leasing = options.SpoolOnly ? Task.CompletedTask : lease.RunAsync(_stop.Token);
        var upkeep = UpkeepAsync(outbox, lease);
        Announce(recovered);
        await session.RunAsync(_stop.Token);
        await _stop.CancelAsync();
        await Task.WhenAll(leasing, upkeep);
        if (session.DesktopIsGone) Console.Error.WriteLine($"recorder: the desktop {display} has gone away; what was decided is in the spool");
        if (!options.SpoolOnly && enrolment.Manifest.HoldMinutes == 0) await outbox.SendAllAsync(CancellationToken.None);
        spool.DestroyUnneededKeys(ended: true);
        Console.WriteLine(JsonSerializer.Serialize(new ControlAnswer(true, "stopped", desk.Status), ControlJson.Default.ControlAnswer));
        return RecorderExit.Done;
    }

    public void Dispose() => _stop.Dispose();

    private async Task UpkeepAsync(Outbox outbox, LeaseKeeper lease)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (options.SpoolOnly) continue;
                lease.CloseIfExpired();
                await outbox.SendDueAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The session is over.
        }
        catch (Exception)
        {
            // Without upkeep nobody watches the lease: the session ends, what was decided is kept, and the fault is told by the awaiting caller.
            await _stop.CancelAsync();
            throw;
        }
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.Cancel();
    }

    private static void Toggle(Closures closures)
    {
        if (!closures.Close(GapReason.Paused, BootClock.Now())) closures.Open(GapReason.Paused);
    }

    private static void Announce(IReadOnlyList<Recovery> recovered)
    {
        foreach (var damaged in recovered.Where(segment => segment.Outcome == RecoveryOutcome.Damaged))
            Console.Error.WriteLine($"recorder: segment {damaged.Id} was left by an earlier recorder and cannot be read: {damaged.Why}\nhint: it lies in spool/damaged");
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            service = "recorder", pid = Environment.ProcessId, recovered = recovered.Count(segment => segment.Outcome is RecoveryOutcome.Whole or RecoveryOutcome.Recovered),
        }));
    }

    private static int Refuse(int code, string what, string? hint)
    {
        Console.Error.WriteLine("recorder: " + what);
        if (hint is not null) Console.Error.WriteLine("hint: " + hint);
        return code;
    }
}

/// <summary>Exit codes.</summary>
public static class RecorderExit
{
    public const int Done = 0, Failed = 1, Usage = 2, Unsupported = 3, AlreadyRunning = 4, NotEnrolled = 5;
}
