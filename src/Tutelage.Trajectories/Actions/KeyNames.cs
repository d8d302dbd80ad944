namespace Tutelage.Trajectories;

/// <summary>Canonical key names and their order in a chord.</summary>
internal static class KeyNames
{
    private static readonly (KeyModifiers Flag, string Name)[] Ordered =
    [
        (KeyModifiers.Control, "control"), (KeyModifiers.Alt, "alt"), (KeyModifiers.Shift, "shift"), (KeyModifiers.Super, "super"), (KeyModifiers.AltGr, "altgr"),
    ];

    /// <summary>The flag of a modifier key, <see cref="KeyModifiers.None"/> for any other key.</summary>
    public static KeyModifiers ModifierOf(string key) => key switch
    {
        "control" => KeyModifiers.Control,
        "alt" => KeyModifiers.Alt,
        "shift" => KeyModifiers.Shift,
        "super" => KeyModifiers.Super,
        "altgr" => KeyModifiers.AltGr,
        _ => KeyModifiers.None,
    };

    /// <summary>Keys that are no action by themselves.</summary>
    public static bool IsModifierOrLock(string key) => ModifierOf(key) != KeyModifiers.None || key is "capslock" or "numlock" or "scrolllock";

    public static IReadOnlyList<string> Chord(KeyModifiers modifiers, string? key)
    {
        if (modifiers == KeyModifiers.None) return key is null ? [] : [key];
        var keys = new List<string>(3);
        foreach (var (flag, name) in Ordered)
        {
            if (modifiers.HasFlag(flag)) keys.Add(name);
        }

        if (key is not null) keys.Add(key);
        return keys;
    }
}
