using System.Collections.Concurrent;
using Tutelage.Desktop;
using Tutelage.Desktop.Indicator;
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
    /// <summary>Room that must stay free on the disk; below it capture closes before a write can fail.</summary>
    public const long ReserveBytes = 32L << 20;

    /// <summary>How long a closed interval waits for accessibility to catch up (see <see cref="Redactor.SettleMs"/>).</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(Redactor.SettleMs + 100);

    /// <summary>Events are taken in beats, not one by one: waking for each of a thousand a second would cost more than deciding about them.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    /// <summary>While nothing happens.</summary>
    private static readonly TimeSpan IdleBeat = TimeSpan.FromMilliseconds(200);

    /// <summary>What a crash may forget of a quota.</summary>
    private static readonly TimeSpan SkillSaveEvery = TimeSpan.FromSeconds(10);

    private readonly IDesktopCapture _capture;
    private readonly CaptureManifest _manifest;
    private readonly SpoolFolder _spool;
    private readonly Redactor _redactor;
    private readonly TimeProvider _time;
    private readonly Func<long?> _epoch;
    private readonly bool _shapeOnly;
    private readonly SkillCount _skills;
    private readonly AccountWatch _accounts = new();
    private readonly IntervalAssembler _assembler = new(Settle);
    private readonly ConcurrentQueue<Action<MonotonicTime>> _requests = new();
    private readonly Queue<(MonotonicTime Time, Recording.Events.TaskMark Mark)> _marks = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SessionClock _clock;
    private readonly SessionTape _tape;
    private readonly ScreenRect _indicator;
    private long _lostBefore;
    private GapReason? _applied;
    private MonotonicTime _closedSince, _openedAt, _nextDiskLook, _nextSkillSave;
    private ScreenRect _missed;
    private volatile bool _ended;

    public RecordingSession(
        IDesktopCapture capture, CaptureManifest manifest, SpoolFolder spool, Redactor redactor, Closures closures, SkillCount skills, Func<long?> epoch, TimeProvider time, bool shapeOnly)
    {
        (_capture, _manifest, _spool, _redactor, _skills, _epoch, _time, _shapeOnly, Closures) = (capture, manifest, spool, redactor, skills, epoch, time, shapeOnly, closures);
        var start = BootClock.Now();
        _clock = new(start, manifest.QuantumMs);
        Memory = new(start);
        _indicator = IndicatorWindow.OutlineOn(capture.Screen);
        var now = time.GetUtcNow();
        _tape = new(spool, manifest, new(
            SpoolFolder.NewId(), 0, new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute, 0, TimeSpan.Zero), capture.Screen, manifest.Digest,
            Redactor.Version, manifest.QuantumMs, Recovered: false));
        closures.Changed += Wake;
    }

    public Closures Closures { get; }

    /// <summary>What the session has taught. Owned by the pipeline thread; other threads may ask it for secrets only.</summary>
    public SessionMemory Memory { get; }

    public TapeTotals Totals => _tape.Totals;

    public MonotonicTime Started => _clock.Start;

    /// <summary>The focused app, null unless it is recorded.</summary>
    public string? FocusedApp { get; private set; }

    /// <summary>The desktop went away while it was recorded.</summary>
    public bool DesktopIsGone { get; private set; }

    /// <summary>Runs <paramref name="request"/> on the pipeline thread.</summary>
    /// <exception cref="OperationCanceledException">The session is over.</exception>
    public Task Enqueue(Action<MonotonicTime> request)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Enqueue(now =>
        {
            if (_ended)
            {
                done.SetCanceled();
                return;
            }
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
        Wake();
        if (_ended) Answer(BootClock.Now());
        return done.Task;
    }

    /// <summary>Until cancelled or the desktop is gone. Afterwards everything decided is in the spool.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var took = Read();
                DesktopIsGone = _capture.Events.Completion.IsCompleted;
                if (DesktopIsGone) break;
                Tick(BootClock.Now());
                await _wake.WaitAsync(took ? Beat : IdleBeat, cancellationToken);
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
        // What came before it is decided before it, under the instruction of its own time.
        _assembler.Close(now, Boundary.Flush);
        _marks.Enqueue((now, new(_clock.At(now), Masked(taskId), Masked(instruction), ended, ended ? success : null)));
        WriteMarks();
    });

    /// <summary>Lets go of what waits and of every segment that reaches into the last <paramref name="minutes"/>. Nothing MUST be sent meanwhile.</summary>
    /// <returns>Held segments removed.</returns>
    public async Task<int> ForgetAsync(int minutes)
    {
        var forgotten = 0;
        await Enqueue(now =>
        {
            var inputs = _assembler.Drop();
            WriteMarks();
            var cutoff = new SessionTime(Math.Max(0, _clock.At(now).Milliseconds - minutes * 60_000L));
            var (ids, start) = Forgetting.Find(_spool, _tape.SessionId, cutoff, _time.GetUtcNow().AddMinutes(-minutes));
            foreach (var id in ids) _spool.Discard(id);
            forgotten = ids.Count;
            _tape.Forget(start is { } earlier && earlier < cutoff ? earlier : cutoff, _clock.At(now), inputs);
            // What comes now begins with the whole screen and its elements.
            if (_applied is null) Reopen(now);
        });
        return forgotten;
    }

    /// <summary>Ends the segment, so that it can be reviewed or sent.</summary>
    public Task Turn() => Enqueue(now =>
    {
        Drain(now);
        _tape.Turn(_clock.At(now), whole: true);
    });

    public async ValueTask DisposeAsync()
    {
        Closures.Changed -= Wake;
        await _capture.DisposeAsync();
        _assembler.Drop();
        _tape.Dispose();
        Memory.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (Exception known) when (known is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake, or over.
        }
    }

    private bool Read()
    {
        var took = false;
        while (_capture.Events.TryRead(out var captured))
        {
            Take(captured);
            took = true;
        }
        return took;
    }

    private void Take(CapturedEvent captured)
    {
        switch (captured)
        {
            case CapturedFault { Reason: GapReason.EventsLost } lost:
                _tape.CountLost(_capture.Lost - _lostBefore);
                _lostBefore = _capture.Lost;
                if (_applied is null) _assembler.Add(lost);
                return;
            case CapturedFault fault:
                // At once: a fault that is over before the next beat is a gap all the same.
                if (fault.Over) Closures.Open(fault.Reason);
                else Closures.Close(fault.Reason, fault.Time);
                if (fault.Over || fault.Reason != GapReason.ContextUnknown) ApplyClosures(BootClock.Now());
                return;
            case CapturedContext context:
                FocusedApp = ContextPolicy.Decide(_manifest, context.Context).Verdict == Rules.Capture.GateVerdict.Nothing ? null : context.Context.App;
                break;
        }
        if (_applied is null && captured.Time >= _openedAt && !(Closures.Since is { } since && captured.Time >= since) && !IsOnIndicator(captured))
        {
            _assembler.Add(captured);
            return;
        }
        // Capture is closed or was when this happened: it is let go, but for where the focus is.
        if (captured is CapturedContext now) _assembler.Observe(now.Context);
        if (captured is CapturedFrame frame)
        {
            _missed = _missed.Union(frame.Image.Damage);
            frame.Image.Dispose();
        }
        if (captured is CapturedMove or CapturedButton or CapturedScroll or CapturedKey) _tape.CountWithheld(1);
    }

    private void Tick(MonotonicTime now)
    {
        Answer(now);
        LookAtDisk(now);
        ApplyClosures(now);
        _tape.EnterEpoch(_epoch(), _clock.At(now));
        _assembler.Tick(now);
        DecideAll(() => _assembler.TakeSettled(now));
        if (_applied is { } reason) _tape.Withhold(_clock.At(_closedSince), _clock.At(now), reason, 0);
        _tape.Tick(_clock.At(now));
        if (now >= _nextSkillSave) SaveSkills(now);
        if (_tape.DiskRefuses) Closures.Close(GapReason.DiskFull, now);
    }

    private void Answer(MonotonicTime now)
    {
        while (_requests.TryDequeue(out var request)) request(now);
    }

    private void ApplyClosures(MonotonicTime now)
    {
        var wanted = Closures.Current;
        if (wanted == _applied) return;
        if (_applied is { } before) _tape.Withhold(_clock.At(_closedSince), _clock.At(now), before, 0);
        else
        {
            _capture.SetActive(false);
            if (wanted is GapReason.Paused or GapReason.DiskFull) Drain(now);
            // Nobody could see that recording was on, or it was not allowed: what had not been decided by then is not kept.
            else _tape.CountWithheld(_assembler.Drop());
            _assembler.LetGoOfKeys();
        }
        (_applied, _closedSince) = (wanted, now);
        if (wanted is null) Reopen(now);
    }

    /// <summary>The current context, a whole frame and the elements come first.</summary>
    private void Reopen(MonotonicTime now)
    {
        _openedAt = now;
        _capture.SetActive(true);
    }

    private void DecideAll(Func<WaitingInterval?> take)
    {
        WriteMarks();
        while (take() is { } interval)
        {
            Decide(interval);
            WriteMarks();
        }
    }

    private void Decide(WaitingInterval interval)
    {
        var (start, end) = (_clock.At(interval.Start), _clock.At(interval.End));
        var decision = ContextPolicy.Decide(_manifest, interval.Context);
        decision = decision.Knowing(_accounts.Judge(interval, decision.Rule?.Account), _skills.IsMet(decision.Rule));
        if (decision.Verdict == GateVerdict.Nothing)
        {
            Withhold(interval, ContextPolicy.GapFor(decision.Reason));
            return;
        }
        // What intervals before this one changed on the screen and did not show is a change still.
        if (interval.Carry(_missed)) _missed = default;
        var shapeOnly = _shapeOnly || interval.Boundary is Boundary.TooLong or Boundary.Lost;
        var policy = ContextPolicy.For(decision, _manifest, _tape.Task?.Instruction, shapeOnly);
        var redacted = _redactor.Redact(new(interval.Context, interval.Events, interval.SettledAt, interval.TreeAfter, interval.Boundary is Boundary.Press), policy, Memory);
        if (redacted.Withheld is not { } withheld)
        {
            _tape.Write(redacted, decision.Rule!.Classes, start, end);
            _skills.Add(decision.Rule, start, end);
            return;
        }
        redacted.Dispose();
        _tape.Withhold(start, end, withheld, interval.InputCount);
    }

    private void Withhold(WaitingInterval interval, GapReason reason)
    {
        _missed = _missed.Union(interval.DropAllFrames());
        _tape.Withhold(_clock.At(interval.Start), _clock.At(interval.End), reason, interval.InputCount);
        interval.Dispose();
    }

    private void Drain(MonotonicTime now)
    {
        _assembler.Close(now, Boundary.Flush);
        DecideAll(() => _assembler.TakeAtOnce(now));
    }

    private void WriteMarks()
    {
        while (_marks.TryPeek(out var next) && (_assembler.WaitsSince is not { } waits || waits >= next.Time)) _tape.Mark(_marks.Dequeue().Mark);
    }

    private void Finish()
    {
        Read();
        var now = BootClock.Now();
        Answer(now);
        // A desktop that is gone took its indicator along: what came before was seen to be recorded.
        if (!DesktopIsGone) ApplyClosures(now);
        if (_applied is { } reason) _tape.Withhold(_clock.At(_closedSince), _clock.At(now), reason, 0);
        else Drain(now);
        _tape.Turn(_clock.At(now), whole: true);
        if (_tape.DiskRefuses) _tape.Retry();
        SaveSkills(now);
        _ended = true;
        Answer(now);
    }

    private void SaveSkills(MonotonicTime now)
    {
        _nextSkillSave = now + SkillSaveEvery;
        try
        {
            _skills.Save();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Closures.Close(GapReason.DiskFull, now);
        }
    }

    private void LookAtDisk(MonotonicTime now)
    {
        if (now < _nextDiskLook) return;
        _nextDiskLook = now + TimeSpan.FromSeconds(1);
        if (new DriveInfo(_spool.Root).AvailableFreeSpace < ReserveBytes) Closures.Close(GapReason.DiskFull, now);
        else if (!_tape.DiskRefuses || _tape.Retry()) Closures.Open(GapReason.DiskFull);
    }

    /// <summary>Pressing the indicator is not work.</summary>
    private bool IsOnIndicator(CapturedEvent captured) => captured is CapturedButton button && _indicator.Contains(button.Position);

    private static string Masked(string text)
    {
        foreach (var finding in TextScan.Find(text).OrderByDescending(finding => finding.Start))
            text = string.Concat(text.AsSpan(0, finding.Start), "▮", text.AsSpan(finding.Start + finding.Length));
        return text;
    }
}
