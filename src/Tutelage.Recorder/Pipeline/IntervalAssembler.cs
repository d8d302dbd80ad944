using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Cuts the stream of captured events into intervals that are decided as a whole.</summary>
/// <remarks>
/// Typed text is only a card number after the last digit: if an interval were cut while somebody types, half a secret would be judged alone.
/// So key text waits for a boundary (context, focus, press, Enter, Tab, idle, at most 30 s and then it becomes shape whatever it is), and frames
/// of the same stretch wait with it. A closed interval settles until accessibility has caught up with the screen. If it were wrong about contexts,
/// keys would be judged by the rule of a window they were not typed into. Pure; not thread-safe.
/// </remarks>
internal sealed class IntervalAssembler(TimeSpan settle)
{
    /// <summary>A pause in typing that ends a run.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    /// <summary>Text that has not come to a boundary by then is kept as shape only.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Without typing nothing has to wait longer than this.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    /// <summary>Pixels that may wait, over all intervals: half of the blueprint's bound, because redaction holds a second image of each frame it decides about.</summary>
    public const long MostFrameBytes = 32L << 20;

    private readonly Queue<WaitingInterval> _closed = new();
    private readonly HashSet<string> _keysDown = new(StringComparer.Ordinal);
    private WaitingInterval? _open;
    private DesktopContext? _context;
    private int _focusedId = -1;
    private int _buttonsDown;

    /// <summary>Bytes of pixels that wait.</summary>
    public long FrameBytes => (_open?.FrameBytes ?? 0) + _closed.Sum(interval => interval.FrameBytes);

    public void Add(CapturedEvent captured)
    {
        Tick(captured.Time);
        switch (captured)
        {
            case CapturedContext context:
                if (_context is null || !SameContext(_context, context.Context)) Close(captured.Time, Boundary.Context);
                Observe(context.Context);
                break;
            case CapturedElements elements:
                // Contexts are reported before their trees. A tree of another context was read before the switch and says nothing about where keys go now.
                if (_context is null || !SameContext(_context, elements.Tree.Context)) return;
                SeeTree(elements);
                break;
            case CapturedFrame frame:
                foreach (var waiting in _closed) waiting.SeeLater(frame);
                break;
            case CapturedButton button:
                if (button.Down && _open is { HasTyping: true }) Close(captured.Time, Boundary.Press);
                _buttonsDown = Math.Max(0, _buttonsDown + (button.Down ? 1 : -1));
                break;
        }

        (_open ??= new(_context ?? Unknown, captured.Time)).Add(captured);
        if (captured is CapturedKey key) AfterKey(key);
        if (captured is CapturedFault)
        {
            // What was typed has a hole in it: it cannot be judged as text, and which keys are down is not known.
            Close(captured.Time, Boundary.Lost);
            _keysDown.Clear();
            _buttonsDown = 0;
        }
        if (captured is CapturedFrame) Thin();
    }

    /// <summary>Where the focus is, without an event of it: capture is closed.</summary>
    public void Observe(DesktopContext context) => (_context, _focusedId) = (context, SameWindow(_context, context) ? _focusedId : -1);

    /// <summary>Closes what has waited long enough by <paramref name="now"/>.</summary>
    public void Tick(MonotonicTime now)
    {
        if (_open is null) return;
        if (now - _open.Start >= Longest) Close(now, Boundary.TooLong);
        else if (_open.HasTyping ? now - _open.LastInput >= Idle && _keysDown.Count == 0 : now - _open.Start >= Short && _buttonsDown == 0 && _keysDown.Count == 0)
            Close(now, _open.HasTyping ? Boundary.Idle : Boundary.Age);
    }

    /// <summary>Closes the open interval as it stands.</summary>
    public void Close(MonotonicTime now, Boundary boundary)
    {
        if (_open is null) return;
        _open.Close(now, boundary);
        _closed.Enqueue(_open);
        _open = null;
    }

