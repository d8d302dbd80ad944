using System.Text.RegularExpressions;
using Tutelage.Recording;
using Tutelage.Redaction.Detection;

namespace Tutelage.Redaction;

/// <summary>Makes shapes: how long a text was, of what sort, and where in the instruction it also stands.</summary>
internal sealed partial class TextShapes(string? instruction)
{
    /// <summary>More words than this in one text are prose: someone's own writing, never kept.</summary>
    public const int MostWords = 12;

    /// <summary>The shape of every secret: its length helps an attacker and teaches a model nothing.</summary>
    public static readonly TextShape Secret = new(16, TextKind.Secret);

    private readonly string[] _tokens = instruction is null ? [] : [.. Tokens(instruction).Select(NormalisedText.Compact)];

    public TextShape Of(string text)
    {
        var shape = new TextShape(TextShape.LengthClassOf(text.Length), KindOf(text));
        if (_tokens.Length == 0 || text.Length > 512) return shape;
        var words = Tokens(text).Select(NormalisedText.Compact).ToArray();
        if (words.Length == 0 || Array.TrueForAll(words, word => word.Length == 0)) return shape;
        for (var start = 0; start + words.Length <= _tokens.Length; start++)
            if (_tokens.AsSpan(start, words.Length).SequenceEqual(words)) return shape with { Source = TextSource.Instruction, SourceStart = start, SourceCount = words.Length };
        return shape;
    }

    public static int WordCount(string text) => Tokens(text).Length;

    public static TextKind KindOf(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length == 0) return TextKind.Unknown;
        if (trimmed.Length > 512 || WordCount(trimmed) > MostWords) return TextKind.Prose;
        if (Date().IsMatch(trimmed)) return TextKind.Date;
        if (Number().IsMatch(trimmed)) return TextKind.Number;
        if (Amount().IsMatch(trimmed)) return TextKind.Amount;
        if (trimmed.Contains('@') || trimmed.Contains("://", StringComparison.Ordinal)) return TextKind.Address;
        if (WordCount(trimmed) > 1) return TextKind.Words;
        return trimmed.Any(char.IsDigit) || trimmed.AsSpan().IndexOfAny("_#/\\") >= 0 ? TextKind.Identifier : TextKind.Word;
    }

    private static string[] Tokens(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^[+-]?[0-9]{1,18}$", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^(?:[A-Z]{3} ?|[$€£¥] ?)?[+-]?[0-9]{1,3}(?:[.,' ]?[0-9]{3}){0,6}(?:[.,][0-9]{1,4})?(?: ?[A-Z]{3}| ?[$€£¥%])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Amount();

    [GeneratedRegex(@"^(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|[0-9]{1,2}\.? \p{L}{3,10}\.?,? [0-9]{4}|\p{L}{3,10} [0-9]{1,2},? [0-9]{4})(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Date();
}
