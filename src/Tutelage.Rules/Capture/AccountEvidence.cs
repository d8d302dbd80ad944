namespace Tutelage.Rules.Capture;

/// <summary>What the interface says about who is signed in.</summary>
public enum AccountSight
{
    /// <summary>No element of that kind is there.</summary>
    Missing,

    /// <summary>One account, and it is one that the manifest names.</summary>
    Seen,

    /// <summary>Another account is shown, or two are.</summary>
    Contradicted,
}

/// <summary>The element that shows who is signed in: personal and work accounts share apps and sites, so neither tells them apart (requirement R2).</summary>
/// <param name="Role">ARIA role, exact.</param>
/// <param name="Beginning">What the accessible name begins with, at least <see cref="LeastBeginning"/> characters; other elements of that role with this beginning show another account.</param>
/// <param name="Ending">What it ends with after the part that differs between people; null if the name is <paramref name="Beginning"/> and nothing else.</param>
public sealed record AccountEvidence(string Role, string Beginning, string? Ending)
{
    /// <summary>A shorter beginning would take any element for the one that shows the account.</summary>
    public const int LeastBeginning = 3;

    private const int LongestAccount = 100;

    /// <summary>As it is written: <c>Signed in as *@acme.example</c>.</summary>
    public string Pattern => Ending is null ? Beginning : $"{Beginning}*{Ending}";

    /// <summary>Reads a pattern with at most one <c>*</c>, which stands for 1 to 100 characters without white space. Null if it is none.</summary>
    public static AccountEvidence? Parse(string role, string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return pattern.Length < LeastBeginning ? null : new(role, pattern, null);
        var (beginning, ending) = (pattern[..star], pattern[(star + 1)..]);
        return beginning.Length < LeastBeginning || ending.Contains('*', StringComparison.Ordinal) ? null : new(role, beginning, ending);
    }

    /// <summary>Judges one look at a window: every element with its role and accessible name.</summary>
    public AccountSight Judge(IEnumerable<(string Role, string? Name)> elements)
    {
        string? seen = null;
        foreach (var (role, name) in elements)
        {
            if (name is null || role != Role || !name.StartsWith(Beginning, StringComparison.Ordinal)) continue;
            if (!IsNamed(name) || (seen is not null && seen != name)) return AccountSight.Contradicted;
            seen = name;
        }
        return seen is null ? AccountSight.Missing : AccountSight.Seen;
    }

    private bool IsNamed(string name)
    {
        if (Ending is null) return name == Beginning;
        if (!name.EndsWith(Ending, StringComparison.Ordinal)) return false;
        var account = name.AsSpan(Beginning.Length, Math.Max(0, name.Length - Beginning.Length - Ending.Length));
        if (account.Length is 0 or > LongestAccount) return false;
        foreach (var letter in account)
            if (char.IsWhiteSpace(letter)) return false;
        return true;
    }
}
