using System.Diagnostics;
using System.Threading.Channels;
using Tutelage.Desktop.DBus;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Accessibility;

/// <summary>Reads the elements of the focused window whenever they may have changed, and tells the context which document is open.</summary>
/// <remarks>
/// <para>
/// Events say what to read: one object (typing, a tick, the focus) or the whole window (children, scrolling, dialogs). They are collected
/// for a moment, and a reading of the whole window is followed by a pause of at least <see cref="PauseFactor"/> times as long as it took,
/// so that a page that never rests costs at most a third of the browser's main thread. What a person is likely to wait for (the focus, something that
/// opens) does not wait for the end of the pause.
/// </para>
/// <para>The bus may go away and come back at any time: that is a fault and its end, and nothing else notices.</para>
/// </remarks>
internal sealed class AccessibilityWatch : IAsyncDisposable
{
    private const int PauseFactor = 2;
    private static readonly TimeSpan SettleObject = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan SettleWindow = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(250);

    /// <summary>A program may answer with what was before and send no event when it has caught up (Chromium after scrolling), so the last reading is checked.</summary>
    private static readonly TimeSpan[] ConfirmAfter = [TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(1000)];

    private static readonly TimeSpan RetryApplication = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryBus = TimeSpan.FromSeconds(3);

    private readonly string _display;
    private readonly ContextTracker _context;
    private readonly Action<CapturedEvent> _report;
    private readonly IReadOnlySet<int> _ignored;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task _running = Task.CompletedTask;

    // Taken before _lock where both are: reporting reaches the context's lock, and the context's changes reach _lock.
    private readonly Lock _reporting = new();

    // The fields below: guarded by _lock.
    private readonly Lock _lock = new();
    private readonly HashSet<ObjectReference> _dirtyObjects = [];
    private string? _announced;
    private volatile bool _active = true;
    private volatile ElementWalk? _walk;
    private bool _dirtyWindow = true, _repeat, _urgent, _documentMayDiffer;
    private string? _application;
    private ObjectReference? _focus;
    private long _changedArea;

    public AccessibilityWatch(string display, string? announced, ContextTracker context, Action<CapturedEvent> report, IReadOnlySet<int> ignored) =>
        (_display, _announced, _context, _report, _ignored) = (display, announced, context, report, ignored);

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>The focused window or something of it changed.</summary>
    public void ContextChanged() => Mark(() => _dirtyWindow = true);

    /// <summary>The root window announced an accessibility bus; its address is asked for when it is needed.</summary>
    public void BusChanged(string? announced) => Mark(() => _announced = announced);

    /// <summary>A frame showed changed pixels. Scrolling moves elements without an event of its own, but not without pixels.</summary>
    public void ScreenChanged(ScreenRect changed) => Mark(() =>
    {
        // An address may change with nothing but a few pixels of the address bar.
        _documentMayDiffer = true;
        _changedArea += changed.Area;
        if (_changedArea > 20_000) _dirtyWindow = true;
    });

    /// <summary>After it was made inactive nothing further is reported but faults.</summary>
    public void SetActive(bool active)
    {
        lock (_reporting)
        {
            Mark(() =>
            {
                _active = active;
                _repeat |= active;
            });
        }
    }

    /// <summary>Reports the elements again even if nothing changed.</summary>
    public void Repeat() => Mark(() => _repeat = true);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private void Mark(Action change)
    {
        lock (_lock) change();
        _signal.Writer.TryWrite(true);
    }