    /// <summary>The next interval that has settled by <paramref name="now"/>, oldest first; null if none has.</summary>
    public WaitingInterval? TakeSettled(MonotonicTime now)
    {
        if (!_closed.TryPeek(out var oldest)) return null;
        // A tree that came after the last frame settles it at once; without one the tree before counts once it had time to change and did not.
        var settled = now - oldest.End >= settle || (oldest.TreeAfter is { } tree && tree.Time - oldest.End >= settle / 2);
        if (!settled) return null;
        if (oldest.TreeAfter is null) oldest.SettleUntil(now);
        return _closed.Dequeue();
    }

    /// <summary>The oldest closed interval, settled or not: what its last frames show may still be ahead of accessibility, and is judged so.</summary>
    public WaitingInterval? TakeAtOnce(MonotonicTime now)
    {
        if (!_closed.TryDequeue(out var oldest)) return null;
        if (oldest.TreeAfter is null) oldest.SettleUntil(now);
        return oldest;
    }

    /// <summary>When the oldest event that waits came; null if none waits.</summary>
    public MonotonicTime? WaitsSince => _closed.TryPeek(out var oldest) ? oldest.Start : _open?.Start;

    /// <summary>Everything that waits, decided or not, is let go, and with it what is known of keys held down.</summary>
    /// <returns>Input events in it.</returns>
    public int Drop()
    {
        var inputs = (_open?.InputCount ?? 0) + _closed.Sum(interval => interval.InputCount);
        _open?.Dispose();
        _open = null;
        while (_closed.TryDequeue(out var waiting)) waiting.Dispose();
        LetGoOfKeys();
        return inputs;
    }

    /// <summary>Capture stops: how keys and buttons come up again will not be seen.</summary>
    public void LetGoOfKeys()
    {
        _keysDown.Clear();
        _buttonsDown = 0;
    }

    private static DesktopContext Unknown { get; } = new(null, 0, 0, null, null, default, false);

    private void SeeTree(CapturedElements elements)
    {
        if (elements.Tree.FocusedId != _focusedId)
        {
            // Accessibility tells late: while somebody types, the new focus is where they have been typing, not a reason to cut a number in two.
            if (_open is null || !_open.HasTyping || elements.Time - _open.LastTyping >= settle) Close(elements.Time, Boundary.Focus);
            _focusedId = elements.Tree.FocusedId;
        }
        _context = elements.Tree.Context;
        foreach (var waiting in _closed)
            if (SameWindow(waiting.Context, _context)) waiting.TreeAfter ??= elements;
    }

    private void AfterKey(CapturedKey key)
    {
        if (key.Down)
        {
            _keysDown.Add(key.Key);
            return;
        }
        // The release may name another keysym than the press (Shift let go first), so an unmatched one empties the set.
        if (!_keysDown.Remove(key.Key)) _keysDown.Clear();
        if (key.Key is "Return" or "KP_Enter" or "Tab" or "ISO_Left_Tab") Close(key.Time, Boundary.Submit);
    }

    /// <summary>Keeps <see cref="FrameBytes"/> within the bound; the newest frame alone may exceed it (a wall of screens).</summary>
    private void Thin()
    {
        for (var most = 64; FrameBytes > MostFrameBytes && most >= 1; most /= 2)
        {
            foreach (var waiting in _closed) waiting.ThinFrames(most);
            _open?.ThinFrames(most);
        }
        var carried = default(ScreenRect);
        foreach (var waiting in _open is null ? _closed : _closed.Append(_open))
        {
            if (!carried.IsEmpty && waiting.Carry(carried)) carried = default;
            if (FrameBytes > MostFrameBytes && waiting != _open) carried = carried.Union(waiting.DropAllFrames());
        }
    }

    private static bool SameContext(DesktopContext left, DesktopContext right) =>
        left.App == right.App && left.Window == right.Window && left.Document == right.Document && left.IsPrivate == right.IsPrivate;

    private static bool SameWindow(DesktopContext? left, DesktopContext right) => left is not null && left.App == right.App && left.Window == right.Window;
}
