using System.Globalization;
using System.Runtime.InteropServices;

namespace Tutelage.Recorder.Tests.Support;

/// <summary>Another program on the display, with the rights that X11 gives to every one: it may shape, fill and paint the indicator's window.</summary>
internal sealed partial class HostileClient : IDisposable
{
    public const int Bounding = 0, Clip = 1, Input = 2;

    private const string X11 = "libX11.so.6", Xext = "libXext.so.6";
    private readonly nint _display;
    private readonly nint _victim;

    public HostileClient(string display, string victim)
    {
        _display = XOpenDisplay(display);
        _display.ShouldNotBe(0);
        _victim = nint.Parse(victim, CultureInfo.InvariantCulture);
    }

    /// <summary>Cuts the window to no rectangles at all.</summary>
    public void CutAway(int kind) => Done(XShapeCombineRectangles(_display, _victim, kind, 0, 0, 0, 0, 0, 0));

    /// <summary>Takes a shape away again.</summary>
    public void MakeWhole(int kind) => Done(XShapeCombineMask(_display, _victim, kind, 0, 0, 0, 0));

    /// <summary>Maps a window inside the victim; <see cref="Take"/> removes it.</summary>
    public nint Put()
    {
        var child = XCreateSimpleWindow(_display, _victim, 0, 0, 300, 100, 0, 0, 0xFFFFFF);
        Done(XMapWindow(_display, child));
        return child;
    }

    public void Take(nint child) => Done(XDestroyWindow(_display, child));

    /// <summary>Paints the background's colour over everything in it, again and again.</summary>
    public async Task PaintOverAsync(CancellationToken over)
    {
        var gc = XCreateGC(_display, _victim, 0, 0);
        XSetForeground(_display, gc, 0x202020);
        while (!over.IsCancellationRequested)
        {
            Done(XFillRectangle(_display, _victim, gc, 0, 0, 300, 100));
            await Task.Delay(5, CancellationToken.None);
        }
    }

    public void Dispose() => XCloseDisplay(_display);

    private void Done(int ignored) => XSync(_display, ignored & 0);

    [LibraryImport(X11, StringMarshalling = StringMarshalling.Utf8)] private static partial nint XOpenDisplay(string name);
    [LibraryImport(X11)] private static partial int XCloseDisplay(nint display);
    [LibraryImport(X11)] private static partial int XSync(nint display, int discard);
    [LibraryImport(X11)] private static partial nint XCreateSimpleWindow(nint display, nint parent, int x, int y, uint width, uint height, uint border, nuint borderPixel, nuint background);
    [LibraryImport(X11)] private static partial int XMapWindow(nint display, nint window);
    [LibraryImport(X11)] private static partial int XDestroyWindow(nint display, nint window);
    [LibraryImport(X11)] private static partial nint XCreateGC(nint display, nint drawable, nuint mask, nint values);
    [LibraryImport(X11)] private static partial int XSetForeground(nint display, nint gc, nuint pixel);
    [LibraryImport(X11)] private static partial int XFillRectangle(nint display, nint drawable, nint gc, int x, int y, uint width, uint height);
    [LibraryImport(Xext)] private static partial int XShapeCombineRectangles(nint display, nint window, int kind, int x, int y, nint rectangles, int count, int operation, int ordering);
    [LibraryImport(Xext)] private static partial int XShapeCombineMask(nint display, nint window, int kind, int x, int y, nint mask, int operation);
}
