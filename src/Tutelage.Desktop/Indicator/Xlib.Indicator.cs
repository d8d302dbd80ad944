using System.Runtime.InteropServices;

namespace Tutelage.Desktop.X11;

/// <summary>What drawing a window of our own needs of libX11.</summary>
internal static unsafe partial class Xlib
{
    public const nint ButtonPressMask = 1 << 2, ExposureMask = 1 << 15;
    public const nuint OverrideRedirectAttribute = 1 << 9;
    public const int Expose = 12, IsViewable = 2, InputOnly = 2;

    /// <summary>The shapes of a window: what of it is there, what of it is drawn, and where it takes clicks.</summary>
    public const int ShapeBounding = 0, ShapeClip = 1, ShapeInput = 2;

    [LibraryImport(X11)] public static partial nint XCreateSimpleWindow(nint display, nint parent, int x, int y, uint width, uint height, uint border, nuint borderPixel, nuint background);
    [LibraryImport(X11)] public static partial int XChangeWindowAttributes(nint display, nint window, nuint mask, XSetWindowAttributes* attributes);
    [LibraryImport(X11)] public static partial int XMapRaised(nint display, nint window);
    [LibraryImport(X11)] public static partial int XRaiseWindow(nint display, nint window);
    [LibraryImport(X11)] public static partial int XDestroyWindow(nint display, nint window);
    [LibraryImport(X11)] public static partial int XGetWindowAttributes(nint display, nint window, XWindowAttributes* attributes);
    [LibraryImport(X11)] public static partial int XQueryTree(nint display, nint window, out nint root, out nint parent, out nint* children, out uint count);
    [LibraryImport(X11)] public static partial nint XCreateGC(nint display, nint drawable, nuint mask, nint values);
    [LibraryImport(X11)] public static partial int XFreeGC(nint display, nint gc);
    [LibraryImport(X11)] public static partial int XSetForeground(nint display, nint gc, nuint pixel);
    [LibraryImport(X11)] public static partial int XFillRectangle(nint display, nint drawable, nint gc, int x, int y, uint width, uint height);
    [LibraryImport(X11)] public static partial int XFillArc(nint display, nint drawable, nint gc, int x, int y, uint width, uint height, int start, int extent);
    [LibraryImport(X11)] public static partial int XDrawString(nint display, nint drawable, nint gc, int x, int y, byte* text, int length);
    [LibraryImport(X11)] public static partial nint XCreatePixmap(nint display, nint drawable, uint width, uint height, uint depth);
    [LibraryImport(X11)] public static partial int XFreePixmap(nint display, nint pixmap);
    [LibraryImport(X11)] public static partial int XCopyArea(nint display, nint from, nint to, nint gc, int x, int y, uint width, uint height, int toX, int toY);
    [LibraryImport(Xext)] public static partial XRectangle* XShapeGetRectangles(nint display, nint window, int kind, out int count, out int ordering);
    [LibraryImport(X11)] public static partial nint XGetSelectionOwner(nint display, nint selection);
    [LibraryImport(X11)] public static partial int XSetSelectionOwner(nint display, nint selection, nint owner, nuint time);
    [LibraryImport(X11)] public static partial int XGrabServer(nint display);
    [LibraryImport(X11)] public static partial int XUngrabServer(nint display);
    [LibraryImport(X11)] public static partial int XChangeProperty(nint display, nint window, nint property, nint type, int format, int mode, byte* value, int count);
    [LibraryImport(X11, StringMarshalling = StringMarshalling.Utf8)] public static partial int XStoreName(nint display, nint window, string name);

    /// <summary>Only <c>override_redirect</c> is ever set.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 112)]
    public struct XSetWindowAttributes
    {
        [FieldOffset(88)] public int OverrideRedirect;
    }

    [StructLayout(LayoutKind.Explicit, Size = 136)]
    public struct XWindowAttributes
    {
        [FieldOffset(0)] public int X;
        [FieldOffset(4)] public int Y;
        [FieldOffset(8)] public int Width;
        [FieldOffset(12)] public int Height;
        [FieldOffset(40)] public int Class;
        [FieldOffset(92)] public int MapState;
    }
}
