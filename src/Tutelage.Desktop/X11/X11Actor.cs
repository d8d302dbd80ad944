using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.X11;

/// <summary>Acts through XTEST: the server treats it as devices of its own, so everything that watches input sees it. Never warps the pointer.</summary>
internal sealed unsafe class X11Actor : IDesktopActor
{
    private const int ShiftLevel = 1, LevelsRead = 8;

    private readonly XConnection _x;
    private readonly Dictionary<string, (byte Keycode, byte Modifier)> _held = [];
    private readonly Dictionary<byte, nuint> _borrowed = [];
    private readonly Queue<byte> _borrowOrder = new();
    private ScreenReader? _reader;

    public X11Actor(string display)
    {
        _x = XConnection.OpenOrThrow(display);
        if (Xlib.XTestQueryExtension(_x.Display, out _, out _, out _, out _) != 0) return;
        _x.Dispose();
        throw new DesktopUnavailableException(display, "its X server lacks the XTEST extension");
    }

    public ScreenSize Screen => _x.Screen;

    public ScreenPoint Position
    {
        get
        {
            _ = Xlib.XQueryPointer(_x.Display, _x.Root, out _, out _, out var x, out var y, out _, out _, out _);
            _x.ThrowIfLost();
            return new(x, y);
        }
    }

    public void Move(ScreenPoint position)
    {
        _ = Xlib.XTestFakeMotionEvent(_x.Display, _x.ScreenNumber, position.X, position.Y, 0);
        Arrive();
    }

    public void Button(PointerButton button, bool down)
    {
        _ = Xlib.XTestFakeButtonEvent(_x.Display, (uint)button, down ? 1 : 0, 0);
        Arrive();
    }

    public void Scroll(int dx, int dy)
    {
        Notches(dy < 0 ? 4u : 5u, Math.Abs(dy));
        Notches(dx < 0 ? 6u : 7u, Math.Abs(dx));
        Arrive();
    }

    public void Key(string keysym, bool down)
    {
        if (down) Press(keysym);
        else Release(keysym);
        Arrive();
    }

