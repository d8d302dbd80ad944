using System.Text;

namespace Tutelage.Redaction.Typing;

/// <summary>What one run of typing has written so far, with caret and selection inside it.</summary>
/// <remarks>
/// It knows only what the run itself wrote. A movement or deletion that leaves it answers false and changes nothing: the caller closes the run.
/// Positions are UTF-16 and never inside a surrogate pair.
/// </remarks>
/// <param name="wholeField">The field was empty when the run began, so the buffer is the field and its ends are walls.</param>
internal sealed class EditBuffer(bool wholeField)
{
    private readonly StringBuilder _text = new();
    private int _caret;
    private int _anchor;

    public bool Corrected { get; private set; }

    public int Length => _text.Length;

    public string Text => _text.ToString();

    private int SelectionStart => Math.Min(_caret, _anchor);
    private int SelectionEnd => Math.Max(_caret, _anchor);

    public void Insert(string text)
    {
        if (_caret != _anchor || _caret != _text.Length) Corrected = true;
        RemoveSelection();
        _text.Insert(_caret, text);
        _caret = _anchor = _caret + text.Length;
    }

    public bool Backspace()
    {
        if (_caret == _anchor)
        {
            if (_caret == 0) return wholeField;
            _anchor = Before(_caret);
        }

        Corrected = true;
        RemoveSelection();
        return true;
    }

    public bool Delete()
    {
        if (_caret == _anchor)
        {
            if (_caret == _text.Length) return wholeField;
            _anchor = After(_caret);
        }

        Corrected = true;
        RemoveSelection();
        return true;
    }

    public bool Left(bool select)
    {
        if (!select && _caret != _anchor) return Place(SelectionStart, select);
        return _caret == 0 ? wholeField && Place(0, select) : Place(Before(_caret), select);
    }

    public bool Right(bool select)
    {
        if (!select && _caret != _anchor) return Place(SelectionEnd, select);
        return _caret == _text.Length ? wholeField && Place(_caret, select) : Place(After(_caret), select);
    }

    public bool Home(bool select) => wholeField && Place(0, select);

    public bool End(bool select) => wholeField && Place(_text.Length, select);

    private bool Place(int caret, bool select)
    {
        _caret = caret;
        if (!select) _anchor = caret;
        return true;
    }

    private void RemoveSelection()
    {
        var start = SelectionStart;
        _text.Remove(start, SelectionEnd - start);
        _caret = _anchor = start;
    }

    private int Before(int at) => at >= 2 && char.IsLowSurrogate(_text[at - 1]) && char.IsHighSurrogate(_text[at - 2]) ? at - 2 : at - 1;

    private int After(int at) => at + 2 <= _text.Length && char.IsHighSurrogate(_text[at]) && char.IsLowSurrogate(_text[at + 1]) ? at + 2 : at + 1;
}
