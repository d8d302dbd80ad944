using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Cuts the stream of captured events into intervals that are decided as a whole.</summary>
/// <remarks>
/// Typed text is only a card number after the last digit: if an interval were cut while somebody types, half a secret would be judged alone.
/// So key text waits for a boundary (context, focus, Enter, Tab, idle, at most 30 s and then it becomes shape whatever it is), and frames of
/// the same stretch wait with it. A closed interval settles until accessibility has caught up with the screen. Pure; not thread-safe.
/// </remarks>
internal sealed class IntervalAssembler(TimeSpan settle)
{
    /// <summary>A pause in typing that ends a run.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    /// <summary>Text that has not come to a boundary by then is kept as shape only.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Without typing nothing has to wait longer than this.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    /// <summary>Pixels that may wait, over all intervals (the blueprint's bound).</summary>
    public const long MostFrameBytes = 64L << 20;

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
                (_context, _focusedId) = (context.Context, SameWindow(_context, context.Context) ? _focusedId : -1);
                break;
            case CapturedElements elements:
                if (_context is null || !SameContext(_context, elements.Tree.Context)) Close(captured.Time, Boundary.Context);
                else if (elements.Tree.FocusedId != _focusedId) Close(captured.Time, Boundary.Focus);
                (_context, _focusedId) = (elements.Tree.Context, elements.Tree.FocusedId);
                foreach (var waiting in _closed)
                    if (SameWindow(waiting.Context, _context)) waiting.TreeAfter ??= elements;
                break;
            case CapturedButton button:
                _buttonsDown = Math.Max(0, _buttonsDown + (button.Down ? 1 : -1));
                break;
        }

        (_open ??= new(_context ?? Unknown, captured.Time)).Add(captured);
        if (captured is CapturedKey key) AfterKey(key);
        while (FrameBytes > MostFrameBytes && Thin()) { }
    }

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
        (_open.End, _open.SettledAt, _open.Boundary) = (now, now, boundary);
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
        if (oldest.TreeAfter is null) oldest.SettledAt = now;
        return _closed.Dequeue();
    }

    /// <summary>Everything that waits, decided or not, is let go.</summary>
    public int Drop()
    {
        var inputs = (_open?.InputCount ?? 0) + _closed.Sum(interval => interval.InputCount);
        _open?.Dispose();
        _open = null;
        while (_closed.TryDequeue(out var waiting)) waiting.Dispose();
        return inputs;
    }

    private static DesktopContext Unknown { get; } = new(null, 0, 0, null, null, default, false);

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

    private bool Thin()
    {
        var before = FrameBytes;
        foreach (var waiting in _closed) waiting.ThinFrames();
        _open?.ThinFrames();
        return FrameBytes < before;
    }

    private static bool SameContext(DesktopContext left, DesktopContext right) =>
        left.App == right.App && left.Window == right.Window && left.Document == right.Document && left.IsPrivate == right.IsPrivate;

    private static bool SameWindow(DesktopContext? left, DesktopContext right) => left is not null && left.App == right.App && left.Window == right.Window;
}
