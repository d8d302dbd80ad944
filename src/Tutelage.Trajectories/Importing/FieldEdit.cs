using System.Text;

namespace Tutelage.Trajectories.Importing;

/// <summary>One text field as keys edit it: its text, the caret, the selection, and which letters were typed.</summary>
/// <remarks>For recordings that hold raw keys. Ours hold runs that were resolved on the recording machine.</remarks>
internal sealed class FieldEdit
{
    private readonly List<(char Letter, bool Typed)> _text = [];
    private int _caret;
    private int _anchor;

    public FieldEdit(string value)
    {
        foreach (var letter in value) _text.Add((letter, false));
        _caret = _anchor = _text.Count;
    }

    /// <summary>A letter that was there or had been typed was taken away.</summary>
    public bool Corrected { get; private set; }

    public string Value => Letters(_text);

    /// <summary>What remains of what was typed since <see cref="BeginRun"/>.</summary>
    public string Typed => Letters(_text.Where(letter => letter.Typed));

    public void BeginRun()
    {
        for (var at = 0; at < _text.Count; at++) _text[at] = (_text[at].Letter, false);
        Corrected = false;
    }

    public void Insert(string letters)
    {
        RemoveSelection();
        foreach (var letter in letters) _text.Insert(_caret++, (letter, true));
        _anchor = _caret;
    }

    public void SelectAll() => (_anchor, _caret) = (0, _text.Count);

    /// <summary>A double click somewhere in the field: the only word, or where there are more, the last.</summary>
    public void SelectWord()
    {
        _caret = _text.Count;
        _anchor = _text.FindLastIndex(letter => char.IsWhiteSpace(letter.Letter)) + 1;
    }

    public void PutCaretAtEnd() => _caret = _anchor = _text.Count;

    /// <summary>False if the key edits nothing and moves no caret.</summary>
    public bool TryKey(string key, bool shift, bool word)
    {
        switch (key)
        {
            case "backspace" when _caret == _anchor:
                if (_caret == 0) return true;
                Remove(word ? WordLeft() : _caret - 1, _caret);
                return true;
            case "delete" when _caret == _anchor:
                if (_caret == _text.Count) return true;
                Remove(_caret, word ? WordRight() : _caret + 1);
                return true;
            case "backspace" or "delete": RemoveSelection(); return true;
            case "left": Go(!shift && _caret != _anchor ? Math.Min(_caret, _anchor) : word ? WordLeft() : _caret - 1, shift); return true;
            case "right": Go(!shift && _caret != _anchor ? Math.Max(_caret, _anchor) : word ? WordRight() : _caret + 1, shift); return true;
            case "home" or "up": Go(0, shift); return true;
            case "end" or "down": Go(_text.Count, shift); return true;
            default: return false;
        }
    }

    private void Go(int caret, bool select)
    {
        _caret = Math.Clamp(caret, 0, _text.Count);
        if (!select) _anchor = _caret;
    }

    private void RemoveSelection()
    {
        if (_caret != _anchor) Remove(Math.Min(_caret, _anchor), Math.Max(_caret, _anchor));
    }

    private void Remove(int start, int end)
    {
        Corrected = true;
        _text.RemoveRange(start, end - start);
        _caret = _anchor = start;
    }

    private int WordLeft()
    {
        var at = _caret;
        while (at > 0 && char.IsWhiteSpace(_text[at - 1].Letter)) at--;
        while (at > 0 && !char.IsWhiteSpace(_text[at - 1].Letter)) at--;
        return at;
    }

    private int WordRight()
    {
        var at = _caret;
        while (at < _text.Count && char.IsWhiteSpace(_text[at].Letter)) at++;
        while (at < _text.Count && !char.IsWhiteSpace(_text[at].Letter)) at++;
        return at;
    }

    private static string Letters(IEnumerable<(char Letter, bool Typed)> letters)
    {
        var text = new StringBuilder();
        foreach (var (letter, _) in letters) text.Append(letter);
        return text.ToString();
    }
}
