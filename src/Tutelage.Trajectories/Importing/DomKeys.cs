namespace Tutelage.Trajectories.Importing;

/// <summary>Names of the DOM's legacy key codes (W3C UI Events, appendix on legacy key attributes).</summary>
internal static class DomKeys
{
    public static string NameOf(int code) => code switch
    {
        8 => "backspace", 9 => "tab", 13 => "enter", 16 => "shift", 17 => "control", 18 => "alt", 19 => "pause", 20 => "capslock", 27 => "escape",
        32 => "space", 33 => "pageup", 34 => "pagedown", 35 => "end", 36 => "home", 37 => "left", 38 => "up", 39 => "right", 40 => "down",
        45 => "insert", 46 => "delete", 91 or 92 or 93 => "super", 144 => "numlock", 145 => "scrolllock", 225 => "altgr",
        >= 48 and <= 57 or >= 65 and <= 90 => ((char)code).ToString().ToLowerInvariant(),
        >= 96 and <= 105 => ((char)('0' + code - 96)).ToString(),
        >= 112 and <= 123 => $"f{code - 111}",
        _ => $"code{code}",
    };
}
