using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Tutelage.Rules;

/// <summary>The one spelling of the closed vocabulary in files and on the wire: lower case, words joined by hyphens.</summary>
public static class Spelling
{
    public static string Of<TWord>(TWord word) where TWord : struct, Enum
    {
        var name = word.ToString();
        var spelt = new StringBuilder(name.Length + 2);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && spelt.Length > 0) spelt.Append('-');
            spelt.Append(char.ToLowerInvariant(letter));
        }
        return spelt.ToString();
    }

    /// <summary>True if <paramref name="spelt"/> is exactly one of the words. Numbers, other cases and combinations are not words.</summary>
    public static bool TryRead<TWord>(string? spelt, [NotNullWhen(true)] out TWord? word) where TWord : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<TWord>())
        {
            if (Of(candidate) != spelt) continue;
            word = candidate;
            return true;
        }
        word = null;
        return false;
    }

    /// <summary>All words of a kind, for messages that say what would have been right.</summary>
    public static string All<TWord>() where TWord : struct, Enum => string.Join(", ", Enum.GetValues<TWord>().Select(Of));
}
