namespace Tutelage.Recording.Segments;

/// <summary>Key names that a batch refers to by number (docs/formats/batches.md, table of keys). Only ever appended to.</summary>
internal static class KeyNames
{
    public static readonly string[] Known =
    [
        "enter", "tab", "escape", "backspace", "delete", "space", "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert",
        "shift", "control", "alt", "super", "altgr", "capslock", "numlock", "menu",
        "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z",
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "plus", "minus", "equal", "comma", "period", "slash",
    ];

    public static readonly IReadOnlyDictionary<string, int> Numbers = Known.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index);
}