    private async Task RunAsync()
    {
        var faulted = false;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                string? announced;
                lock (_lock) announced = _announced;
                var bus = await AccessibilityBus.OpenAsync(_display, announced, OnSignal, _stop.Token);
                if (bus is not null)
                {
                    await using (bus)
                    {
                        if (faulted) _report(new CapturedFault(BootClock.Now(), GapReason.AccessibilityLost, Over: true));
                        faulted = false;
                        await WatchAsync(bus);
                    }
                }

                if (_stop.IsCancellationRequested) return;
                if (!faulted) _report(new CapturedFault(BootClock.Now(), GapReason.AccessibilityLost, Over: false));
                faulted = true;
                lock (_lock) (_application, _focus) = (null, null);
                _context.Document(_context.Current.Window, null, isPrivate: false);
                await WaitAsync(RetryBus);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task WatchAsync(DBusConnection bus)
    {
        var applications = new ApplicationFinder(bus);
        var walk = _walk = new ElementWalk(bus);
        IReadOnlyList<ObjectReference> roots = [];
        ElementTree? reported = null;
        long window = 0, lastEnd = 0;
        var pause = TimeSpan.Zero;
        var confirmations = new Queue<TimeSpan>();
        lock (_lock) _dirtyWindow = true;
        while (!bus.Closed.IsCompleted && !_stop.IsCancellationRequested)
        {
            bool dirtyWindow, repeat, urgent, documentMayDiffer;
            ObjectReference[] dirtyObjects;
            lock (_lock)
            {
                dirtyWindow = _active && _dirtyWindow;
                dirtyObjects = _active ? [.. _dirtyObjects] : [];
                repeat = _active && _repeat;
                urgent = _urgent;
                documentMayDiffer = _active && _documentMayDiffer;
            }

            var confirming = !dirtyWindow && _active && confirmations.TryPeek(out var due) && Stopwatch.GetElapsedTime(lastEnd) >= due;
            if (confirming)
            {
                confirmations.Dequeue();
                dirtyWindow = true;
            }

            if (!dirtyWindow && dirtyObjects.Length == 0 && !repeat && !documentMayDiffer)
            {
                await WaitAsync(_active && confirmations.TryPeek(out var next) ? next - Stopwatch.GetElapsedTime(lastEnd) : Timeout.InfiniteTimeSpan, bus.Closed);
                continue;
            }

            // A window that has just got the focus is read at once: its document decides what may be recorded.
            if (_context.Current.Window == window)
            {
                var rest = urgent ? SettleWindow : pause - Stopwatch.GetElapsedTime(lastEnd);
                if (dirtyWindow && rest > SettleWindow && dirtyObjects.Length > 0) dirtyWindow = false;
                await Task.Delay(dirtyWindow ? (rest > SettleWindow ? rest : SettleWindow) : SettleObject, _stop.Token);
            }

            ObjectReference? focus;
            lock (_lock)
            {
                if (dirtyWindow) (_dirtyWindow, _changedArea, _urgent) = (false, 0, false);
                dirtyObjects = [.. _dirtyObjects];
                _dirtyObjects.Clear();
                focus = _focus;
                _repeat = _documentMayDiffer = false;
            }

            // Read after the marks were cleared: a change from here on marks again.
            var context = _context.Current;
            var newWindow = context.Window != window;
            if (_ignored.Contains(context.ProcessId) || context.Window == 0)
            {
                (window, roots) = (context.Window, []);
                lock (_lock) _application = null;
                continue;
            }

            var began = Stopwatch.GetTimestamp();
            if (dirtyWindow || newWindow || roots.Count == 0)
            {
                if (newWindow) reported = null;
                var application = await applications.FindAsync(context, _stop.Token);
                lock (_lock) _application = application?.Bus;
                roots = application is { } found ? await applications.WindowsAsync(found, context, _stop.Token) : [];
                window = context.Window;
                if (roots.Count == 0)
                {
                    // Programs join the bus some time after their window is there.
                    _context.Document(window, null, isPrivate: false);
                    await WaitAsync(RetryApplication);
                    lock (_lock) _dirtyWindow = true;
                    continue;
                }

                await walk.ReadAllAsync(roots, _stop.Token);
                if (bus.Closed.IsCompleted) return;
                var document = walk.Document(roots);
                _context.Document(window, document?.DocumentAddress, PrivateWindows.IsPrivateTitle(walk.Find(roots[0])?.Name));
                lastEnd = Stopwatch.GetTimestamp();
                pause = Stopwatch.GetElapsedTime(began, lastEnd) * PauseFactor;
                if (pause < MinPause) pause = MinPause;
            }
            else
            {
                var document = walk.Document(roots);
                await walk.ReadAgainAsync(document is null ? dirtyObjects : [.. dirtyObjects, document.Reference], _stop.Token);
                if (bus.Closed.IsCompleted) return;
                _context.Document(window, document?.DocumentAddress, PrivateWindows.IsPrivateTitle(walk.Find(roots[0])?.Name));
            }

            var current = _context.Current;
            if (current.Window != window) continue;
            var tree = walk.Tree(current, roots, focus);
            if (tree.Elements.Count == 0) continue;
            var same = Same(tree, reported);
            if ((dirtyWindow && !confirming) || !same) confirmations = new(ConfirmAfter);
            if (same && !repeat) continue;
            // Under this lock, so that nothing comes after SetActive(false) has returned; reporting only queues.
            lock (_reporting)
            {
                if (!_active) continue;
                reported = tree;
                _report(new CapturedElements(BootClock.Now(), tree));
            }
        }
    }

    private static bool Same(ElementTree tree, ElementTree? reported) =>
        reported is not null && tree.FocusedId == reported.FocusedId && tree.Context == reported.Context && tree.Elements.SequenceEqual(reported.Elements);

    /// <summary>Until something is marked or <paramref name="closed"/> completes, at most <paramref name="atMost"/>.</summary>
    private async Task WaitAsync(TimeSpan atMost, Task? closed = null)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var marked = _signal.Reader.ReadAsync(time.Token).AsTask();
        var late = Task.Delay(atMost < TimeSpan.Zero && atMost != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : atMost, time.Token);
        await Task.WhenAny(marked, late, closed ?? marked);
        await time.CancelAsync();
    }

