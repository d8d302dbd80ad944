using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.X11;

/// <summary>The thread that reads input and the focus, and puts both into one order.</summary>
/// <remarks>
/// Both carry times of the same server. Before a change of focus is reported, all input that the server had processed by then is
/// read and reported; what is later follows. So a key never stands in the context of the window that got the focus after it.
/// </remarks>
internal sealed unsafe class InputWatch : IDisposable
{
    private readonly XConnection _x;
    private readonly InputStream _input;
    private readonly WindowWatch _windows;
    private readonly KeyboardLayout _layout;
    private readonly Keysyms.Composition _composition = new();
    private readonly ServerClock _clock = new();
    private readonly CaptureQueue _queue;
    private readonly ContextTracker _context;
    private readonly WakeSignal _wake = new();
    private readonly Dictionary<byte, string> _held = [];
    private readonly Thread _thread;
    private long _motionsSaidLost;
    private ScreenPoint _position = new(int.MinValue, int.MinValue);

    // Written by any thread, read by this one after a wake.
    private volatile bool _stopping, _active = true, _repeatContext;

    // Written by this thread, last of all.
    private volatile bool _ended;
    private readonly Lock _switching = new();
    private readonly ManualResetEventSlim _obeyed = new();

    public InputWatch(string display, CaptureQueue queue, ContextTracker context)
    {
        _x = XConnection.OpenOrThrow(display);
        try
        {
            (_queue, _context) = (queue, context);
            _windows = new(_x);
            _layout = new(_x);
            _input = new(_x);
            Screen = _x.Screen;
        }
        catch
        {
            _input?.Dispose();
            _x.Dispose();
            throw;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "capture: input" };
    }

    public ScreenSize Screen { get; }

    /// <summary>On this watch's thread: another accessibility bus was announced.</summary>
    public Action<string?>? AccessibilityBusChanged { get; set; }

    /// <summary>On this watch's thread: the server is gone; the thread ends after this.</summary>
    public Action? ServerLost { get; set; }

    /// <summary>Reads the accessibility bus's address; only before <see cref="Start"/>.</summary>
    public string? AccessibilityBus() => _windows.AccessibilityBus();

    public void Start()
    {
        _input.SetReading(true);
        _context.Window(_windows.Active(), _clock.Now());
        _thread.Start();
    }

    /// <summary>Returns when it holds: what happens after a pause was ordered is not read, however late this thread wakes.</summary>
    public void SetActive(bool active)
    {
        lock (_switching)
        {
            _active = active;
            if (active) _repeatContext = true;
            _obeyed.Reset();
            _wake.Set();
            if (!_ended) _obeyed.Wait();
        }
    }

    /// <summary>Stops the thread and closes its connections.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted)) Close();
        else if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Close()
    {
        _input.Dispose();
        _composition.Dispose();
        _x.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        var fds = stackalloc Libc.PollFd[3];
        fds[0] = new() { Fd = _x.Fd, Events = Libc.PollIn };
        fds[1] = new() { Fd = _input.Fd, Events = Libc.PollIn };
        fds[2] = new() { Fd = _wake.Fd, Events = Libc.PollIn };
        while (!_stopping)
        {
            var ready = Xlib.XPending(_x.Display) > 0 ? 1 : Libc.Poll(fds, 3, _input.Merge.IsWaiting ? InputStream.SettleMs : -1);
            if (((fds[0].Returned | fds[1].Returned) & (Libc.PollHangUp | Libc.PollError)) != 0) _x.MarkLost();
            if (_x.IsLost || _input.IsLost) break;
            if (ready == 0) _input.Ask();
            else _input.Read();
            if ((fds[2].Returned & Libc.PollIn) != 0) ObeyWake();
            ReadControl();
            Report(uint.MaxValue, all: true);
            if (_x.IsLost || _input.IsLost) break;
            (fds[0].Returned, fds[1].Returned, fds[2].Returned) = (0, 0, 0);
        }

        var lost = !_stopping;
        if (lost)
        {
            _x.MarkLost();
            _input.MarkLost();
            ServerLost?.Invoke();
        }

        Close();
        _ended = true;
        _obeyed.Set();
    }

    private void ObeyWake()
    {
        _wake.Reset();
        if (!_active) _held.Clear();
        _input.SetReading(_active);
        if (_repeatContext)
        {
            _repeatContext = false;
            _context.Repeat();
        }

        _obeyed.Set();
    }

    private void ReadControl()
    {
        // Of several changes in one batch only the last state can be read any more; the first time is when it began.
        uint? changeMs = null;
        var changed = DrainControl(ref changeMs);
        if (changed && !_x.IsLost)
        {
            _input.Ask();
            DrainControl(ref changeMs);
        }

        _input.Flow();
        if (!changed || _x.IsLost) return;
        if (changeMs is { } time)
        {
            _input.GiveUp(time);
            Report(time, all: false);
        }

        _context.Window(_windows.Active(), changeMs is { } at ? _clock.At(at) : _clock.Now());
    }

