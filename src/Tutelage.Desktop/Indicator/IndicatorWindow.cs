using System.Diagnostics;
using System.Text;
using Tutelage.Desktop.X11;
using Tutelage.Recording;

namespace Tutelage.Desktop.Indicator;

/// <summary>Whether a person can see that recording is on.</summary>
public enum IndicatorSight
{
    Visible,

    /// <summary>Another window lies over it or in it, it was unmapped, moved off the screen or cut to a shape, or the screen does not show what was drawn.</summary>
    Covered,

    /// <summary>The window or its X server is gone.</summary>
    Gone,
}

/// <summary>The small window that says whether recording is on. Above all others; a click on it pauses.</summary>
/// <remarks>
/// Sight is asked of the server, not of visibility events, which compositors never send: its stacking order, the window's shapes and children, and at last the
/// screen itself, whose pixels must be those that were drawn. If it were wrong, somebody could be recorded without seeing it. What a compositor shows and the
/// server's screen does not hold is not seen: a stated limit. One thread, but for <see cref="Wake"/>.
/// </remarks>
public sealed unsafe class IndicatorWindow : IDisposable
{
    private const int Width = 176, Height = 20;
    private const uint Background = 0x202020;
    private static readonly TimeSpan FightTime = TimeSpan.FromSeconds(1);

    /// <summary>A compositor shows what was drawn one or two frames later.</summary>
    private const int ShownWithinMs = 100, LookEveryMs = 20;

    private readonly XConnection _connection;
    private readonly nint _window;
    private readonly nint _gc;
    private readonly nint _drawn; // pixmap: what the window should show
    private readonly WakeSignal _wake = new();
    private string _text = "";
    private uint _colour;
    private uint[] _expected = []; // its pixels; empty if the server's cannot be compared
    private long _foundCovered, _foughtOver;

    private IndicatorWindow(XConnection connection, nint window, nint gc, nint drawn) => (_connection, _window, _gc, _drawn) = (connection, window, gc, drawn);

    /// <summary>Shows the window in the upper right corner; null if the display cannot be reached.</summary>
    public static IndicatorWindow? Open(string? display)
    {
        if (XConnection.TryOpen(display ?? Environment.GetEnvironmentVariable("DISPLAY") ?? "") is not { } connection) return null;
        var window = Xlib.XCreateSimpleWindow(connection.Display, connection.Root, OutlineOn(connection.Screen).X, 0, Width, Height, 0, 0, Background);
        var attributes = new Xlib.XSetWindowAttributes { OverrideRedirect = 1 };
        Xlib.XChangeWindowAttributes(connection.Display, window, Xlib.OverrideRedirectAttribute, &attributes);
        Xlib.XStoreName(connection.Display, window, "Tutelage recording indicator");
        Xlib.XSelectInput(connection.Display, window, Xlib.ButtonPressMask | Xlib.ExposureMask | Xlib.StructureNotifyMask);
        var gc = Xlib.XCreateGC(connection.Display, window, 0, 0);
        var drawn = Xlib.XCreatePixmap(connection.Display, window, Width, Height, (uint)Xlib.XDefaultDepth(connection.Display, connection.ScreenNumber));
        Xlib.XMapRaised(connection.Display, window);
        Xlib.XSync(connection.Display, 0);
        var indicator = new IndicatorWindow(connection, window, gc, drawn);
        indicator.Show("", Background);
        return indicator;
    }

    /// <summary>Where the window is put on a screen of this size.</summary>
    public static ScreenRect OutlineOn(ScreenSize screen) => new(screen.Width - Width, 0, Width, Height);

