using System.Diagnostics;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Pipeline;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;

namespace Tutelage.Recorder.Control;

/// <summary>What a person can tell a running recorder, and what it tells them.</summary>
internal sealed class Desk(RecordingSession session, SpoolFolder spool, Outbox outbox, LeaseKeeper lease, RecorderOptions options, CancellationTokenSource stop)
{
    public RecorderStatus Status
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            var totals = session.Totals;
            var closed = session.Closures.All;
            var state = stop.IsCancellationRequested ? "stopped" : closed.Count == 0 ? "recording" : closed.Contains(GapReason.Paused) ? "paused" : "closed";
            return new(self.Id, state, closed, session.FocusedApp, options.SpoolOnly, spool.Held().Count, outbox.Sent, outbox.SealedBytes, outbox.Trouble ?? (options.SpoolOnly ? null : lease.Fault),
                totals.Segments, totals.Seen, totals.Kept, totals.Withheld, totals.Lost, totals.Frames,
                self.TotalProcessorTime.TotalSeconds, (BootClock.Now() - session.Started).TotalSeconds, self.WorkingSet64,
                session.Started.Nanoseconds / 1_000_000);
        }
    }

    public async Task<ControlAnswer> AnswerAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        string? message = null;
        switch (request.Command)
        {
            case "status": break;
            case "pause":
                message = session.Closures.Close(GapReason.Paused, BootClock.Now()) ? "paused; nothing is captured until you resume" : "it was paused already";
                // Answered when the pipeline has heard of it.
                await session.Enqueue(_ => { });
                break;
            case "resume":
                message = session.Closures.Open(GapReason.Paused) ? "recording again" : "it was not paused";
                break;
            case "forget" when request.Minutes is >= 1 and <= 10_080:
                var forgotten = await outbox.WhileNothingIsSentAsync(() => session.ForgetAsync(request.Minutes), cancellationToken);
                message = $"forgotten: what waited, and {forgotten} segments that reach into the last {request.Minutes} minutes; what was sent before is the vault's to delete";
                break;
            case "task" when request is { TaskId: { Length: > 0 and <= 100 } id, Instruction: { Length: <= 2000 } instruction }:
                await session.Mark(id, instruction, request.Ended, request.Success);
                break;
            case "turn": await session.Turn(); break;
            case "send":
                await session.Turn();
                if (options.SpoolOnly) return new(false, "this recorder spools only; nothing is sent");
                await outbox.SendAllAsync(cancellationToken);
                message = $"{outbox.Sent} segments sent, {spool.Held().Count} wait";
                break;
            case "stop":
                await stop.CancelAsync();
                message = "stopping";
                break;
            default: return new(false, $"'{Shown(request.Command)}' is not known or its values are out of range; it takes status, pause, resume, forget, task, turn, send, stop");
        }
        return new(true, message, Status);
    }

    private static string Shown(string? command) => command is null ? "" : command.Length <= 20 ? command : command[..20] + "…";
}
