using System.Text.Json;
using Tutelage.Recording.Events;

namespace Tutelage.Trajectories.Importing;

/// <summary>DuckTrack's and AgentNet's <c>events.jsonl</c>: one raw event a line, times in seconds, keys by pynput's names.</summary>
/// <remarks>No elements and no frames: targets are not observed. Bounded: a line is at most 64 KiB, a recording at most 20 million events.</remarks>
public static class DuckTrackRecording
{
    /// <param name="skipped">Lines that were left out because they are no event.</param>
    /// <exception cref="ImportFormatException">Not a single line is an event, or a bound is passed.</exception>
    public static SessionTimeline Read(Stream lines, out int skipped)
    {
        var input = new List<InputEvent>();
        var texts = new List<Placed<TypedText>>();
        var typing = new TypingCollector(input, texts);
        var modifiers = KeyModifiers.None;
        var caps = false;
        double? origin = null;
        var latest = 0L;
        skipped = 0;
        var number = 0L;
        using var reader = new BoundedLines(lines, MaxLineBytes);
        while (reader.Next(out var line))
        {
            number++;
            if (line.IsEmpty) continue;
            if (input.Count >= MaxEvents) throw new ImportFormatException($"more than {MaxEvents} events; split the recording", number);
            if (!TryParse(line, out var raw))
            {
                skipped++;
                continue;
            }

            origin ??= raw.Seconds;
            latest = Math.Max(latest, (long)Math.Clamp((raw.Seconds - origin.Value) * 1000, 0, 1e12));
            var time = new SessionTime(latest);
            var at = new ScreenPoint(raw.X, raw.Y);
            switch (raw.Action)
            {
                case "move":
                    input.Add(new PointerMoved(time, at));
                    break;
                case "click" when ButtonOf(raw.Name) is { } button:
                    if (raw.Pressed) typing.Clicked(-1, null, 1);
                    input.Add(new ButtonChanged(time, button, raw.Pressed, at, modifiers));
                    break;
                case "scroll":
                    input.Add(new Scrolled(time, raw.Dx, -raw.Dy, at, modifiers));
                    break;
                case "press" when raw.Name.Length > 0:
                    var key = KeyOf(raw.Name);
                    if (key == "capslock") caps = !caps;
                    typing.Down(time, key, LettersOf(raw.Name, modifiers, caps), modifiers, -1, null, edits: true);
                    modifiers |= KeyNames.ModifierOf(key);
                    break;
                case "release" when raw.Name.Length > 0:
                    modifiers &= ~KeyNames.ModifierOf(KeyOf(raw.Name));
                    typing.Up(time, KeyOf(raw.Name), modifiers);
                    break;
                default:
                    skipped++;
                    break;
            }
        }

        typing.EndRun();
        if (input.Count == 0) throw new ImportFormatException("not a single line is a raw event; is this events.jsonl?", -1);
        var assembly = new TimelineAssembly("import", default);
        foreach (var one in input) assembly.Add(one);
        return assembly.InOrder(texts, [], []);
    }

    private static bool TryParse(ReadOnlySpan<byte> line, out RawEvent raw)
    {
        raw = default;
        string? action = null, name = null;
        double? seconds = null;
        double x = 0, y = 0, dx = 0, dy = 0;
        var pressed = false;
        try
        {
            var json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 8 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var property = json.GetString();
                json.Read();
                switch (property)
                {
                    case "time_stamp" when json.TokenType == JsonTokenType.Number: seconds = json.GetDouble(); break;
                    case "action" when json.TokenType == JsonTokenType.String: action = json.GetString(); break;
                    case "button" or "name" when json.TokenType == JsonTokenType.String: name = json.GetString(); break;
                    case "pressed": pressed = json.TokenType == JsonTokenType.True; break;
                    case "x" when json.TokenType == JsonTokenType.Number: x = json.GetDouble(); break;
                    case "y" when json.TokenType == JsonTokenType.Number: y = json.GetDouble(); break;
                    case "dx" when json.TokenType == JsonTokenType.Number: dx = json.GetDouble(); break;
                    case "dy" when json.TokenType == JsonTokenType.Number: dy = json.GetDouble(); break;
                    default: json.Skip(); break;
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }

        if (seconds is not { } at || !double.IsFinite(at) || action is null) return false;
        raw = new(at, action, name ?? "", pressed, Pixel(x), Pixel(y), Pixel(dx), Pixel(dy));
        return true;
    }

    private static int Pixel(double value) => (int)Math.Clamp(Math.Floor(value), -1_000_000, 1_000_000);

    private static PointerButton? ButtonOf(string name) => name switch
    {
        "left" => PointerButton.Left, "middle" => PointerButton.Middle, "right" => PointerButton.Right,
        "x1" or "button8" => PointerButton.Back, "x2" or "button9" => PointerButton.Forward, _ => null,
    };

    private static string KeyOf(string name) => name switch
    {
        "cmd" or "cmd_l" or "cmd_r" or "win" => "super",
        "ctrl" or "ctrl_l" or "ctrl_r" => "control",
        "alt_l" or "alt_r" or "option" => "alt",
        "alt_gr" => "altgr",
        "shift_l" or "shift_r" => "shift",
        "caps_lock" => "capslock",
        "num_lock" => "numlock",
        "page_up" => "pageup",
        "page_down" => "pagedown",
        "esc" => "escape",
        "return" => "enter",
        _ => name.ToLowerInvariant(),
    };

    private static string? LettersOf(string name, KeyModifiers modifiers, bool caps)
    {
        if ((modifiers & (KeyModifiers.Control | KeyModifiers.Alt | KeyModifiers.Super)) != KeyModifiers.None) return null;
        if (name == "space") return " ";
        if (name.Length != 1) return null;
        return modifiers.HasFlag(KeyModifiers.Shift) != caps && char.IsAsciiLetterLower(name[0]) ? name.ToUpperInvariant() : name;
    }

    private readonly record struct RawEvent(double Seconds, string Action, string Name, bool Pressed, int X, int Y, int Dx, int Dy);

    private const int MaxLineBytes = 64 * 1024;
    private const int MaxEvents = 20_000_000;
}
