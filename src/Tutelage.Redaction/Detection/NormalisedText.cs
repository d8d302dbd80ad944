using System.Globalization;
using System.Text;

namespace Tutelage.Redaction.Detection;

/// <summary>Text as detectors read it, with the way back to the text as given.</summary>
/// <remarks>
/// Undone here, so that no detector has to think of it: full-width and mathematical letters, every script's digits, superscript and circled digits,
/// zero-width and direction marks, combining marks, the many dashes and spaces. If this is wrong, every detector is blind in the same place.
/// </remarks>
public sealed class NormalisedText
{
    private readonly Lazy<TextView> _unwrapped;
    private readonly Lazy<TextView> _squeezed;

    private NormalisedText(string original, TextView whole)
    {
        Original = original;
        Whole = whole;
        _unwrapped = new(() => whole.Text.AsSpan().IndexOfAny('\n', '\r') < 0 ? whole : Without(whole, unwrapOnly: true));
        _squeezed = new(() => Without(whole, unwrapOnly: false));
    }

    /// <summary>As given.</summary>
    public string Original { get; }

    /// <summary>All of it, normalised.</summary>
    public TextView Whole { get; }

    /// <summary>Without line breaks and the white space around them: what was only wrapped is whole again.</summary>
    public TextView Unwrapped => _unwrapped.Value;

    /// <summary>Without any white space.</summary>
    public TextView Squeezed => _squeezed.Value;

    public static NormalisedText Of(string original)
    {
        if (Ascii.IsValid(original)) return new(original, new(original, original, map: null));

        var text = new StringBuilder(original.Length);
        var map = new List<int>(original.Length);
        for (var at = 0; at < original.Length; at++)
        {
            var letter = original[at];
            if (char.IsHighSurrogate(letter) && at + 1 < original.Length && char.IsLowSurrogate(original[at + 1]))
            {
                var rune = char.ConvertToUtf32(letter, original[at + 1]);
                if (Plain(rune) is { } plain) Add(plain, at);
                else if (rune is not (>= 0xE0000 and <= 0xE0FFF))
                {
                    Add(letter, at);
                    Add(original[at + 1], at + 1);
                }

                at++;
            }
            else if (Plain(letter) is var one and not '\0') Add(one, at);
        }

        return new(original, new(original, text.ToString(), [.. map]));

        void Add(char letter, int position)
        {
            text.Append(letter);
            map.Add(position);
        }
    }

    /// <summary>Letters and digits only, in lower case: the form in which strings of a session are compared.</summary>
    public static string Compact(string text)
    {
        var whole = Of(text).Whole.Text;
        return string.Create(whole.Count(char.IsLetterOrDigit), whole, static (target, source) =>
        {
            var next = 0;
            foreach (var letter in source)
                if (char.IsLetterOrDigit(letter)) target[next++] = char.ToLowerInvariant(letter);
        });
    }

    /// <summary>The plain form of one UTF-16 unit; NUL where it is nothing to see.</summary>
    private static char Plain(char letter)
    {
        if (letter < 0x80) return letter;
        if (letter is >= '\uFF01' and <= '\uFF5E') return (char)(letter - 0xFEE0);
        if (letter is '\u034F' or '\u115F' or '\u1160' or '\u3164' or '\uFFA0' or '\u2800') return '\0';
        if (letter is '\u0085' or '\u2028' or '\u2029') return '\n';
        if (letter is '\u2212') return '-';
        if (letter is '\u00B7' or '\u2024' or '\u2027' or '\u30FB' or '\uFE52') return '.';
        if (letter is '\uFE6B') return '@';
        switch (CharUnicodeInfo.GetUnicodeCategory(letter))
        {
            case UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark: return '\0';
            case UnicodeCategory.SpaceSeparator: return ' ';
            case UnicodeCategory.DashPunctuation: return '-';
            default:
                var digit = CharUnicodeInfo.GetDigitValue(letter);
                return digit >= 0 ? (char)('0' + digit) : letter;
        }
    }

    /// <summary>Mathematical letters and digits, and segmented digits, of the supplementary planes; null for everything else.</summary>
    private static char? Plain(int rune) => rune switch
    {
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + (rune - 0x1D7CE) % 10),
        >= 0x1FBF0 and <= 0x1FBF9 => (char)('0' + (rune - 0x1FBF0)),
        >= 0x1D400 and <= 0x1D6A3 => (rune - 0x1D400) % 52 is var letter && letter < 26 ? (char)('A' + letter) : (char)('a' + letter - 26),
        _ => null,
    };

    private static TextView Without(TextView view, bool unwrapOnly)
    {
        var text = view.Text;
        var kept = new StringBuilder(text.Length);
        var map = new List<int>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsWhiteSpace(text[at]))
            {
                Keep(at);
                continue;
            }

            var end = at;
            var wrapped = false;
            for (; end < text.Length && char.IsWhiteSpace(text[end]); end++) wrapped |= text[end] is '\n' or '\r';
            if (unwrapOnly && !wrapped) for (var space = at; space < end; space++) Keep(space);
            at = end - 1;
        }

        return new(view.Original, kept.ToString(), [.. map]);

        void Keep(int at)
        {
            kept.Append(text[at]);
            map.Add(view.ToOriginal(at));
        }
    }
}
