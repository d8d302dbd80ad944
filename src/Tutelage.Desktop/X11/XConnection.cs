using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Tutelage.Recording;

namespace Tutelage.Desktop.X11;

/// <summary>One connection to an X server, used by one thread at a time.</summary>
/// <remarks>
/// Xlib ends the process when a server goes away, and prints and exits on errors, unless told otherwise: the handlers here turn both
/// into facts (<see cref="IsLost"/>, <see cref="TakeError"/>). If they were missing, a closed session would kill the recorder
/// without a word.
/// </remarks>
internal sealed unsafe class XConnection : IDisposable
{
    private static readonly ConcurrentDictionary<nint, XConnection> Open = new();
    private static readonly Lock Opening = new();
    private static bool s_handlersInstalled;

    private volatile bool _lost;
    private int _error;

    private XConnection(nint display, string name)
    {
        (Display, Name) = (display, name);
        Root = Xlib.XDefaultRootWindow(display);
        ScreenNumber = Xlib.XDefaultScreen(display);
        Fd = Xlib.XConnectionNumber(display);
    }

    public nint Display { get; }
    public string Name { get; }
    public nint Root { get; }
    public int ScreenNumber { get; }
    public int Fd { get; }

    /// <summary>Size at the time of connecting.</summary>
    public ScreenSize Screen => new(Xlib.XDisplayWidth(Display, ScreenNumber), Xlib.XDisplayHeight(Display, ScreenNumber));

    /// <summary>True once the server is gone: no Xlib function may be called any more, not even to close.</summary>
    public bool IsLost => _lost;

    /// <summary>Null if the server cannot be reached or libX11 is missing.</summary>
    public static XConnection? TryOpen(string display)
    {
        lock (Opening)
        {
            try
            {
                InstallHandlersNeedsLock();
                var handle = Xlib.XOpenDisplay(display);
                if (handle == 0) return null;
                var connection = new XConnection(handle, display);
                Open[handle] = connection;
                // Since libX11 1.7; without it Xlib exits after the handler has run.
                try { Xlib.XSetIOErrorExitHandler(handle, &OnLostExit, 0); } catch (EntryPointNotFoundException) { }
                return connection;
            }
            catch (DllNotFoundException)
            {
                return null;
            }
        }
    }

    /// <exception cref="DesktopUnavailableException">The server cannot be reached.</exception>
    public static XConnection OpenOrThrow(string display) =>
        TryOpen(display) ?? throw new DesktopUnavailableException(display, "its X server does not answer (is DISPLAY right, and may this user connect?)");

    /// <summary>The code of the last X error since the last call, 0 if there was none. Synchronise first.</summary>
    public int TakeError() => Interlocked.Exchange(ref _error, 0);

    /// <exception cref="DesktopUnavailableException">The server is gone.</exception>
    public void ThrowIfLost()
    {
        if (_lost) throw new DesktopUnavailableException(Name, "the X server has gone away");
    }

    public void MarkLost() => _lost = true;

    public nint Atom(string name) => Xlib.XInternAtom(Display, name, 0);

    public void Dispose()
    {
        if (!Open.TryRemove(Display, out _)) return;
        // Closing a lost connection would touch the dead socket again; its few kilobytes stay.
        if (!_lost) _ = Xlib.XCloseDisplay(Display);
    }

    private static void InstallHandlersNeedsLock()
    {
        if (s_handlersInstalled) return;
        _ = Xlib.XInitThreads();
        _ = Xlib.XSetErrorHandler(&OnError);
        _ = Xlib.XSetIOErrorHandler(&OnLost);
        s_handlersInstalled = true;
    }

    [UnmanagedCallersOnly]
    private static int OnError(nint display, Xlib.XErrorEvent* error)
    {
        if (Open.TryGetValue(display, out var connection)) connection._error = error->Code;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int OnLost(nint display)
    {
        if (Open.TryGetValue(display, out var connection)) connection._lost = true;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void OnLostExit(nint display, nint data)
    {
        if (Open.TryGetValue(display, out var connection)) connection._lost = true;
    }
}
