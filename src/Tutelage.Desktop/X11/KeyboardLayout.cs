using Tutelage.Recording;

namespace Tutelage.Desktop.X11;

/// <summary>Which keysym a key means under the modifiers and layout group of the moment. Follows changes of the layout.</summary>
internal sealed class KeyboardLayout
{
    private const uint Shift = 1, Control = 4, Mod1 = 8, Mod4 = 64, Mod5 = 128;
    private const uint UseCoreKeyboard = 0x100;
    private const nuint NewKeyboardNotify = 1, MapNotify = 2;

    private readonly nint _display;
    private readonly int _xkbEvent;

    public KeyboardLayout(XConnection connection)
    {
        _display = connection.Display;
        int major = 1, minor = 0;
        if (Xlib.XkbQueryExtension(_display, out _, out _xkbEvent, out _, ref major, ref minor) == 0)
            throw new DesktopUnavailableException(connection.Name, "its X server lacks the XKB extension");
        _ = Xlib.XkbSelectEvents(_display, UseCoreKeyboard, NewKeyboardNotify | MapNotify, NewKeyboardNotify | MapNotify);
    }

    /// <summary>Takes in <paramref name="event"/> if it tells of a new layout.</summary>
    public unsafe void Follow(Xlib.XEvent* @event)
    {
        if (@event->Type == Xlib.MappingNotify) _ = Xlib.XRefreshKeyboardMapping(@event);
        else if (@event->Type == _xkbEvent) _ = Xlib.XkbRefreshKeyboardMapping(@event);
    }

    /// <param name="state">As in a core event: modifiers in bits 0 to 7, group in bits 13 and 14.</param>
    public nuint Lookup(byte keycode, uint state) =>
        Xlib.XkbLookupKeySym(_display, keycode, state & 0x60ff, out _, out var keysym) != 0 ? keysym : 0;

    public static KeyModifiers Modifiers(uint state) =>
        ((state & Shift) != 0 ? KeyModifiers.Shift : KeyModifiers.None) | ((state & Control) != 0 ? KeyModifiers.Control : KeyModifiers.None) |
        ((state & Mod1) != 0 ? KeyModifiers.Alt : KeyModifiers.None) | ((state & Mod4) != 0 ? KeyModifiers.Super : KeyModifiers.None) |
        ((state & Mod5) != 0 ? KeyModifiers.AltGr : KeyModifiers.None);
}
