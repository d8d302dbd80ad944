using System.Diagnostics;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.X11;

/// <summary>The thread that takes frames: only after damage, only what was damaged, at most so many a second.</summary>
/// <remarks>
/// The retained image is always the screen as the reader last saw it. Each frame is a copy of it, with the rectangle in which it differs
/// from the frame before: smaller than what the server reported where programs painted the same pixels again; equal frames are not sent.
/// </remarks>
internal sealed unsafe class ScreenWatch : IDisposable
{
    /// <summary>How long painting may go on after the first damage before the frame is taken: half-drawn windows are not worth a frame.</summary>
    private const int SettleMs = 30;

    private const int ReportNonEmpty = 3;

    private readonly XConnection _x;
    private readonly CaptureQueue _queue;
    private readonly ScreenReader _reader;
    private readonly WakeSignal _wake = new();
    private readonly int _frameIntervalMs, _damageEvent;
    private readonly nint _damage, _region;
    private readonly byte[] _retained;
    private readonly Thread _thread;
    private ScreenRect _pending;
    private long _lastFrame;

    // Written by any thread, read by this one after a wake.
    private volatile bool _stopping, _active = true, _wholeFrame = true;
    private readonly Lock _reporting = new();

    public ScreenWatch(string display, CaptureQueue queue, int maxFramesPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFramesPerSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxFramesPerSecond, 60);
        (_queue, _frameIntervalMs) = (queue, 1000 / maxFramesPerSecond);
        _x = XConnection.OpenOrThrow(display);
        try
        {
            if (Xlib.XDamageQueryExtension(_x.Display, out _damageEvent, out _) == 0 || Xlib.XFixesQueryExtension(_x.Display, out _, out _) == 0)
                throw new DesktopUnavailableException(display, "its X server lacks the DAMAGE extension");
            _reader = new(_x);
            _retained = GC.AllocateUninitializedArray<byte>(_reader.Size.Width * _reader.Size.Height * 4);
            _damage = Xlib.XDamageCreate(_x.Display, _x.Root, ReportNonEmpty);
            _region = Xlib.XFixesCreateRegion(_x.Display, 0, 0);
        }
        catch
        {
            _x.Dispose();
            throw;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "capture: screen" };
    }

    /// <summary>On this watch's thread: a frame changed this much of the screen.</summary>
    public Action<ScreenRect>? Changed { get; set; }

    /// <summary>On this watch's thread: the screen can no longer be read; the thread ends after this.</summary>
    public Action? ServerLost { get; set; }

    public void Start() => _thread.Start();

    /// <summary>After it was made inactive no further frame is reported.</summary>
    public void SetActive(bool active)
    {
        lock (_reporting) _active = active;
        if (active) _wholeFrame = true;
        _wake.Set();
    }

    /// <summary>The next frame is a complete one.</summary>
    public void RepeatFrame()
    {
        _wholeFrame = true;
        _wake.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted)) Close();
        else if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Close()
    {
        _reader.Dispose();
        _x.Dispose();
        _wake.Dispose();
        Array.Clear(_retained);
    }

    private void Run()
    {
        try
        {
            Watch();
        }
        catch (DesktopUnavailableException)
        {
            ServerLost?.Invoke();
        }

        Close();
    }

    private void Watch()
    {
        var fds = stackalloc Libc.PollFd[2];
        fds[0] = new() { Fd = _x.Fd, Events = Libc.PollIn };
        fds[1] = new() { Fd = _wake.Fd, Events = Libc.PollIn };
        var damaged = false;
        var damagedSince = 0L;
        while (!_stopping)
        {
            var timeoutMs = -1;
            if (_active && (damaged || _wholeFrame))
            {
                var sinceFrame = (long)Stopwatch.GetElapsedTime(_lastFrame).TotalMilliseconds;
                var sinceDamage = damaged ? (long)Stopwatch.GetElapsedTime(damagedSince).TotalMilliseconds : SettleMs;
                var waitMs = _lastFrame == 0 ? 0 : Math.Max(_frameIntervalMs - sinceFrame, SettleMs - sinceDamage);
                // Nobody reads: damage adds up on the server until there is room for a frame again.
                if (waitMs <= 0 && !_queue.HasRoomForFrame) waitMs = _frameIntervalMs;
                if (waitMs <= 0)
                {
                    damaged = false;
                    TakeFrame();
                    continue;
                }

                timeoutMs = (int)waitMs;
            }

            if (Xlib.XPending(_x.Display) == 0)
            {
                (fds[0].Returned, fds[1].Returned) = (0, 0);
                _ = Libc.Poll(fds, 2, timeoutMs);
                if ((fds[0].Returned & (Libc.PollHangUp | Libc.PollError)) != 0) _x.MarkLost();
                _x.ThrowIfLost();
                if ((fds[1].Returned & Libc.PollIn) != 0) _wake.Reset();
            }

            if (ReadDamage() && !damaged)
            {
                damaged = true;
                damagedSince = Stopwatch.GetTimestamp();
            }

            _x.ThrowIfLost();
        }
    }

    private bool ReadDamage()
    {
        var damaged = false;
        Xlib.XEvent @event;
        while (!_x.IsLost && Xlib.XPending(_x.Display) > 0)
        {
            _ = Xlib.XNextEvent(_x.Display, &@event);
            damaged |= @event.Type == _damageEvent;
        }

        return damaged;
    }

    private void TakeFrame()
    {
        _lastFrame = Stopwatch.GetTimestamp();
        var whole = _wholeFrame;
        _wholeFrame = false;

        // First subtract, then read: what is painted in between comes again with the next frame instead of never.
        Xlib.XDamageSubtract(_x.Display, _damage, 0, _region);
        var rectangles = Xlib.XFixesFetchRegionAndBounds(_x.Display, _region, out _, out var bounds);
        if (rectangles != 0) _ = Xlib.XFree(rectangles);
        _x.ThrowIfLost();
        var screen = _reader.Size.Bounds;
        var damage = whole ? screen : new ScreenRect(bounds.X, bounds.Y, bounds.Width, bounds.Height).Intersect(screen);
        if (damage.IsEmpty) return;

        var time = BootClock.Now();
        var changed = _reader.Update(damage, _retained);
        changed = (whole ? screen : changed).Union(_pending);
        _pending = default;
        if (changed.IsEmpty) return;
        lock (_reporting)
        {
            if (!_active) return;
            var image = ScreenImage.Rent(_reader.Size, changed);
            _retained.CopyTo(image.Pixels);
            // A dropped frame's changes belong to the next one.
            if (!_queue.Offer(new CapturedFrame(time, image))) _pending = changed;
        }

        Changed?.Invoke(changed);
    }
}