    /// <summary>Latin letters only: the server's own font draws them.</summary>
    public void Show(string text, uint rgb)
    {
        (_text, _colour) = (text, rgb);
        if (_connection.IsLost) return;
        Xlib.XSetForeground(_connection.Display, _gc, Background);
        Xlib.XFillRectangle(_connection.Display, _drawn, _gc, 0, 0, Width, Height);
        Xlib.XSetForeground(_connection.Display, _gc, _colour);
        Xlib.XFillArc(_connection.Display, _drawn, _gc, 5, 4, 12, 12, 0, 360 * 64);
        Xlib.XSetForeground(_connection.Display, _gc, 0xFFFFFF);
        var latin = Encoding.Latin1.GetBytes(_text);
        fixed (byte* letters = latin) Xlib.XDrawString(_connection.Display, _drawn, _gc, 24, 14, letters, latin.Length);
        _expected = Pixels(_drawn, 0, 0);
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
            for (var waited = 0; (sight = Sight()) == IndicatorSight.Covered && waited < ShownWithinMs; waited += LookEveryMs) _ = Libc.Poll(null, 0, LookEveryMs);
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
            Xlib.XFreePixmap(_connection.Display, _drawn);
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
        if (!IsWhole(Xlib.ShapeBounding) || !IsWhole(Xlib.ShapeClip) || !IsWhole(Xlib.ShapeInput) || HoldsWindow()) return IndicatorSight.Covered;
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
            if (!above) return IndicatorSight.Gone;
            return ShowsWhatWasDrawn(own.X, own.Y) ? IndicatorSight.Visible : IndicatorSight.Covered;
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

    /// <summary>Whether a shape covers the window; one that was never set does. Any client may set the shape of any window.</summary>
    private bool IsWhole(int kind)
    {
        var rectangles = Xlib.XShapeGetRectangles(_connection.Display, _window, kind, out var count, out _);
        if (rectangles == null) return count != 0;
        var whole = count == 1 && rectangles->X <= 0 && rectangles->Y <= 0 && rectangles->X + rectangles->Width >= Width && rectangles->Y + rectangles->Height >= Height;
        _ = Xlib.XFree((nint)rectangles);
        return whole;
    }

    /// <summary>Whether a mapped window lies in ours, seen or not: it would hide it, or take its clicks.</summary>
    private bool HoldsWindow()
    {
        if (Xlib.XQueryTree(_connection.Display, _window, out _, out _, out var children, out var count) == 0 || children == null) return false;
        var held = false;
        Xlib.XWindowAttributes child;
        for (var index = 0; index < count && !held; index++) held = Xlib.XGetWindowAttributes(_connection.Display, children[index], &child) != 0 && child.MapState == Xlib.IsViewable;
        _ = Xlib.XFree((nint)children);
        return held;
    }

    /// <summary>Whether the screen shows nine tenths of what was drawn and of its dot and letters, each colour within <see cref="Near"/>: a compositor may dim a little.</summary>
    private bool ShowsWhatWasDrawn(int x, int y)
    {
        if (_expected.Length == 0) return true;
        var shown = Pixels(_connection.Root, x, y);
        if (shown.Length != _expected.Length) return false;
        var (same, drawn, drawnSame) = (0, 0, 0);
        for (var at = 0; at < shown.Length; at++)
        {
            var (isDrawn, isSame) = (_expected[at] != Background, IsNear(shown[at], _expected[at]));
            if (isSame) same++;
            if (isDrawn) drawn++;
            if (isDrawn && isSame) drawnSame++;
        }
        return same * 10 >= shown.Length * 9 && drawnSame * 10 >= drawn * 9;
    }

    /// <summary>Of 256. Half of another colour over it is further away.</summary>
    private const int Near = 40;

    private static bool IsNear(uint one, uint other)
    {
        for (var shift = 0; shift < 24; shift += 8)
            if (Math.Abs((int)((one >> shift) & 0xFF) - (int)((other >> shift) & 0xFF)) > Near) return false;
        return true;
    }

    /// <summary>The indicator's area of a drawable, row by row, 0xRRGGBB; empty if the server does not give it in 32 bits a pixel.</summary>
    private uint[] Pixels(nint drawable, int x, int y)
    {
        var image = (Xlib.XImage*)Xlib.XGetImage(_connection.Display, drawable, x, y, Width, Height, Xlib.AllPlanes, Xlib.ZPixmap);
        if (image == null) return [];
        var pixels = image->BitsPerPixel == 32 ? new uint[Width * Height] : [];
        for (var at = 0; at < pixels.Length; at++) pixels[at] = *(uint*)(image->Pixels + at / Width * image->BytesPerLine + at % Width * 4) & 0xFFFFFF;
        _ = Xlib.XFree((nint)image->Pixels);
        _ = Xlib.XFree((nint)image);
        return pixels;
    }

    private void Draw()
    {
        if (_connection.IsLost) return;
        Xlib.XCopyArea(_connection.Display, _drawn, _window, _gc, 0, 0, Width, Height, 0, 0);
        Xlib.XFlush(_connection.Display);
    }
}
