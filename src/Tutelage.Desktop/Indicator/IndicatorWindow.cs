using System.Diagnostics;
using System.Text;
using Tutelage.Desktop.X11;
using Tutelage.Recording;

namespace Tutelage.Desktop.Indicator;

/// <summary>Whether a person can see that recording is on.</summary>
public enum IndicatorSight
{
    Visible,

    /// <summary>Another window lies over it, it was unmapped, or it was moved off the screen.</summary>
    Covered,

    /// <summary>The window or its X server is gone.</summary>
    Gone,
}

/// <summary>The small window that says whether recording is on. Above all others; a click on it pauses.</summary>
/// <remarks>
/// Sight is asked of the server's stacking order, not of visibility events, which compositors never send. A translucent or full-screen
/// overlay that a compositor draws by itself is not seen: a stated limit. One thread, but for <see cref="Wake"/>.
/// </remarks>
public sealed unsafe class IndicatorWindow : IDisposable
{
    private const int Width = 176, Height = 20;
    private static readonly TimeSpan FightTime = TimeSpan.FromSeconds(1);

    private readonly XConnection _connection;
    private readonly nint _window;
    private readonly nint _gc;
    private readonly WakeSignal _wake = new();
    private string _text = "";
    private uint _colour;
    private long _foundCovered, _foughtOver;

    private IndicatorWindow(XConnection connection, nint window, nint gc) => (_connection, _window, _gc) = (connection, window, gc);

    /// <summary>Shows the window in the upper right corner; null if the display cannot be reached.</summary>
    public static IndicatorWindow? Open(string? display)
    {
        if (XConnection.TryOpen(display ?? Environment.GetEnvironmentVariable("DISPLAY") ?? "") is not { } connection) return null;
        var window = Xlib.XCreateSimpleWindow(connection.Display, connection.Root, OutlineOn(connection.Screen).X, 0, Width, Height, 0, 0, 0x202020);
        var attributes = new Xlib.XSetWindowAttributes { OverrideRedirect = 1 };
        Xlib.XChangeWindowAttributes(connection.Display, window, Xlib.OverrideRedirectAttribute, &attributes);
        Xlib.XStoreName(connection.Display, window, "Tutelage recording indicator");
        Xlib.XSelectInput(connection.Display, window, Xlib.ButtonPressMask | Xlib.ExposureMask | Xlib.StructureNotifyMask);
        var gc = Xlib.XCreateGC(connection.Display, window, 0, 0);
        Xlib.XMapRaised(connection.Display, window);
        Xlib.XSync(connection.Display, 0);
        return new(connection, window, gc);
    }

    /// <summary>Where the window is put on a screen of this size.</summary>
    public static ScreenRect OutlineOn(ScreenSize screen) => new(screen.Width - Width, 0, Width, Height);

    /// <summary>Latin letters only: the server's own font draws them.</summary>
    public void Show(string text, uint rgb)
    {
        (_text, _colour) = (text, rgb);
        Draw();
    }

    /// <summary>Handles what came in and says what can be seen.</summary>
    /// <remarks>
    /// A covered window is raised. That helps against a window that was opened or raised over it once, and it counts as seen. One that is found covered
    /// again within a second is being fought over: it counts as covered until nothing has covered it for a second.
    /// </remarks>
    /// <param name="clicked">A person clicked on it since the last look.</param>
    public IndicatorSight Look(out bool clicked)
    {
        clicked = false;
        while (!_connection.IsLost && Xlib.XPending(_connection.Display) > 0)
        {
            Xlib.XEvent happened;
            Xlib.XNextEvent(_connection.Display, &happened);
            if (happened.Type == Xlib.ButtonPress) clicked = true;
            if (happened.Type == Xlib.Expose) Draw();
            if (happened.Type == Xlib.DestroyNotify) return IndicatorSight.Gone;
        }
        if (_connection.IsLost) return IndicatorSight.Gone;
        var sight = Sight();
        if (sight == IndicatorSight.Covered)
        {
            if (IsRecent(_foundCovered)) _foughtOver = Stopwatch.GetTimestamp();
            _foundCovered = Stopwatch.GetTimestamp();
            Xlib.XMapRaised(_connection.Display, _window);
            Xlib.XSync(_connection.Display, 0);
            Draw();
            sight = Sight();
        }
        return sight == IndicatorSight.Visible && IsRecent(_foughtOver) ? IndicatorSight.Covered : sight;
    }

