using System.Collections.Frozen;
using System.Globalization;

namespace Tutelage.Practice.Participants;

/// <summary>Key names: what the page's steps say, what an X server wants, what a log says.</summary>
internal static class Keysyms
{
    private static readonly FrozenDictionary<char, string> s_signs = new Dictionary<char, string>
    {
        [' '] = "space", ['!'] = "exclam", ['"'] = "quotedbl", ['#'] = "numbersign", ['$'] = "dollar", ['%'] = "percent", ['&'] = "ampersand", ['\''] = "apostrophe",
        ['('] = "parenleft", [')'] = "parenright", ['*'] = "asterisk", ['+'] = "plus", [','] = "comma", ['-'] = "minus", ['.'] = "period", ['/'] = "slash", [':'] = "colon",
        [';'] = "semicolon", ['<'] = "less", ['='] = "equal", ['>'] = "greater", ['?'] = "question", ['@'] = "at", ['['] = "bracketleft", ['\\'] = "backslash",
        [']'] = "bracketright", ['^'] = "asciicircum", ['_'] = "underscore", ['`'] = "grave", ['{'] = "braceleft", ['|'] = "bar", ['}'] = "braceright", ['~'] = "asciitilde",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, (string Keysym, string Canonical)> s_keys = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        ["ArrowUp"] = ("Up", "up"), ["ArrowDown"] = ("Down", "down"), ["ArrowLeft"] = ("Left", "left"), ["ArrowRight"] = ("Right", "right"), ["Home"] = ("Home", "home"),
        ["End"] = ("End", "end"), ["PageUp"] = ("Prior", "pageup"), ["PageDown"] = ("Next", "pagedown"), ["Enter"] = ("Return", "enter"), ["Tab"] = ("Tab", "tab"),
        ["Escape"] = ("Escape", "escape"), ["Backspace"] = ("BackSpace", "backspace"), ["ctrl"] = ("Control_L", "control"), ["alt"] = ("Alt_L", "alt"), ["shift"] = ("Shift_L", "shift"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Rows of a QWERTY keyboard: a slip strikes a neighbour in the row.</summary>
    private static readonly string[] s_rows = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

    public static string OfLetter(char letter) =>
        char.IsAsciiLetterOrDigit(letter) ? letter.ToString() : s_signs.GetValueOrDefault(letter) ?? "U" + ((int)letter).ToString("X4", CultureInfo.InvariantCulture);

    public static string OfKey(string key) => s_keys.TryGetValue(key, out var known) ? known.Keysym : key;

    public static string Canonical(string key) => s_keys.TryGetValue(key, out var known) ? known.Canonical : key.ToLowerInvariant();

    /// <summary>A key beside <paramref name="letter"/>, null for signs and capitals.</summary>
    public static char? Neighbour(char letter, SeededDraw draw)
    {
        var row = s_rows.FirstOrDefault(row => row.Contains(letter));
        if (row is null) return null;
        var at = row.IndexOf(letter, StringComparison.Ordinal);
        return at == 0 ? row[1] : at == row.Length - 1 ? row[at - 1] : row[at + (draw.Chance(0.5) ? 1 : -1)];
    }
}
