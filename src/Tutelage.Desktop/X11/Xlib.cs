using System.Runtime.InteropServices;

namespace Tutelage.Desktop.X11;

/// <summary>The functions of libX11 and its extensions that capture and acting use, as their headers declare them (LP64).</summary>
/// <remarks>
/// One idea: the C border. If a declaration here is wrong, memory is, so nothing else in the project declares an X function. Sonames
/// are spelled out because the unversioned links exist only beside development headers. A display is used by one thread at a time.
/// </remarks>
internal static unsafe partial class Xlib
{
    private const string X11 = "libX11.so.6";
    private const string Xi = "libXi.so.6";
    private const string Xext = "libXext.so.6";
    private const string Xtst = "libXtst.so.6";
    private const string Xdamage = "libXdamage.so.1";
    private const string Xfixes = "libXfixes.so.3";

    public const int KeyPress = 2, KeyRelease = 3, ButtonPress = 4, ButtonRelease = 5, MotionNotify = 6;
    public const int DestroyNotify = 17, ConfigureNotify = 22, PropertyNotify = 28, MappingNotify = 34, GenericEvent = 35;
    public const nint PropertyChangeMask = 1 << 22, StructureNotifyMask = 1 << 17;
    public const int ZPixmap = 2;
    public const uint AllPlanes = uint.MaxValue;

    [LibraryImport(X11)] public static partial int XInitThreads();
    [LibraryImport(X11, StringMarshalling = StringMarshalling.Utf8)] public static partial nint XOpenDisplay(string? name);
    [LibraryImport(X11)] public static partial int XCloseDisplay(nint display);
    [LibraryImport(X11)] public static partial int XConnectionNumber(nint display);
    [LibraryImport(X11)] public static partial nint XDefaultRootWindow(nint display);
    [LibraryImport(X11)] public static partial int XDefaultScreen(nint display);
    [LibraryImport(X11)] public static partial int XDisplayWidth(nint display, int screen);
    [LibraryImport(X11)] public static partial int XDisplayHeight(nint display, int screen);
    [LibraryImport(X11)] public static partial int XDefaultDepth(nint display, int screen);
    [LibraryImport(X11)] public static partial nint XDefaultVisual(nint display, int screen);
    [LibraryImport(X11)] public static partial int XFree(nint memory);
    [LibraryImport(X11)] public static partial int XFlush(nint display);
    [LibraryImport(X11)] public static partial int XSync(nint display, int discard);
    [LibraryImport(X11)] public static partial int XPending(nint display);
    [LibraryImport(X11)] public static partial int XNextEvent(nint display, XEvent* @event);
    [LibraryImport(X11)] public static partial int XGetEventData(nint display, XEvent* cookie);
    [LibraryImport(X11)] public static partial void XFreeEventData(nint display, XEvent* cookie);
    [LibraryImport(X11)] public static partial int XSelectInput(nint display, nint window, nint mask);
    [LibraryImport(X11, StringMarshalling = StringMarshalling.Utf8)] public static partial nint XInternAtom(nint display, string name, int onlyIfExists);
    [LibraryImport(X11)]
    public static partial int XGetWindowProperty(
        nint display, nint window, nint property, nint offset, nint length, int delete, nint requiredType,
        out nint actualType, out int actualFormat, out nuint items, out nuint bytesAfter, out nint value);
    [LibraryImport(X11)] public static partial int XGetGeometry(nint display, nint drawable, out nint root, out int x, out int y, out uint width, out uint height, out uint border, out uint depth);
    [LibraryImport(X11)] public static partial int XTranslateCoordinates(nint display, nint source, nint destination, int x, int y, out int destinationX, out int destinationY, out nint child);
    [LibraryImport(X11)] public static partial int XQueryPointer(nint display, nint window, out nint root, out nint child, out int rootX, out int rootY, out int x, out int y, out uint mask);
    [LibraryImport(X11, StringMarshalling = StringMarshalling.Utf8)] public static partial int XQueryExtension(nint display, string name, out int opcode, out int firstEvent, out int firstError);
    [LibraryImport(X11)] public static partial nint XSetErrorHandler(delegate* unmanaged<nint, XErrorEvent*, int> handler);
    [LibraryImport(X11)] public static partial nint XSetIOErrorHandler(delegate* unmanaged<nint, int> handler);
    [LibraryImport(X11)] public static partial void XSetIOErrorExitHandler(nint display, delegate* unmanaged<nint, nint, void> handler, nint data);
    [LibraryImport(X11)] public static partial nint XGetImage(nint display, nint drawable, int x, int y, uint width, uint height, nuint planes, int format);

