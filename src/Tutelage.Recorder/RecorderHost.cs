using System.Diagnostics;
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
internal sealed class RecorderHost(RecorderOptions options, TimeProvider time)
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private string? _trouble;
    private int _sent;
    private long _sealedBytes;

    /// <exception cref="EnrolmentException">Nobody agreed to anything here, or it was altered.</exception>
    /// <exception cref="DesktopUnavailableException">There is no desktop that can be recorded.</exception>
    public async Task<int> RunAsync()
    {
        using var enrolment = Enrolment.Load(options.Folder);
        var adapter = options.Display is { } named ? DesktopAdapters.ForX11(named) : DesktopAdapters.ForThisMachine();
        var check = adapter.Check();
        if (!check.Supported) return Refuse(RecorderExit.Unsupported, $"this desktop cannot be recorded: it lacks {string.Join("; ", check.Missing)}", check.WhatToDo);
        var display = options.Display ?? Environment.GetEnvironmentVariable("DISPLAY") ?? "";
        using var desktop = DesktopLock.TryTake(display);
        if (desktop is null) return Refuse(RecorderExit.AlreadyRunning, $"another recorder runs on display {display}", "stop it first: tutelage record --stop");

        var spool = new SpoolFolder(Path.Combine(options.Folder, "spool"), time);
        var recovered = SpoolRecovery.Run(spool);
        var ocr = options.Ocr is { } folder ? OcrEngine.TryLoad(folder) : null;
        using var http = new HttpClient(new SigningHandler(enrolment.Device, time) { InnerHandler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3) } }) { Timeout = TimeSpan.FromSeconds(30) };

        var capture = adapter.OpenCapture(new() { Display = options.Display, MaxFramesPerSecond = Math.Max(1, enrolment.Manifest.FramesPerSecond), Frames = enrolment.Manifest.FramesPerSecond > 0 });
        await using var session = new RecordingSession(capture, enrolment.Manifest, spool, new Redactor(ocr: ocr), time, options.SpoolOnly);
        var lease = new LeaseKeeper(http, enrolment.File.Vault, session.Closures, TimeSpan.FromMinutes(enrolment.Manifest.OfflineMinutes), time);
        await using var indicator = new IndicatorWatch(session.Closures, () => Toggle(session), time);
        indicator.Start(options.Display);
        var sender = new SegmentSender(spool, enrolment, http);
        await using var control = new ControlSocket(options.Folder, (request, token) => AnswerAsync(request, session, spool, sender, lease, token));
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => { signal.Cancel = true; _stop.Cancel(); });
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => { signal.Cancel = true; _stop.Cancel(); });

        var leasing = options.SpoolOnly ? Task.CompletedTask : lease.RunAsync(_stop.Token);
        var upkeep = UpkeepAsync(session, indicator, spool, sender, lease, TimeSpan.FromMinutes(enrolment.Manifest.HoldMinutes), _stop.Token);
        Announce(recovered);
        await session.RunAsync(_stop.Token);
        await _stop.CancelAsync();
        await Task.WhenAll(leasing, upkeep);
        if (!options.SpoolOnly && enrolment.Manifest.HoldMinutes == 0) await SendAllAsync(spool, sender, lease, session.Memory, CancellationToken.None);
        spool.DestroyUnneededKeys();
        Console.WriteLine(JsonSerializer.Serialize(new ControlAnswer(true, "stopped", Status(session, spool)), ControlJson.Default.ControlAnswer));
        return RecorderExit.Done;
    }

    private async Task<ControlAnswer> AnswerAsync(
        ControlRequest request, RecordingSession session, SpoolFolder spool, SegmentSender sender, LeaseKeeper lease, CancellationToken cancellationToken)
    {
        string? message = null;
        switch (request.Command)
        {
            case "status": break;
            case "pause":
                message = session.Closures.Close(GapReason.Paused, BootClock.Now()) ? "paused; nothing is captured until you resume" : "it was paused already";
                await session.Enqueue(_ => { });
                break;
            case "resume":
                message = session.Closures.Open(GapReason.Paused) ? "recording again" : "it was not paused";
                break;
            case "forget" when request.Minutes is >= 1 and <= 10_080:
                message = $"forgotten: what waited, and {await session.Forget(request.Minutes)} segments that reach into the last {request.Minutes} minutes";
                break;
            case "task" when request is { TaskId: { Length: > 0 and <= 100 } id, Instruction: { Length: <= 2000 } instruction }:
                await session.Mark(id, instruction, request.Ended, request.Success);
                break;
            case "turn": await session.Turn(); break;
            case "send":
                await session.Turn();
                if (options.SpoolOnly) return new(false, "this recorder spools only; nothing is sent");
                await SendAllAsync(spool, sender, lease, session.Memory, cancellationToken);
                message = $"{_sent} segments sent, {spool.Held().Count} wait";
                break;
            case "stop":
                await _stop.CancelAsync();
                message = "stopping";
                break;
            default: return new(false, $"'{request.Command}' is not known or its values are out of range; it takes status, pause, resume, forget, task, turn, send, stop");
        }
        return new(true, message, Status(session, spool));
    }

    private async Task UpkeepAsync(
        RecordingSession session, IndicatorWatch indicator, SpoolFolder spool, SegmentSender sender, LeaseKeeper lease, TimeSpan hold, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await indicator.ShowAsync(session.Closures.Current is { } closed ? closed.ToString() : "recording");
                if (!options.SpoolOnly && spool.Held().Count > 0) await SendDueAsync(spool, sender, lease, session, hold, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The session is over.
        }
    }

    private async Task SendDueAsync(SpoolFolder spool, SegmentSender sender, LeaseKeeper lease, RecordingSession session, TimeSpan hold, CancellationToken cancellationToken)
    {
        var due = spool.Held().Where(id => time.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(Path.Combine(spool.Root, "held", id)) >= hold).ToList();
        if (due.Count > 0 && lease.IsValid) await SendAsync(due, sender, lease, session.Memory, cancellationToken);
    }

    private Task SendAllAsync(SpoolFolder spool, SegmentSender sender, LeaseKeeper lease, SessionMemory memory, CancellationToken cancellationToken) =>
        SendAsync(spool.Held(), sender, lease, memory, cancellationToken);

    private async Task SendAsync(IReadOnlyList<string> ids, SegmentSender sender, LeaseKeeper lease, SessionMemory memory, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            foreach (var id in ids)
            {
                var result = await sender.SendAsync(id, lease.Epoch, memory, cancellationToken);
                _trouble = result.Detail;
                if (result.Outcome == SendOutcome.ServerAway) return;
                if (result.Outcome != SendOutcome.Sent) continue;
                _sent++;
                _sealedBytes += result.SealedBytes;
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private RecorderStatus Status(RecordingSession session, SpoolFolder spool)
    {
        using var self = Process.GetCurrentProcess();
        var totals = session.Totals;
        var state = _stop.IsCancellationRequested ? "stopped" : session.Closures.Current is null ? "recording" : session.Closures.Current == GapReason.Paused ? "paused" : "closed";
        return new(self.Id, state, session.Closures.All, session.Focus.App, options.SpoolOnly, spool.Held().Count, _sent, _sealedBytes, _trouble,
            totals.Segments, totals.Seen, totals.Kept, totals.Withheld, totals.Lost, totals.Frames,
            self.TotalProcessorTime.TotalSeconds, (BootClock.Now() - session.Started).TotalSeconds, self.WorkingSet64,
            session.Started.Nanoseconds / 1_000_000);
    }

    private static void Toggle(RecordingSession session)
    {
        if (!session.Closures.Close(GapReason.Paused, BootClock.Now())) session.Closures.Open(GapReason.Paused);
    }

    private static void Announce(IReadOnlyList<Recovery> recovered) => Console.WriteLine(JsonSerializer.Serialize(new
    {
        service = "recorder", pid = Environment.ProcessId, recovered = recovered.Count(segment => segment.Outcome != RecoveryOutcome.Empty),
    }));

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
