using System.Text;

namespace Tutelage.Rules.Access;

/// <summary>Names beside keys: which letters they may have, and when two look alike to a reader.</summary>
/// <remarks>
/// The key says who it is; the name is what approvers read. If two names could look the same, an approver would sign for somebody else. So names have Latin letters
/// only (other scripts hold letters that cannot be told from them), and two names that fold to the same text are one name too many.
/// </remarks>
internal static class ReadableName
{
    public const int Longest = 40;

    /// <summary>What U+00C0 to U+00DF look like without their marks; '-' where there is no letter.</summary>
    private const string Latin1 = "aaaaaaaceeeeiiiidnooooo-ouuuuypb";

    /// <summary>Likewise U+0100 to U+017F.</summary>
    private const string ExtendedA =
        "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllln" + "nnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzf";

    /// <summary>Words that mean more people than they list, in the languages of the first users.</summary>
    private static readonly HashSet<string> Crowds = Folded(
        "all", "any", "anybody", "anyone", "everybody", "everyone", "every one", "everything", "staff", "employee", "employees", "workforce", "company", "the company", "people", "person",
        "persons", "public", "world", "others", "the others", "rest", "the rest", "user", "users", "member", "members", "guest", "guests", "anonymous", "authenticated", "authenticated users",
        "domain users", "nobody", "none", "no one", "self", "me", "alle", "jeder", "tous", "todos", "tutti", "wszyscy",
        "participant", "participants", "representative", "representatives", "steward", "stewards", "researcher", "researchers", "auditor", "auditors", "operator", "operators");

    private static readonly HashSet<string> CrowdBeginnings = Folded("all", "any", "anybody", "anyone", "every", "everybody", "everyone", "everything", "alle", "tous", "todos", "tutti");

    /// <summary>What is wrong with it as a name, or null.</summary>
    public static string? FaultIn(string name, int longest)
    {
        if (name.Length == 0 || name.Length > longest) return $"it has {name.Length} characters; a name has 1 to {longest}";
        foreach (var letter in name)
        {
            if (!IsLatin(letter) && !char.IsAsciiDigit(letter) && letter is not (' ' or '-' or '.' or '\''))
                return char.IsLetterOrDigit(letter) || char.IsSurrogate(letter)
                    ? $"it holds U+{(int)letter:X4}, which is not a Latin letter: letters of other scripts look like Latin ones"
                    : $"it holds U+{(int)letter:X4}; names are made of Latin letters, digits, space, '-', '.' and apostrophe";
        }
        if (!IsLatin(name[0]) || name[^1] == ' ' || name.Contains("  ", StringComparison.Ordinal)) return "a name begins with a letter, and has no space at its end and no two in a row";
        return null;
    }

    /// <summary>Does it say a crowd, or a role, where people are named?</summary>
    public static bool IsCrowd(string name)
    {
        if (Crowds.Contains(Fold(name))) return true;
        var first = name.Split([' ', '-', '.', '_', '\'', ':', '@', '/'], 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("");
        return CrowdBeginnings.Contains(Fold(first));
    }

    /// <summary>What a hurried reader sees: no case, no marks, no spaces or punctuation, and one letter for those that look alike.</summary>
    public static string Fold(string text)
    {
        var seen = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            var plain = letter switch
            {
                >= 'A' and <= 'Z' => (char)(letter | 0x20),
                >= '\u00C0' and <= '\u00DF' => Latin1[letter - 0xC0],
                '\u00FF' => 'y',
                >= '\u00E0' and <= '\u00FE' => Latin1[letter - 0xE0],
                >= '\u0100' and <= '\u017F' => ExtendedA[letter - 0x100],
                _ => letter,
            };
            plain = plain switch { '0' => 'o', '1' or 'i' or '|' => 'l', _ => plain };
            if (char.IsLetterOrDigit(plain)) seen.Append(plain);
        }
        return seen.Replace("rn", "m").Replace("vv", "w").ToString();
    }

    private static bool IsLatin(char letter) => char.IsAsciiLetter(letter) || letter is >= '\u00C0' and <= '\u017F' and not ('\u00D7' or '\u00F7');

    private static HashSet<string> Folded(params string[] words) => words.Select(Fold).ToHashSet(StringComparer.Ordinal);
}