    [LibraryImport(X11)] public static partial nuint XStringToKeysym(byte* name);
    [LibraryImport(X11)] public static partial nint XKeysymToString(nuint keysym);
    [LibraryImport(X11)] public static partial int XDisplayKeycodes(nint display, out int minimum, out int maximum);
    [LibraryImport(X11)] public static partial nuint* XGetKeyboardMapping(nint display, byte first, int count, out int keysymsPerKeycode);
    [LibraryImport(X11)] public static partial int XChangeKeyboardMapping(nint display, int first, int keysymsPerKeycode, nuint* keysyms, int count);
    [LibraryImport(X11)] public static partial int XRefreshKeyboardMapping(XEvent* @event);
    [LibraryImport(X11)] public static partial int XkbRefreshKeyboardMapping(XEvent* @event);
    [LibraryImport(X11)] public static partial int XkbQueryExtension(nint display, out int opcode, out int @event, out int error, ref int major, ref int minor);
    [LibraryImport(X11)] public static partial int XkbSelectEvents(nint display, uint device, nuint which, nuint values);
    [LibraryImport(X11)] public static partial int XkbLookupKeySym(nint display, byte keycode, uint modifiers, out uint modifiersReturn, out nuint keysym);
    [LibraryImport(X11)] public static partial int XkbGetState(nint display, uint device, XkbState* state);

    [LibraryImport(Xi)] public static partial int XIQueryVersion(nint display, ref int major, ref int minor);
    [LibraryImport(Xi)] public static partial int XISelectEvents(nint display, nint window, XIEventMask* masks, int count);

    [LibraryImport(Xext)] public static partial int XShmQueryExtension(nint display);
    [LibraryImport(Xext)] public static partial nint XShmCreateImage(nint display, nint visual, uint depth, int format, nint data, XShmSegmentInfo* segment, uint width, uint height);
    [LibraryImport(Xext)] public static partial int XShmAttach(nint display, XShmSegmentInfo* segment);
    [LibraryImport(Xext)] public static partial int XShmDetach(nint display, XShmSegmentInfo* segment);
    [LibraryImport(Xext)] public static partial int XShmGetImage(nint display, nint drawable, XImage* image, int x, int y, nuint planes);

    [LibraryImport(Xdamage)] public static partial int XDamageQueryExtension(nint display, out int firstEvent, out int firstError);
    [LibraryImport(Xdamage)] public static partial nint XDamageCreate(nint display, nint drawable, int level);
    [LibraryImport(Xdamage)] public static partial void XDamageDestroy(nint display, nint damage);
    [LibraryImport(Xdamage)] public static partial void XDamageSubtract(nint display, nint damage, nint repair, nint parts);
    [LibraryImport(Xfixes)] public static partial int XFixesQueryExtension(nint display, out int firstEvent, out int firstError);
    [LibraryImport(Xfixes)] public static partial nint XFixesCreateRegion(nint display, nint rectangles, int count);
    [LibraryImport(Xfixes)] public static partial nint XFixesFetchRegionAndBounds(nint display, nint region, out int count, out XRectangle bounds);

    [LibraryImport(Xtst)] public static partial int XTestQueryExtension(nint display, out int firstEvent, out int firstError, out int major, out int minor);
    [LibraryImport(Xtst)] public static partial int XTestFakeKeyEvent(nint display, uint keycode, int press, nuint delayMs);
    [LibraryImport(Xtst)] public static partial int XTestFakeButtonEvent(nint display, uint button, int press, nuint delayMs);
    [LibraryImport(Xtst)] public static partial int XTestFakeMotionEvent(nint display, int screen, int x, int y, nuint delayMs);
    [LibraryImport(Xtst)] public static partial int XRecordQueryVersion(nint display, out int major, out int minor);
    [LibraryImport(Xtst)] public static partial XRecordRange* XRecordAllocRange();
    [LibraryImport(Xtst)] public static partial nint XRecordCreateContext(nint display, int flags, nuint* clients, int clientCount, XRecordRange** ranges, int rangeCount);
    [LibraryImport(Xtst)] public static partial int XRecordEnableContextAsync(nint display, nint context, delegate* unmanaged<nint, XRecordInterceptData*, void> callback, nint closure);
    [LibraryImport(Xtst)] public static partial int XRecordDisableContext(nint display, nint context);
    [LibraryImport(Xtst)] public static partial int XRecordFreeContext(nint display, nint context);
    [LibraryImport(Xtst)] public static partial void XRecordProcessReplies(nint display);
    [LibraryImport(Xtst)] public static partial void XRecordFreeData(XRecordInterceptData* data);