    /// <summary>Looks at the kind of event and its source only: what the event carries may be typed text and is not read.</summary>
    private void OnSignal(DBusMessage signal)
    {
        if (signal is not { Sender: { } sender, Path: { } path, Member: { } member, Interface: { } kind }) return;
        var source = new ObjectReference(sender, path);
        var gotFocus = false;
        lock (_lock)
        {
            if (sender != _application)
            {
                // Another program's event matters only while this one's elements are not found.
                if (_application is not null || member is not ("ChildrenChanged" or "Activate" or "Create")) return;
                _dirtyWindow = true;
            }
            else if (kind != "org.a11y.atspi.Event.Object")
            {
                _dirtyWindow = true;
            }
            else if (member == "StateChanged")
            {
                StateChangedNeedsLock(signal, source, out gotFocus);
            }
            else if (member is "TextChanged" or "PropertyChange")
            {
                _dirtyObjects.Add(source);
            }
            else
            {
                _dirtyWindow = true;
            }

            // A flood about single objects is a change of the window.
            if (_dirtyObjects.Count > 64)
            {
                _dirtyObjects.Clear();
                _dirtyWindow = true;
            }
        }

        if (gotFocus) ReportFocus(source);
        _signal.Writer.TryWrite(true);
    }

    private void ReportFocus(ObjectReference source)
    {
        if (_walk is not { } walk) return;
        lock (_reporting)
        {
            if (_active) _report(new CapturedFocus(BootClock.Now(), _context.Current.Window, walk.IdOf(source)));
        }
    }

    private void StateChangedNeedsLock(DBusMessage signal, ObjectReference source, out bool gotFocus)
    {
        gotFocus = false;
        try
        {
            var body = signal.Read();
            var (state, on) = (body.String(), body.Int32());
            if (state is "focused")
            {
                gotFocus = on == 1;
                if (gotFocus)
                {
                    if (_focus is { } before) _dirtyObjects.Add(before);
                    _focus = source;
                    _urgent |= _dirtyWindow;
                }

                _dirtyObjects.Add(source);
            }
            else if (state is "checked" or "selected" or "pressed" or "enabled" or "sensitive" or "editable" or "required" or "indeterminate" or "read-only")
            {
                _dirtyObjects.Add(source);
            }
            else
            {
                _dirtyWindow = true;
                _urgent |= state is "expanded" or "modal";
            }
        }
        catch (DBusException)
        {
            _dirtyWindow = true;
        }
    }
}
