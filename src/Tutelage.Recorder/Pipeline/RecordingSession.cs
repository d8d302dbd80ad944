using System.Collections.Concurrent;
using Tutelage.Desktop;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Redaction;
using Tutelage.Redaction.Detection;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Pipeline;

/// <summary>One run of the recorder: capture → intervals → gate → redaction → tape.</summary>
/// <remarks>
/// One thread runs <see cref="RunAsync"/> and owns assembler, memory and tape; other threads close and open reasons and queue requests.
/// If this class were wrong, something could be stored that was never decided: every path to <see cref="SessionTape"/> goes through
/// <see cref="Decide"/> or stores nothing but a gap.
/// </remarks>
internal sealed class RecordingSession : IAsyncDisposable
{
    /// <summary>How long a closed interval waits for accessibility to catch up (see <see cref="Redactor.SettleMs"/>).</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(Redactor.SettleMs + 100);

    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Room that must stay free on the disk; below it capture closes before a write can fail.</summary>
    public const long ReserveBytes = 32L << 20;

    private readonly IDesktopCapture _capture;
    private readonly CaptureManifest _manifest;
    private readonly SpoolFolder _spool;
    private readonly Redactor _redactor;
    private readonly bool _shapeOnly;
    private readonly IntervalAssembler _assembler = new(Settle);
    private readonly ConcurrentQueue<Action<MonotonicTime>> _requests = new();
    private readonly SessionClock _clock;
    private readonly SessionTape _tape;
    private long _lostBefore;
    private GapReason? _applied;
    private MonotonicTime _closedSince;
    private MonotonicTime _nextDiskLook;