    /// <summary>The union of all events: 24 longs. Only the fields that are read have names.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    public struct XEvent
    {
        [FieldOffset(0)] public int Type;
        [FieldOffset(24)] public nint Display;
        [FieldOffset(32)] public nint Window;
        /// <summary>XPropertyEvent.</summary>
        [FieldOffset(40)] public nint PropertyAtom;
        [FieldOffset(48)] public nuint PropertyTime;
        /// <summary>XConfigureEvent: its <c>window</c> stands after <c>event</c>.</summary>
        [FieldOffset(40)] public nint ConfiguredWindow;
        [FieldOffset(56)] public int ConfiguredWidth;
        [FieldOffset(60)] public int ConfiguredHeight;
        /// <summary>XGenericEventCookie.</summary>
        [FieldOffset(32)] public int Extension;
        [FieldOffset(36)] public int ExtensionType;
        [FieldOffset(48)] public XIRawEvent* Raw;
    }

    [StructLayout(LayoutKind.Explicit, Size = 40)]
    public struct XErrorEvent
    {
        [FieldOffset(32)] public byte Code;
        [FieldOffset(33)] public byte RequestCode;
        [FieldOffset(34)] public byte MinorCode;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct XIEventMask
    {
        public int Device;
        public int MaskLength;
        public byte* Mask;
    }

    /// <summary>XIRawEvent, as far as it is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 96)]
    public struct XIRawEvent
    {
        [FieldOffset(40)] public nuint Time;
        [FieldOffset(52)] public int Source;
        [FieldOffset(56)] public int Detail;
        [FieldOffset(64)] public int ValuatorMaskLength;
        [FieldOffset(72)] public byte* ValuatorMask;
        [FieldOffset(88)] public double* RawValues;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct XkbState
    {
        public byte Group, LockedGroup;
        public ushort BaseGroup, LatchedGroup;
        public byte Mods, BaseMods, LatchedMods, LockedMods, CompatState, GrabMods, CompatGrabMods, LookupMods, CompatLookupMods;
        public ushort PointerButtons;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct XRectangle
    {
        public short X, Y;
        public ushort Width, Height;
    }

    /// <summary>XImage, its leading part; the functions at its end are never called.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct XImage
    {
        public int Width, Height, XOffset, Format;
        public byte* Pixels;
        public int ByteOrder, BitmapUnit, BitmapBitOrder, BitmapPad, Depth, BytesPerLine, BitsPerPixel;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct XShmSegmentInfo
    {
        public nuint Segment;
        public int Id;
        public nint Address;
        public int ReadOnly;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct XRecordRange
    {
        public byte CoreRequestsFirst, CoreRequestsLast, CoreRepliesFirst, CoreRepliesLast;
        public byte ExtensionRequestsFirst, ExtensionRequestsLast;
        public ushort ExtensionRequestsMinorFirst, ExtensionRequestsMinorLast;
        public byte ExtensionRepliesFirst, ExtensionRepliesLast;
        public ushort ExtensionRepliesMinorFirst, ExtensionRepliesMinorLast;
        public byte DeliveredEventsFirst, DeliveredEventsLast, DeviceEventsFirst, DeviceEventsLast, ErrorsFirst, ErrorsLast;
        public int ClientStarted, ClientDied;
    }

    /// <summary><c>Length</c> counts units of 4 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct XRecordInterceptData
    {
        public nuint IdBase, ServerTime, ClientSequence;
        public int Category, ClientSwapped;
        public byte* Bytes;
        public nuint Length;
    }
}