    /// <summary>Until something happened to the window, <see cref="Wake"/> was called, or the time is over.</summary>
    public void Wait(TimeSpan atMost)
    {
        if (_connection.IsLost || Xlib.XPending(_connection.Display) > 0) return;
        var fds = stackalloc Libc.PollFd[2];
        fds[0] = new() { Fd = _connection.Fd, Events = Libc.PollIn };
        fds[1] = new() { Fd = _wake.Fd, Events = Libc.PollIn };
        _ = Libc.Poll(fds, 2, (int)atMost.TotalMilliseconds);
        if ((fds[0].Returned & (Libc.PollHangUp | Libc.PollError)) != 0) _connection.MarkLost();
        if ((fds[1].Returned & Libc.PollIn) != 0) _wake.Reset();
    }

    /// <summary>Ends a <see cref="Wait"/>; from any thread.</summary>
    public void Wake() => _wake.Set();

    public void Dispose()
    {
        if (!_connection.IsLost)
        {
            Xlib.XFreeGC(_connection.Display, _gc);
            Xlib.XDestroyWindow(_connection.Display, _window);
        }
        _connection.Dispose();
        _wake.Dispose();
    }

    private static bool IsRecent(long timestamp) => timestamp != 0 && Stopwatch.GetElapsedTime(timestamp) < FightTime;

    private IndicatorSight Sight()
    {
        Xlib.XWindowAttributes own;
        if (_connection.IsLost || Xlib.XGetWindowAttributes(_connection.Display, _window, &own) == 0) return IndicatorSight.Gone;
        var outline = new ScreenRect(own.X, own.Y, own.Width, own.Height);
        if (own.MapState != Xlib.IsViewable || own.Width < Width || own.Height < Height || !_connection.Screen.Bounds.Contains(outline)) return IndicatorSight.Covered;
        if (Xlib.XQueryTree(_connection.Display, _connection.Root, out _, out _, out var children, out var count) == 0) return IndicatorSight.Gone;
        try
        {
            // Bottom to top: whatever comes after our window lies over it.
            var above = false;
            for (var index = 0; index < count; index++)
            {
                if (above && Covers(children[index], outline)) return IndicatorSight.Covered;
                above |= children[index] == _window;
            }
            return above ? IndicatorSight.Visible : IndicatorSight.Gone;
        }
        finally
        {
            if (children != null) Xlib.XFree((nint)children);
        }
    }

    private bool Covers(nint window, ScreenRect outline)
    {
        Xlib.XWindowAttributes other;
        return Xlib.XGetWindowAttributes(_connection.Display, window, &other) != 0 && other.MapState == Xlib.IsViewable && other.Class != Xlib.InputOnly
            && new ScreenRect(other.X, other.Y, other.Width, other.Height).Intersects(outline);
    }

    private void Draw()
    {
        if (_connection.IsLost) return;
        Xlib.XSetForeground(_connection.Display, _gc, 0x202020);
        Xlib.XFillRectangle(_connection.Display, _window, _gc, 0, 0, Width, Height);
        Xlib.XSetForeground(_connection.Display, _gc, _colour);
        Xlib.XFillArc(_connection.Display, _window, _gc, 5, 4, 12, 12, 0, 360 * 64);
        Xlib.XSetForeground(_connection.Display, _gc, 0xFFFFFF);
        var text = Encoding.Latin1.GetBytes(_text);
        fixed (byte* letters = text) Xlib.XDrawString(_connection.Display, _window, _gc, 24, 14, letters, text.Length);
        Xlib.XFlush(_connection.Display);
    }
}
