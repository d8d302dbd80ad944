using System.Globalization;
using System.Text;

namespace Tutelage.Trajectories.AgentNet;

/// <summary>Reads calls from left to right; every step consumes a letter or fails, and nothing nests deeper than a list in a call.</summary>
internal sealed class PyReader(string code)
{
    private int _at;

    public PyCall? NextCall()
    {
        while (_at < code.Length && (char.IsWhiteSpace(code[_at]) || code[_at] == ';')) _at++;
        if (_at == code.Length) return null;
        var module = Word();
        Expect('.');
        var name = Word();
        Expect('(');
        var arguments = new List<PyArgument>();
        while (!TryTake(')'))
        {
            if (arguments.Count > 0) Expect(',');
            if (TryTake(')')) break;
            arguments.Add(Argument());
        }

        return new(module, name, arguments);
    }

    private PyArgument Argument()
    {
        Skip();
        if (_at < code.Length && (char.IsAsciiLetter(code[_at]) || code[_at] == '_'))
        {
            var name = Word();
            if (!TryTake('=')) throw Fault($"'=' after an argument's name");
            return Value() with { Name = name };
        }

        return Value();
    }

    private PyArgument Value()
    {
        Skip();
        if (_at == code.Length) throw Fault("a value");
        if (code[_at] is '\'' or '"') return new(null, Text: Quoted());
        if (!TryTake('[')) return new(null, Number: Number());
        var list = new List<string>();
        while (!TryTake(']'))
        {
            if (list.Count > 0) Expect(',');
            if (TryTake(']')) break;
            Skip();
            if (_at == code.Length || code[_at] is not ('\'' or '"')) throw Fault("a string in a list");
            list.Add(Quoted());
        }

        return new(null, List: list);
    }

    private double Number()
    {
        var start = _at;
        while (_at < code.Length && (char.IsAsciiDigit(code[_at]) || code[_at] is '+' or '-' or '.' or 'e' or 'E')) _at++;
        return double.TryParse(code.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : throw Fault("a number");
    }

    private string Quoted()
    {
        var quote = code[_at++];
        var text = new StringBuilder();
        while (_at < code.Length && code[_at] != quote)
        {
            var letter = code[_at++];
            if (letter == '\n') throw Fault("the end of a string before the end of its line");
            text.Append(letter == '\\' ? Escaped() : letter);
        }

        if (_at == code.Length) throw Fault("the end of a string");
        _at++;
        return text.ToString();
    }

    private char Escaped()
    {
        if (_at == code.Length) throw Fault("a letter after a backslash");
        return code[_at++] switch
        {
            'n' => '\n', 'r' => '\r', 't' => '\t', '\\' => '\\', '\'' => '\'', '"' => '"', 'x' => Hex(2), 'u' => Hex(4),
            _ => throw Fault("an escape that this grammar knows"),
        };
    }

    private char Hex(int digits)
    {
        if (_at + digits > code.Length || !ushort.TryParse(code.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) throw Fault($"{digits} hex digits");
        _at += digits;
        return (char)value;
    }

    private string Word()
    {
        Skip();
        var start = _at;
        while (_at < code.Length && (char.IsAsciiLetterOrDigit(code[_at]) || code[_at] == '_')) _at++;
        return _at > start ? code[start.._at] : throw Fault("a name");
    }

    private void Skip()
    {
        while (_at < code.Length && code[_at] is ' ' or '\t') _at++;
    }

    private bool TryTake(char letter)
    {
        Skip();
        if (_at == code.Length || code[_at] != letter) return false;
        _at++;
        return true;
    }

    private void Expect(char letter)
    {
        if (!TryTake(letter)) throw Fault($"'{letter}'");
    }

    private FormatException Fault(string expected) => new($"expected {expected} at letter {_at}");
}