    /// <summary>True if the focus, or something of the window that has it, changed.</summary>
    private bool DrainControl(ref uint? changeMs)
    {
        Xlib.XEvent @event;
        var changed = false;
        while (!_x.IsLost && Xlib.XPending(_x.Display) > 0)
        {
            _ = Xlib.XNextEvent(_x.Display, &@event);
            if (_input.TakeRaw(&@event)) continue;
            _layout.Follow(&@event);
            switch (_windows.Classify(&@event))
            {
                case WindowChange.Focus or WindowChange.Facts:
                    changed = true;
                    if (@event.Type == Xlib.PropertyNotify) changeMs ??= (uint)@event.PropertyTime;
                    break;
                case WindowChange.AccessibilityBus:
                    AccessibilityBusChanged?.Invoke(_windows.AccessibilityBus());
                    break;
                case WindowChange.Nothing or WindowChange.WindowList or WindowChange.Screen:
                    break;
            }
        }

        return changed;
    }

    /// <summary>Reports what is pending up to and including <paramref name="untilMs"/>, or everything.</summary>
    private void Report(uint untilMs, bool all)
    {
        while (_input.Merge.Ready.TryPeek(out var next) && (all || !InputMerge.Earlier(untilMs, next.TimeMs)))
        {
            _input.Merge.Ready.Dequeue();
            if (_active && Translate(next) is { } captured) _queue.Offer(captured);
        }

        if (_input.Merge.LostMotions == _motionsSaidLost) return;
        _queue.CountLost(_input.Merge.LostMotions - _motionsSaidLost, _clock.Now());
        _motionsSaidLost = _input.Merge.LostMotions;
    }

    private CapturedEvent? Translate(DeviceEvent device)
    {
        var position = new ScreenPoint(device.X, device.Y);
        var modifiers = KeyboardLayout.Modifiers(device.State);
        switch (device.Type)
        {
            case Xlib.MotionNotify:
                // A wheel with smooth scrolling moves nothing.
                if (position == _position) return null;
                _position = position;
                return new CapturedMove(_clock.At(device.TimeMs), position);
            case Xlib.ButtonPress or Xlib.ButtonRelease:
                _position = position;
                return Button(_clock.At(device.TimeMs), device.Detail, device.Type == Xlib.ButtonPress, position, modifiers);
            case Xlib.KeyPress:
                return KeyDown(device, modifiers);
            case Xlib.KeyRelease:
                var released = _held.Remove(device.Detail, out var name) ? name : Keysyms.NameOf(_layout.Lookup(device.Detail, device.State));
                return new CapturedKey(_clock.At(device.TimeMs), released, null, modifiers & ~ModifierOf(released), Down: false, Repeat: false);
            default:
                return null;
        }
    }

    /// <summary>Buttons 4 to 7 are the wheel: a notch is the press, and its release says nothing.</summary>
    private static CapturedEvent? Button(MonotonicTime time, byte button, bool down, ScreenPoint position, KeyModifiers modifiers) => button switch
    {
        4 => down ? new CapturedScroll(time, 0, -1, position, modifiers) : null,
        5 => down ? new CapturedScroll(time, 0, 1, position, modifiers) : null,
        6 => down ? new CapturedScroll(time, -1, 0, position, modifiers) : null,
        7 => down ? new CapturedScroll(time, 1, 0, position, modifiers) : null,
        1 or 2 or 3 or 8 or 9 => new CapturedButton(time, (PointerButton)button, down, position, modifiers),
        _ => null,
    };

    private CapturedKey KeyDown(DeviceEvent device, KeyModifiers modifiers)
    {
        var keysym = _layout.Lookup(device.Detail, device.State);
        var name = Keysyms.NameOf(keysym);
        var repeat = !_held.TryAdd(device.Detail, name);
        if (repeat) _held[device.Detail] = name;
        var shortcut = (modifiers & (KeyModifiers.Control | KeyModifiers.Alt | KeyModifiers.Super)) != KeyModifiers.None;
        var text = shortcut ? null : _composition.Press(keysym);
        return new(_clock.At(device.TimeMs), name, text, repeat ? modifiers & ~ModifierOf(name) : modifiers, Down: true, repeat);
    }

    private static KeyModifiers ModifierOf(string key) => key switch
    {
        "Shift_L" or "Shift_R" => KeyModifiers.Shift,
        "Control_L" or "Control_R" => KeyModifiers.Control,
        "Alt_L" or "Alt_R" or "Meta_L" or "Meta_R" => KeyModifiers.Alt,
        "Super_L" or "Super_R" => KeyModifiers.Super,
        "ISO_Level3_Shift" => KeyModifiers.AltGr,
        _ => KeyModifiers.None,
    };
}
