namespace Tutelage.Cli.Demo.Searching;

/// <summary>Text as a recogniser reads it: spaces and punctuation lost, one letter taken for another that looks alike.</summary>
internal static class ReadText
{
    /// <summary>One wrong letter in so many is still the same value; a short piece has to stand as it is, or any word would do.</summary>
    private const int LettersAnError = 6, ShortestWithErrors = 10;

    private const int ShortestHalf = 6;

    /// <summary>Letters and digits only, with one sign for all that look alike in most typefaces.</summary>
    public static string Fold(string text)
    {
        var folded = new char[text.Length];
        var length = 0;
        foreach (var letter in text.ToLowerInvariant())
            if (char.IsAsciiLetterOrDigit(letter))
                folded[length++] = letter switch { '0' or 'q' => 'o', '1' or 'i' or 'j' => 'l', '5' => 's', '8' => 'b', '2' => 'z', '6' => 'g', 'v' => 'u', _ => letter };
        return new(folded, 0, length);
    }

    /// <summary>True if half of <paramref name="value"/> stands in <paramref name="read"/>, give or take one letter in <see cref="LettersAnError"/>.</summary>
    /// <param name="read">Folded.</param>
    public static bool Holds(string read, string value)
    {
        var folded = Fold(value);
        if (folded.Length < 2 * ShortestHalf) return Stands(folded, read);
        return Stands(folded.AsSpan(0, folded.Length / 2), read) || Stands(folded.AsSpan(folded.Length / 2), read);
    }

    /// <summary>Sellers' dynamic programme: the least edits that turn <paramref name="pattern"/> into any piece of <paramref name="text"/>.</summary>
    private static bool Stands(ReadOnlySpan<char> pattern, string text)
    {
        var allowed = pattern.Length < ShortestWithErrors ? 0 : pattern.Length / LettersAnError;
        Span<int> column = stackalloc int[pattern.Length + 1];
        for (var row = 0; row <= pattern.Length; row++) column[row] = row;
        if (column[^1] <= allowed) return true;
        foreach (var letter in text)
        {
            var diagonal = 0;
            for (var row = 1; row <= pattern.Length; row++)
            {
                var edits = Math.Min(diagonal + (pattern[row - 1] == letter ? 0 : 1), Math.Min(column[row], column[row - 1]) + 1);
                (diagonal, column[row]) = (column[row], edits);
            }
            if (column[^1] <= allowed) return true;
        }
        return false;
    }
}
