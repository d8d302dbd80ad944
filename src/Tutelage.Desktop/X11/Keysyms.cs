using System.Runtime.InteropServices;
using System.Text;

namespace Tutelage.Desktop.X11;

/// <summary>X keysyms: their names, what they write, and dead keys put together.</summary>
internal static unsafe partial class Keysyms
{
    private const string XkbCommon = "libxkbcommon.so.0";

    /// <summary>0 if there is no keysym of that name.</summary>
    public static nuint Parse(string name)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(name.Length) + 1];
        _ = Encoding.UTF8.GetBytes(name, bytes);
        fixed (byte* text = bytes) return Xlib.XStringToKeysym(text);
    }

    public static string NameOf(nuint keysym) => Marshal.PtrToStringUTF8(Xlib.XKeysymToString(keysym)) ?? $"0x{keysym:x}";

    /// <summary>The character that <paramref name="keysym"/> writes, null for keys that write none (Return and Tab included).</summary>
    public static string? TextOf(nuint keysym)
    {
        var scalar = keysym switch
        {
            >= 0x20 and <= 0x7e or >= 0xa0 and <= 0xff => (uint)keysym,
            >= 0x01000100 and <= 0x0110ffff => (uint)keysym - 0x01000000,
            _ => LegacyScalar((uint)keysym),
        };
        return scalar >= 0x20 && scalar != 0x7f && Rune.IsValid(scalar) ? new Rune(scalar).ToString() : null;
    }

    /// <summary>The older keysyms (Latin-2, Greek, Cyrillic, key pad) have code points of their own, which libxkbcommon knows.</summary>
    private static uint LegacyScalar(uint keysym)
    {
        try { return xkb_keysym_to_utf32(keysym); }
        catch (DllNotFoundException) { return 0; }
    }

    [LibraryImport(XkbCommon)] private static partial uint xkb_keysym_to_utf32(uint keysym);

    /// <summary>Dead keys and Compose: several keys that write one text.</summary>
    /// <remarks>Without libxkbcommon, or without a table for the locale, every key stands for itself.</remarks>
    internal sealed unsafe partial class Composition : IDisposable
    {
        private readonly nint _context, _table, _state;

        public Composition()
        {
            try
            {
                _context = xkb_context_new(0);
                if (_context == 0) return;
                var locale = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
                _table = locale is null or "C" or "POSIX" ? 0 : xkb_compose_table_new_from_locale(_context, locale, 0);
                if (_table == 0) _table = xkb_compose_table_new_from_locale(_context, "en_US.UTF-8", 0);
                if (_table != 0) _state = xkb_compose_state_new(_table, 0);
            }
            catch (DllNotFoundException)
            {
            }
        }

        /// <summary>What pressing <paramref name="keysym"/> writes now: null in the middle of a sequence.</summary>
        public string? Press(nuint keysym)
        {
            if (_state == 0) return TextOf(keysym);
            _ = xkb_compose_state_feed(_state, (uint)keysym);
            switch (xkb_compose_state_get_status(_state))
            {
                case ComposeStatus.Composing:
                    return null;
                case ComposeStatus.Composed:
                    var buffer = stackalloc byte[64];
                    var length = xkb_compose_state_get_utf8(_state, buffer, 64);
                    xkb_compose_state_reset(_state);
                    return length is > 0 and < 64 ? Encoding.UTF8.GetString(buffer, length) : null;
                case ComposeStatus.Cancelled:
                    xkb_compose_state_reset(_state);
                    return null;
                default:
                    return TextOf(keysym);
            }
        }

        public void Dispose()
        {
            if (_state != 0) xkb_compose_state_unref(_state);
            if (_table != 0) xkb_compose_table_unref(_table);
            if (_context != 0) xkb_context_unref(_context);
        }

        private enum ComposeStatus
        {
            Nothing, Composing, Composed, Cancelled,
        }

        [LibraryImport(XkbCommon)] private static partial nint xkb_context_new(int flags);
        [LibraryImport(XkbCommon)] private static partial void xkb_context_unref(nint context);
        [LibraryImport(XkbCommon, StringMarshalling = StringMarshalling.Utf8)] private static partial nint xkb_compose_table_new_from_locale(nint context, string locale, int flags);
        [LibraryImport(XkbCommon)] private static partial void xkb_compose_table_unref(nint table);
        [LibraryImport(XkbCommon)] private static partial nint xkb_compose_state_new(nint table, int flags);
        [LibraryImport(XkbCommon)] private static partial void xkb_compose_state_unref(nint state);
        [LibraryImport(XkbCommon)] private static partial int xkb_compose_state_feed(nint state, uint keysym);
        [LibraryImport(XkbCommon)] private static partial ComposeStatus xkb_compose_state_get_status(nint state);
        [LibraryImport(XkbCommon)] private static partial void xkb_compose_state_reset(nint state);
        [LibraryImport(XkbCommon)] private static partial int xkb_compose_state_get_utf8(nint state, byte* buffer, nuint size);
    }
}
