using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Typing;

/// <summary>A run of typing before any decision about its text. RAM only.</summary>
/// <param name="Text">What it left behind.</param>
/// <param name="Raw">All that it wrote, corrections undone: what stood on the screen in between.</param>
/// <param name="Observed">The field's whole value afterwards, null if it was not observed.</param>
/// <param name="IsCertain">The text is known letter by letter: no dead keys, no unknown key, no unknown field.</param>
internal sealed record RawRun(
    MonotonicTime Time, MonotonicTime End, KeyTarget Target, string Text, string Raw, string? Observed, int Keystrokes, bool Corrected, bool IsCertain)
{
    public override string ToString() => nameof(RawRun);
}

/// <summary>A key that is kept.</summary>
internal readonly record struct KeptKey(MonotonicTime Time, string Key, KeyModifiers Modifiers, bool Down);

/// <summary>Turns keys into runs of typing and keys that are kept.</summary>
/// <remarks>
/// Replaying the result in order (a run typed at once where it begins, then the keys) does what the hands did. Corrections inside a run belong to it;
/// a shortcut, a click, Enter, Tab, Escape, Up or Down ends it. A letter never becomes a kept key without Control, Alt or Super.
/// </remarks>
internal sealed class KeyScript(FocusTrail focus, Dictionary<string, (string Key, KeyModifiers Modifiers)> keysDown)
{
    /// <summary>A run longer than this is cut: somebody leans on a key.</summary>
    private const int MaxKeystrokes = 4096;

    /// <summary>Accessibility's word against the simulated one counts from here on: before, the app may not have told it yet.</summary>
    private static readonly TimeSpan ValueSettles = TimeSpan.FromMilliseconds(150);

    private readonly List<CapturedKey> _navigation = [];
    private Draft? _draft;

    public List<RawRun> Runs { get; } = [];

    public List<KeptKey> Kept { get; } = [];

    /// <summary>Captured key events that became part of what is stored.</summary>
    public int Accounted { get; private set; }

    public void Add(CapturedKey key)
    {
        Accounted++;
        if (!key.Down)
        {
            if (keysDown.Remove(key.Key, out var down) || (key.Key.Length == 1 && keysDown.Remove(key.Key.ToUpperInvariant(), out down)) || (key.Key.Length == 1 && keysDown.Remove(key.Key.ToLowerInvariant(), out down)))
                Kept.Add(new(key.Time, down.Key, down.Modifiers, false));
            return;
        }

        if (KeyNames.IsTextModifier(key.Key)) return;
        var command = (key.Modifiers & KeyNames.Command) != KeyModifiers.None && key.Text is null;
        var named = KeyNames.Named(key.Key);
        if (command || (named is not null && named is not ("backspace" or "delete" or "left" or "right" or "home" or "end")))
        {
            Close();
            Keep(key);
            return;
        }

        if (named is null && key.Text is null or "")
        {
            Write(key, "", certain: false);
            return;
        }

        if (named is null)
        {
            Write(key, key.Text!, certain: true);
            return;
        }

        Edit(key, named);
    }

    /// <summary>Ends the run in progress; movements that nothing followed are kept as keys.</summary>
    public void Close()
    {
        if (_draft is { } draft)
        {
            _draft = null;
            Runs.Add(Finish(draft));
        }

        foreach (var key in _navigation) Keep(key);
        _navigation.Clear();
    }

    private void Keep(CapturedKey key)
    {
        var stored = (key.Modifiers & KeyNames.Command) != KeyModifiers.None ? KeyNames.OfShortcut(key.Key) : KeyNames.Named(key.Key) ?? key.Key.ToLowerInvariant();
        if (keysDown.Count > 64) keysDown.Clear();
        keysDown[key.Key] = (stored, key.Modifiers);
        Kept.Add(new(key.Time, stored, key.Modifiers, true));
    }

    private void Write(CapturedKey key, string text, bool certain)
    {
        var target = focus.At(_draft?.Start ?? key.Time, key.Time);
        if (text == " " && target.Element is not null && !target.IsEditable)
        {
            Close();
            keysDown[key.Key] = ("space", key.Modifiers);
            Kept.Add(new(key.Time, "space", key.Modifiers, true));
            return;
        }

        _draft ??= Begin(key, target);
        _navigation.Clear();
        _draft.Keystrokes++;
        _draft.End = key.Time;
        _draft.IsCertain &= certain;
        _draft.Buffer.Insert(text);
        _draft.Raw.Append(text);
        if (_draft.Keystrokes >= MaxKeystrokes) Close();
    }

    private void Edit(CapturedKey key, string named)
    {
        if (_draft is null)
        {
            Keep(key);
            return;
        }

        var select = key.Modifiers.HasFlag(KeyModifiers.Shift);
        var buffer = _draft.Buffer;
        var inside = named switch
        {
            "backspace" => buffer.Backspace(),
            "delete" => buffer.Delete(),
            "left" => buffer.Left(select),
            "right" => buffer.Right(select),
            "home" => buffer.Home(select),
            _ => buffer.End(select),
        };
        if (!inside)
        {
            Close();
            Keep(key);
        }
        else if (named is "backspace" or "delete")
        {
            _navigation.Clear();
            _draft.Keystrokes++;
            _draft.End = key.Time;
        }
        else _navigation.Add(key);
    }

    private Draft Begin(CapturedKey key, KeyTarget target)
    {
        var before = target.Element is { } element ? focus.ValueBefore(element.Id, key.Time) : null;
        var whole = before is "" && target.Element?.States.HasFlag(ElementStates.MultiLine) == false;
        return new(key.Time, before, new(whole));
    }

    private RawRun Finish(Draft draft)
    {
        var target = focus.At(draft.Start, draft.End);
        var typed = draft.Buffer.Text;
        var text = typed;
        string? observed = null;
        if (target.Element is { } element && target.IsEditable && !target.IsProtected && focus.ValueAfter(element.Id, draft.End) is { } after)
        {
            observed = after.Value;
            var settled = after.Time - draft.End >= ValueSettles;
            if (settled && !after.Value.Contains(typed, StringComparison.Ordinal)) text = Difference(draft.Before, after.Value);
        }

        return new(draft.Start, draft.End, target, text, draft.Raw.ToString(), observed, draft.Keystrokes, draft.Buffer.Corrected, draft.IsCertain || (observed is not null && observed == text));
    }

    /// <summary>What stands in <paramref name="after"/> and did not in <paramref name="before"/>; all of it where that was not observed.</summary>
    private static string Difference(string? before, string after)
    {
        if (string.IsNullOrEmpty(before)) return after;
        var start = before.AsSpan().CommonPrefixLength(after);
        var end = 0;
        while (end < Math.Min(before.Length, after.Length) - start && before[^(end + 1)] == after[^(end + 1)]) end++;
        var middle = after[start..^end];
        return middle.Length > 0 ? middle : after;
    }

    private sealed class Draft(MonotonicTime start, string? before, EditBuffer buffer)
    {
        public MonotonicTime Start { get; } = start;
        public MonotonicTime End { get; set; } = start;
        public string? Before { get; } = before;
        public EditBuffer Buffer { get; } = buffer;
        public System.Text.StringBuilder Raw { get; } = new();
        public int Keystrokes { get; set; }
        public bool IsCertain { get; set; } = true;
    }
}
