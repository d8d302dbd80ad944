using System.Globalization;
using System.Text;

namespace Tutelage.Trajectories.AgentNet;

/// <summary>One call of AgentNet's code: <c>pyautogui.click(x=0.5, y=0.25)</c>.</summary>
/// <param name="Module"><c>pyautogui</c> or <c>computer</c>.</param>
public sealed record PyCall(string Module, string Name, IReadOnlyList<PyArgument> Arguments)
{
    public override string ToString() => PyCode.Write([this]);

    public PyArgument? Find(string name) => Arguments.FirstOrDefault(argument => argument.Name == name);
}

/// <summary>An argument, by name or (where <paramref name="Name"/> is null) by place. One of number, text and list is set.</summary>
public sealed record PyArgument(string? Name, double? Number = null, string? Text = null, IReadOnlyList<string>? List = null);

/// <summary>Writes and reads the small part of Python that AgentNet's <c>code</c> is written in. Nothing is ever executed.</summary>
public static class PyCode
{
    /// <summary>One call a line.</summary>
    public static string Write(IReadOnlyList<PyCall> calls)
    {
        var code = new StringBuilder();
        foreach (var call in calls)
        {
            if (code.Length > 0) code.Append('\n');
            code.Append(call.Module).Append('.').Append(call.Name).Append('(');
            for (var at = 0; at < call.Arguments.Count; at++)
            {
                if (at > 0) code.Append(", ");
                Write(code, call.Arguments[at]);
            }

            code.Append(')');
        }

        return code.ToString();
    }

    /// <exception cref="FormatException">Not calls of this grammar, or longer than a million letters.</exception>
    public static IReadOnlyList<PyCall> Parse(string code)
    {
        if (code.Length > MaxCodeLength) throw new FormatException($"code of {code.Length} letters; {MaxCodeLength} is the most that is read");
        var reader = new PyReader(code);
        var calls = new List<PyCall>();
        while (reader.NextCall() is { } call) calls.Add(call);
        return calls;
    }

    private static void Write(StringBuilder code, PyArgument argument)
    {
        if (argument.Name is not null) code.Append(argument.Name).Append('=');
        if (argument.Number is { } number) code.Append(number.ToString("0.####", CultureInfo.InvariantCulture));
        else if (argument.List is { } list) code.Append('[').AppendJoin(", ", list.Select(Quote)).Append(']');
        else code.Append(Quote(argument.Text ?? ""));
    }

    /// <summary>A Python string literal that holds any text: quotes, backslashes, control letters and lone surrogates are escaped.</summary>
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('\'');
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            switch (letter)
            {
                case '\\': quoted.Append("\\\\"); break;
                case '\'': quoted.Append("\\'"); break;
                case '\n': quoted.Append("\\n"); break;
                case '\r': quoted.Append("\\r"); break;
                case '\t': quoted.Append("\\t"); break;
                case < ' ' or '\u007F': quoted.Append("\\x").Append(((int)letter).ToString("x2", CultureInfo.InvariantCulture)); break;
                case '\u0085' or '\u2028' or '\u2029': quoted.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture)); break;
                case var _ when char.IsHighSurrogate(letter) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]): quoted.Append(letter).Append(text[++at]); break;
                case var _ when char.IsSurrogate(letter): quoted.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture)); break;
                default: quoted.Append(letter); break;
            }
        }

        return quoted.Append('\'').ToString();
    }

    private const int MaxCodeLength = 1_000_000;
}