    public ScreenImage Grab()
    {
        _reader ??= new(_x);
        var image = ScreenImage.Rent(_reader.Size, _reader.Size.Bounds);
        try
        {
            _reader.Update(image.Damage, image.Pixels);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Releases what is still held and gives borrowed keys back.</summary>
    public void Dispose()
    {
        if (!_x.IsLost)
        {
            foreach (var key in _held.Keys.ToList()) Release(key);
            foreach (var keycode in _borrowed.Keys) Map(keycode, 0);
            _ = Xlib.XSync(_x.Display, 0);
        }

        _reader?.Dispose();
        _x.Dispose();
    }

    private void Notches(uint button, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _ = Xlib.XTestFakeButtonEvent(_x.Display, button, 1, 0);
            _ = Xlib.XTestFakeButtonEvent(_x.Display, button, 0, 0);
        }
    }

    private void Press(string name)
    {
        if (_held.TryGetValue(name, out var held))
        {
            _ = Xlib.XTestFakeKeyEvent(_x.Display, held.Keycode, 1, 0);
            return;
        }

        var keysym = Keysyms.Parse(name);
        if (keysym == 0) throw new ArgumentException($"'{name}' is no X keysym; use names such as a, Return, eacute or U0107", nameof(name));
        var (keycode, modifier) = Locate(keysym);
        if (modifier != 0) _ = Xlib.XTestFakeKeyEvent(_x.Display, modifier, 1, 0);
        _ = Xlib.XTestFakeKeyEvent(_x.Display, keycode, 1, 0);
        _held[name] = (keycode, modifier);
    }

    private void Release(string name)
    {
        if (!_held.Remove(name, out var held)) return;
        _ = Xlib.XTestFakeKeyEvent(_x.Display, held.Keycode, 0, 0);
        if (held.Modifier != 0) _ = Xlib.XTestFakeKeyEvent(_x.Display, held.Modifier, 0, 0);
    }

    /// <summary>The key that gives <paramref name="keysym"/> now, with the modifier that must go with it (0 if none).</summary>
    private (byte Keycode, byte Modifier) Locate(nuint keysym)
    {
        Xlib.XkbState state;
        _ = Xlib.XkbGetState(_x.Display, 0x100, &state);
        var shiftHeld = (state.Mods & 1) != 0;
        _ = Xlib.XDisplayKeycodes(_x.Display, out var minimum, out var maximum);
        var mapping = Xlib.XGetKeyboardMapping(_x.Display, (byte)minimum, maximum - minimum + 1, out var levels);
        _x.ThrowIfLost();
        try
        {
            // Levels of the core mapping: group 1 plain and shifted, group 2 plain and shifted, then the third level (AltGr) plain and shifted.
            var firstLevel = state.Group == 1 && levels > 3 ? 2 : 0;
            (int Keycode, int Level)? best = null;
            for (var keycode = minimum; keycode <= maximum; keycode++)
            {
                var row = new ReadOnlySpan<nuint>(mapping + (keycode - minimum) * levels, levels);
                for (var level = 0; level < Math.Min(levels, LevelsRead); level++)
                {
                    var rank = level == firstLevel ? 0 : level == firstLevel + 1 ? ShiftLevel : level is 4 or 5 ? level - 2 : -1;
                    if (rank < 0 || row[level] != keysym) continue;
                    if (best is null || rank < best.Value.Level) best = (keycode, rank);
                }
            }

            return best switch
            {
                (var keycode, 0) => ((byte)keycode, 0),
                (var keycode, ShiftLevel) => ((byte)keycode, shiftHeld ? (byte)0 : KeycodeOf("Shift_L")),
                (var keycode, 2) when KeycodeOf("ISO_Level3_Shift") is var altGr and not 0 => ((byte)keycode, (state.Mods & 128) != 0 ? (byte)0 : altGr),
                _ => (Borrow(keysym, mapping, levels, minimum, maximum), 0),
            };

            byte KeycodeOf(string name)
            {
                var wanted = Keysyms.Parse(name);
                for (var keycode = minimum; keycode <= maximum; keycode++)
                    if (mapping[(keycode - minimum) * levels] == wanted) return (byte)keycode;
                return 0;
            }
        }
        finally
        {
            _ = Xlib.XFree((nint)mapping);
        }
    }

    /// <summary>Puts <paramref name="keysym"/> on a key that has none.</summary>
    /// <remarks>
    /// It stays there until the actor is disposed or all unused keys are taken: programs look the key up some time after the
    /// event, so a mapping that was taken back at once would write another letter, or none.
    /// </remarks>
    private byte Borrow(nuint keysym, nuint* mapping, int levels, int minimum, int maximum)
    {
        foreach (var (keycode, borrowed) in _borrowed)
            if (borrowed == keysym) return keycode;
        byte chosen = 0;
        for (var keycode = maximum; keycode >= minimum && chosen == 0; keycode--)
        {
            var row = new ReadOnlySpan<nuint>(mapping + (keycode - minimum) * levels, levels);
            if (!row.ContainsAnyExcept((nuint)0) && !_borrowed.ContainsKey((byte)keycode)) chosen = (byte)keycode;
        }

        if (chosen == 0 && !_borrowOrder.TryDequeue(out chosen))
            throw new DesktopUnavailableException(_x.Name, "every key of the layout is in use, so no other character can be typed");
        _borrowOrder.Enqueue(chosen);
        _borrowed[chosen] = keysym;
        Map(chosen, keysym);
        _ = Xlib.XSync(_x.Display, 0);
        return chosen;
    }

    private void Map(byte keycode, nuint keysym)
    {
        var both = stackalloc nuint[2] { keysym, keysym };
        _ = Xlib.XChangeKeyboardMapping(_x.Display, keycode, 2, both, 1);
    }

    private void Arrive()
    {
        _ = Xlib.XSync(_x.Display, 0);
        _x.ThrowIfLost();
    }
}
