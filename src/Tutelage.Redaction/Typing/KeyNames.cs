using System.Collections.Frozen;
using Tutelage.Recording;

namespace Tutelage.Redaction.Typing;

/// <summary>X keysym names to the names that are stored.</summary>
internal static class KeyNames
{
    public const KeyModifiers Command = KeyModifiers.Control | KeyModifiers.Alt | KeyModifiers.Super;

    /// <summary>Keys that write nothing; a name that is not here and has no command modifier is treated as a letter.</summary>
    private static readonly FrozenDictionary<string, string> Plain = Pairs(
        "Return enter KP_Enter enter ISO_Enter enter Tab tab ISO_Left_Tab tab KP_Tab tab Escape escape BackSpace backspace Delete delete KP_Delete delete Insert insert KP_Insert insert "
        + "Home home KP_Home home End end KP_End end Prior pageup Page_Up pageup KP_Prior pageup KP_Page_Up pageup Next pagedown Page_Down pagedown KP_Next pagedown KP_Page_Down pagedown "
        + "Up up KP_Up up Down down KP_Down down Left left KP_Left left Right right KP_Right right Begin begin KP_Begin begin Menu menu Print print Sys_Req print Pause pause Break pause "
        + "Cancel cancel Undo undo Redo redo Find find Help help Select select Scroll_Lock scrolllock "
        + "Control_L control Control_R control Alt_L alt Alt_R alt Meta_L alt Meta_R alt Super_L super Super_R super Hyper_L super Hyper_R super");

    /// <summary>Keys that only change what the next one writes; with text they are part of it, and their timing tells its capitals.</summary>
    private static readonly FrozenSet<string> TextModifiers = FrozenSet.Create(
        StringComparer.Ordinal, "Shift_L", "Shift_R", "Shift_Lock", "Caps_Lock", "ISO_Level3_Shift", "ISO_Level3_Latch", "ISO_Level5_Shift", "Mode_switch", "Num_Lock", "ISO_Next_Group", "ISO_Prev_Group");

    public static bool IsTextModifier(string key) => TextModifiers.Contains(key);

    /// <summary>The stored name of a key that writes nothing; null for everything else.</summary>
    public static string? Named(string key)
    {
        if (Plain.TryGetValue(key, out var name)) return name;
        if (key.Length is 2 or 3 && key[0] == 'F' && int.TryParse(key.AsSpan(1), System.Globalization.NumberStyles.None, null, out var number) && number is >= 1 and <= 35) return key.ToLowerInvariant();
        return key.StartsWith("XF86", StringComparison.Ordinal) && key.Length <= 40 ? key.ToLowerInvariant() : null;
    }

    /// <summary>The stored name of any key pressed with Control, Alt or Super.</summary>
    public static string OfShortcut(string key) => Named(key) ?? key.ToLowerInvariant();

    private static FrozenDictionary<string, string> Pairs(string words)
    {
        var parts = words.Split(' ');
        return Enumerable.Range(0, parts.Length / 2).ToFrozenDictionary(i => parts[i * 2], i => parts[i * 2 + 1], StringComparer.Ordinal);
    }
}
