using System.Text;
using Tutelage.Recording;

namespace Tutelage.Desktop.X11;

/// <summary>What a window tells of itself.</summary>
internal sealed record WindowFacts(nint Window, string? App, int ProcessId, string? Title, ScreenRect Bounds)
{
    /// <summary>No window has the focus.</summary>
    public static WindowFacts None { get; } = new(0, null, 0, null, default);
}

/// <summary>Follows the window that has the focus, and its title and place.</summary>
/// <remarks>
/// Reads properties that other programs wrote: each is bounded (<see cref="MaxPropertyLongs"/>), and a window that goes away while it is
/// asked leaves nulls. Not thread-safe: lives on its connection's thread.
/// </remarks>
internal sealed class WindowWatch
{
    /// <summary>16 KiB of title are enough; longer ones are cut.</summary>
    private const int MaxPropertyLongs = 4096;

    private readonly XConnection _x;
    private readonly nint _activeWindow, _wmClass, _wmName, _netWmName, _netWmPid, _accessibilityBus, _clientList, _supportingCheck;
    private nint _watched;

    public WindowWatch(XConnection connection)
    {
        _x = connection;
        _activeWindow = _x.Atom("_NET_ACTIVE_WINDOW");
        _wmClass = _x.Atom("WM_CLASS");
        _wmName = _x.Atom("WM_NAME");
        _netWmName = _x.Atom("_NET_WM_NAME");
        _netWmPid = _x.Atom("_NET_WM_PID");
        _accessibilityBus = _x.Atom("AT_SPI_BUS");
        _clientList = _x.Atom("_NET_CLIENT_LIST");
        _supportingCheck = _x.Atom("_NET_SUPPORTING_WM_CHECK");
        _ = Xlib.XSelectInput(_x.Display, _x.Root, Xlib.PropertyChangeMask | Xlib.StructureNotifyMask);
    }

    /// <summary>What <paramref name="event"/> may have changed.</summary>
    public unsafe WindowChange Classify(Xlib.XEvent* @event) => @event->Type switch
    {
        Xlib.PropertyNotify when @event->Window == _x.Root =>
            @event->PropertyAtom == _activeWindow ? WindowChange.Focus
            : @event->PropertyAtom == _accessibilityBus ? WindowChange.AccessibilityBus
            : @event->PropertyAtom == _clientList ? WindowChange.WindowList
            : WindowChange.Nothing,
        Xlib.PropertyNotify when @event->Window == _watched =>
            @event->PropertyAtom == _wmName || @event->PropertyAtom == _netWmName || @event->PropertyAtom == _wmClass || @event->PropertyAtom == _netWmPid
                ? WindowChange.Facts : WindowChange.Nothing,
        // The window manager may say so later, or not at all if no other window takes the focus.
        Xlib.DestroyNotify when @event->ConfiguredWindow == _watched => WindowChange.Focus,
        Xlib.ConfigureNotify when @event->ConfiguredWindow == _x.Root => WindowChange.Screen,
        Xlib.ConfigureNotify when @event->ConfiguredWindow == _watched => WindowChange.Facts,
        _ => WindowChange.Nothing,
    };

    /// <summary>The window with the focus as it is now; watches it from now on.</summary>
    public WindowFacts Active()
    {
        var window = Longs(_x.Root, _activeWindow) is [var id, ..] ? (nint)id : 0;
        if (window != _watched)
        {
            if (_watched != 0 && _watched != _x.Root) _ = Xlib.XSelectInput(_x.Display, _watched, 0);
            _watched = window;
            if (window != 0) _ = Xlib.XSelectInput(_x.Display, window, Xlib.PropertyChangeMask | Xlib.StructureNotifyMask);
        }

        return window == 0 ? WindowFacts.None : FactsOf(window);
    }

    /// <param name="watchEach">Whether changes of each window's properties are reported on this connection from now on.</param>
    public IReadOnlyList<WindowFacts> All(bool watchEach)
    {
        var ids = Longs(_x.Root, _clientList);
        if (watchEach)
            foreach (var id in ids) _ = Xlib.XSelectInput(_x.Display, (nint)id, Xlib.PropertyChangeMask | Xlib.StructureNotifyMask);
        return [.. ids.Select(id => FactsOf((nint)id)).Where(facts => facts.Window != 0)];
    }

    /// <summary>A window manager announced itself as the EWMH asks.</summary>
    public bool HasWindowManager() => Longs(_x.Root, _supportingCheck) is [var check, ..] && check != 0;

    /// <summary>The address of this display's accessibility bus, null if none was announced.</summary>
    public string? AccessibilityBus() => Text(_x.Root, _accessibilityBus);

    private WindowFacts FactsOf(nint window)
    {
        var app = Text(window, _wmClass)?.Split('\0') is [_, { Length: > 0 } name, ..] ? name.ToLowerInvariant() : null;
        var processId = Longs(window, _netWmPid) is [var pid, ..] && pid <= int.MaxValue ? (int)pid : 0;
        var title = Text(window, _netWmName) ?? Text(window, _wmName);
        if (Xlib.XGetGeometry(_x.Display, window, out _, out _, out _, out var width, out var height, out _, out _) == 0
            || Xlib.XTranslateCoordinates(_x.Display, window, _x.Root, 0, 0, out var x, out var y, out _) == 0) return WindowFacts.None;
        return new(window, app, processId, string.IsNullOrEmpty(title) ? null : title, new(x, y, (int)width, (int)height));
    }

    /// <summary>A property of 8 bits per item as text, null if it is missing or of another kind.</summary>
    private unsafe string? Text(nint window, nint property)
    {
        if (Property(window, property, out var format, out var items, out var value) && format == 8)
        {
            var text = Encoding.UTF8.GetString((byte*)value, (int)items);
            _ = Xlib.XFree(value);
            return text;
        }

        if (value != 0) _ = Xlib.XFree(value);
        return null;
    }

    /// <summary>A property of 32 bits per item; Xlib hands each out as a long.</summary>
    private unsafe nuint[] Longs(nint window, nint property)
    {
        nuint[] longs = [];
        if (Property(window, property, out var format, out var items, out var value) && format == 32)
            longs = new ReadOnlySpan<nuint>((void*)value, (int)items).ToArray();
        if (value != 0) _ = Xlib.XFree(value);
        for (var i = 0; i < longs.Length; i++) longs[i] &= uint.MaxValue;
        return longs;
    }

    private bool Property(nint window, nint property, out int format, out nuint items, out nint value)
    {
        value = 0;
        format = 0;
        items = 0;
        return !_x.IsLost && Xlib.XGetWindowProperty(_x.Display, window, property, 0, MaxPropertyLongs, 0, 0, out _, out format, out items, out _, out value) == 0
            && value != 0 && items > 0;
    }
}

/// <summary>What an event on the window connection may have changed.</summary>
internal enum WindowChange
{
    Nothing, Focus, Facts, WindowList, AccessibilityBus, Screen,
}