    public RecordingSession(IDesktopCapture capture, CaptureManifest manifest, SpoolFolder spool, Redactor redactor, TimeProvider time, bool shapeOnly)
    {
        (_capture, _manifest, _spool, _redactor, _shapeOnly) = (capture, manifest, spool, redactor, shapeOnly);
        var start = BootClock.Now();
        _clock = new(start, manifest.QuantumMs);
        Memory = new(start);
        var now = time.GetUtcNow();
        _tape = new(spool, manifest, new(
            SpoolFolder.NewId(), 0, new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute, 0, TimeSpan.Zero), capture.Screen, manifest.Digest,
            Redactor.Version, manifest.QuantumMs, Recovered: false));
    }

    public Closures Closures { get; } = new();

    /// <summary>What the session has taught. Owned by the pipeline thread; sending asks for it through <see cref="Enqueue"/>.</summary>
    public SessionMemory Memory { get; }

    public TapeTotals Totals => _tape.Totals;

    public MonotonicTime Started => _clock.Start;

    /// <summary>Where the focus is, as far as a person may be told: the app and whether it is recorded.</summary>
    public (string? App, GateVerdict Verdict, GateReason Reason) Focus { get; private set; } = (null, GateVerdict.Nothing, GateReason.ContextUnknown);

    /// <summary>Runs <paramref name="request"/> on the pipeline thread.</summary>
    public Task Enqueue(Action<MonotonicTime> request)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Enqueue(now =>
        {
            try
            {
                request(now);
                done.SetResult();
            }
            catch (Exception fault)
            {
                done.SetException(fault);
                if (fault is not IOException) throw;
            }
        });
        return done.Task;
    }

    /// <summary>Until cancelled or the desktop is gone. Afterwards everything decided is in the spool.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                wait.CancelAfter(TickEvery);
                try
                {
                    if (!await _capture.Events.WaitToReadAsync(wait.Token)) break;
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                }
                for (var taken = 0; taken < 4096 && _capture.Events.TryRead(out var captured); taken++) Take(captured);
                Tick(BootClock.Now());
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        Finish();
    }

    /// <summary>Begins or ends a task. The instruction is text like any other: what a detector finds in it is masked.</summary>
    public Task Mark(string taskId, string instruction, bool ended, bool? success) => Enqueue(now =>
    {
        Drain(now);
        _tape.Mark(new(_clock.At(now), taskId, Masked(instruction), ended, ended ? success : null));
    });

    /// <summary>Lets go of what waits and of every segment that reaches into the last <paramref name="minutes"/>.</summary>
    public Task<int> Forget(int minutes)
    {
        var forgotten = 0;
        return Enqueue(now =>
        {
            var inputs = _assembler.Drop();
            _tape.Abandon();
            var cutoff = _clock.At(now).Milliseconds - minutes * 60_000L;
            foreach (var id in _spool.Held())
            {
                if (!ReachesPast(id, cutoff)) continue;
                _spool.Discard(id);
                forgotten++;
            }
            _tape.Withhold(_clock.At(now), _clock.At(now), GapReason.Forgotten, inputs);
        }).ContinueWith(done => { done.GetAwaiter().GetResult(); return forgotten; }, TaskScheduler.Default);
    }

    /// <summary>Ends the segment, so that it can be reviewed or sent.</summary>
    public Task Turn() => Enqueue(now =>
    {
        Drain(now);
        _tape.Turn(_clock.At(now));
    });

    public async ValueTask DisposeAsync()
    {
        await _capture.DisposeAsync();
        _assembler.Drop();
        _tape.Dispose();
        Memory.Dispose();
    }

    private void Take(CapturedEvent captured)
    {
        if (captured is CapturedFault fault)
        {
            if (fault.Reason == GapReason.EventsLost) _tape.Lose(_clock.At(fault.Time), _capture.Lost - _lostBefore);
            else if (fault.Over) Closures.Open(fault.Reason);
            else Closures.Close(fault.Reason, fault.Time);
            _lostBefore = _capture.Lost;
            return;
        }
        if (captured is CapturedContext context) See(context.Context);
        else if (captured is CapturedElements elements) See(elements.Tree.Context);
        if (_applied is not null && captured is not (CapturedContext or CapturedElements))
        {
            // Capture was told to stop; what was on its way is let go.
            (captured as CapturedFrame)?.Image.Dispose();
            return;
        }
        _assembler.Add(captured);
    }

    private void Tick(MonotonicTime now)
    {
        while (_requests.TryDequeue(out var request)) request(now);
        LookAtDisk(now);
        ApplyClosures(now);
        try
        {
            _assembler.Tick(now);
            while (_assembler.TakeSettled(now) is { } interval) Decide(interval);
            if (_applied is { } reason)
            {
                _tape.Withhold(_clock.At(_closedSince), _clock.At(now), reason, 0);
                _closedSince = now;
            }
            _tape.Tick(_clock.At(now));
        }
        catch (IOException)
        {
            Closures.Close(GapReason.DiskFull, now);
        }
    }

    private void ApplyClosures(MonotonicTime now)
    {
        var wanted = Closures.Current;
        if (wanted == _applied) return;
        if (_applied is null)
        {
            _capture.SetActive(false);
            if (wanted == GapReason.Paused) Drain(now);
            else
            {
                // Nobody could see that recording was on, or it was not allowed: what had not been decided by then is not kept.
                var inputs = _assembler.Drop();
                _tape.Withhold(_clock.At(now), _clock.At(now), wanted!.Value, inputs);
            }
        }
        if (wanted is null) _capture.SetActive(true);
        (_applied, _closedSince) = (wanted, now);
    }

    private void Decide(WaitingInterval interval)
    {
        var (start, end) = (_clock.At(interval.Start), _clock.At(interval.End));
        var decision = ContextPolicy.Decide(_manifest, interval.Context);
        if (decision.Verdict == GateVerdict.Nothing)
        {
            using (interval) _tape.Withhold(start, end, ContextPolicy.GapFor(decision.Reason), interval.InputCount);
            return;
        }
        var policy = ContextPolicy.For(decision, _manifest, _tape.Task?.Instruction, _shapeOnly || interval.Boundary == Boundary.TooLong);
        var redacted = _redactor.Redact(new(interval.Context, interval.Events, interval.SettledAt, interval.TreeAfter), policy, Memory);
        if (redacted.Withheld is { } withheld)
        {
            using (redacted) _tape.Withhold(start, end, withheld, interval.InputCount);
            return;
        }
        _tape.Write(redacted, decision.Rule!.Classes, end);
    }

    private void Drain(MonotonicTime now)
    {
        _assembler.Close(now, Boundary.Flush);
        while (_assembler.TakeSettled(now + Settle) is { } interval) Decide(interval);
    }

    private void Finish()
    {
        var now = BootClock.Now();
        if (_applied is null) Drain(now);
        _tape.Turn(_clock.At(now));
    }

    private void See(DesktopContext context)
    {
        var decision = ContextPolicy.Decide(_manifest, context);
        Focus = (decision.Verdict == GateVerdict.Nothing ? null : context.App, decision.Verdict, decision.Reason);
    }

    private void LookAtDisk(MonotonicTime now)
    {
        if (now < _nextDiskLook) return;
        _nextDiskLook = now + TimeSpan.FromSeconds(1);
        if (new DriveInfo(_spool.Root).AvailableFreeSpace < ReserveBytes) Closures.Close(GapReason.DiskFull, now);
        else Closures.Open(GapReason.DiskFull);
    }

    private bool ReachesPast(string id, long cutoff)
    {
        using var opened = _spool.Open(id);
        var reader = Recording.Segments.SegmentReader.Open(opened.Files, allowTruncated: true);
        return reader.Opening.SessionId == _tape.SessionId && (reader.Health?.Time.Milliseconds ?? long.MaxValue) >= cutoff;
    }

    private static string Masked(string text)
    {
        foreach (var finding in TextScan.Find(text).OrderByDescending(finding => finding.Start))
            text = string.Concat(text.AsSpan(0, finding.Start), "▮", text.AsSpan(finding.Start + finding.Length));
        return text;
    }
}
