using Tutelage.Recording.Events;

namespace Tutelage.Trajectories.Importing;

/// <summary>Turns raw keys into what our own recordings store: runs of typing with their text, and keys that write nothing.</summary>
/// <remarks>A run stands in the order where its first key was, so that what was seen while typing comes behind it.</remarks>
internal sealed class TypingCollector(List<InputEvent> input, List<Placed<TypedText>> texts)
{
    private readonly Dictionary<int, FieldEdit> _fields = [];
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private FieldEdit? _edit;
    private int _slot;
    private int _field;
    private int _keystrokes;
    private int _runs;
    private SessionTime _start;
    private SessionTime _end;

    public bool IsTyping => _edit is not null;

    /// <summary>Called with a run's place in the input and its field as it was left.</summary>
    public Action<int, FieldEdit>? OnRunEnded { get; init; }

    /// <param name="letters">What the key writes, null if nothing.</param>
    /// <param name="field">Id of the field that has the focus, -1 if not observed.</param>
    /// <param name="value">What the field holds before this key; null if not observed.</param>
    /// <param name="edits">False if the field is no plain text field: carets and selections mean something else there.</param>
    public void Down(SessionTime time, string key, string? letters, KeyModifiers modifiers, int field, string? value, bool edits)
    {
        if (_edit is not null && (_field != field || time - _end > MaxRestMs)) EndRun();
        if (letters is not null)
        {
            var run = _edit ?? BeginRun(time, field, value);
            run.Insert(letters);
            Count(time, key);
            return;
        }

        var shift = modifiers.HasFlag(KeyModifiers.Shift);
        if ((modifiers & ~(KeyModifiers.Shift | KeyModifiers.Control)) == KeyModifiers.None && edits && key is "backspace" or "delete" or "left" or "right" or "home" or "end")
        {
            var begins = key is "backspace" or "delete";
            if (_edit is not null || begins)
            {
                (_edit ?? BeginRun(time, field, value)).TryKey(key, shift, modifiers.HasFlag(KeyModifiers.Control));
                Count(time, key);
                return;
            }

            Field(field, value).TryKey(key, shift, modifiers.HasFlag(KeyModifiers.Control));
        }

        if (KeyNames.IsModifierOrLock(key))
        {
            // Shift belongs to the letters it makes; it neither ends a run nor is it stored between them.
            if (key is "shift" or "altgr" or "capslock" or "numlock") return;
        }
        else
        {
            EndRun();
            if (modifiers == KeyModifiers.Control && key == "a" && edits) Field(field, value).SelectAll();
        }

        input.Add(new KeyChanged(time, key, modifiers, Down: true));
    }

    public void Up(SessionTime time, string key, KeyModifiers modifiers)
    {
        if (_written.Remove(key) || key is "shift" or "altgr" or "capslock" or "numlock") return;
        input.Add(new KeyChanged(time, key, modifiers, Down: false));
    }

    public void EndRun()
    {
        if (_edit is not { } edit) return;
        _edit = null;
        var typed = edit.Typed;
        input[_slot] = new TypedRun(_start, _end, _runs, _field, ShapeOf(typed), TextShape.LengthClassOf(_keystrokes), edit.Corrected);
        texts.Add(new(_slot, new(_start, _runs, typed, Surrogate: false)));
        _runs++;
        OnRunEnded?.Invoke(_slot, edit);
    }

    /// <summary>The pointer was used in a field: a double click selects a word, three select all, one puts the caret somewhere.</summary>
    public void Clicked(int field, string? value, int clicks)
    {
        EndRun();
        var edit = Field(field, value);
        if (clicks >= 3) edit.SelectAll();
        else if (clicks == 2) edit.SelectWord();
        else edit.PutCaretAtEnd();
    }

    /// <summary>The keyboard came to a field: browsers select what it holds.</summary>
    public void Tabbed(int field, string? value) => Field(field, value).SelectAll();

    private FieldEdit BeginRun(SessionTime time, int field, string? value)
    {
        _edit = Field(field, value);
        _edit.BeginRun();
        (_slot, _field, _start, _end, _keystrokes) = (input.Count, field, time, time, 0);
        input.Add(new TypedRun(time, time, _runs, field, default, 0, Corrected: false));
        return _edit;
    }

    private void Count(SessionTime time, string key)
    {
        _keystrokes++;
        _end = time;
        _written.Add(key);
    }

    private FieldEdit Field(int field, string? value)
    {
        if (_fields.TryGetValue(field, out var edit) && field >= 0 && (value is null || edit.Value == value)) return edit;
        return _fields[field] = new(value ?? "");
    }

    internal static TextShape ShapeOf(string text)
    {
        var kind = text.Length == 0 ? TextKind.Unknown
            : text.All(char.IsAsciiDigit) ? TextKind.Number
            : text.Contains('@', StringComparison.Ordinal) ? TextKind.Address
            : !text.Any(char.IsWhiteSpace) ? text.All(char.IsLetter) ? TextKind.Word : TextKind.Identifier
            : text.Split(' ').Length > 12 ? TextKind.Prose : TextKind.Words;
        return new(TextShape.LengthClassOf(text.Length), kind);
    }

    /// <summary>As the recorder does: typing waits at most this long for its next key.</summary>
    private const int MaxRestMs = 30_000;
}
