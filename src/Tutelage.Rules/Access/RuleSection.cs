using System.Globalization;

namespace Tutelage.Rules.Access;

/// <summary>One mapping being read: takes words out, notes every fault, and in the end refuses what nobody took.</summary>
internal sealed class RuleSection(RuleMapping node, List<RuleFault> faults)
{
    private readonly List<string> _known = [];

    public int Line => node.Line;

    public bool Has(string key) => node.Entries.Any(entry => entry.Key.Value == key);

    public void Fault(int line, string what, string fix) => faults.Add(new(line, what, fix));

    /// <returns>The word with its line; null after a fault has been noted.</returns>
    public RuleScalar? Text(string key, string fix)
    {
        switch (Take(key))
        {
            case null: Fault(Line, $"'{key}' is missing", fix); return null;
            case RuleScalar { Value.Length: > 0 } text: return text;
            case RuleHole: return null;
            case var other: Fault(other.Line, $"'{key}' takes one word or name{(other is RuleScalar ? ", and has none" : "")}", fix); return null;
        }
    }

    public int? Number(string key, int least, int most, string fix)
    {
        if (Text(key, fix) is not { } text) return null;
        if (int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            && number.ToString(CultureInfo.InvariantCulture) == text.Value) return number;
        Fault(text.Line, $"'{key}' is '{text.Value}'; it is a whole number from {least} to {most}", fix);
        return null;
    }

    /// <summary>One word or a list of words, at least one, none twice.</summary>
    public IReadOnlyList<RuleScalar> Words(string key, string fix)
    {
        var found = Take(key);
        IReadOnlyList<RuleNode> items = found switch
        {
            null => [],
            RuleList list => list.Items,
            RuleScalar { Value.Length: 0 } => [],
            _ => [found],
        };
        if (found is RuleHole) return [];
        if (items.Count == 0) Fault(found?.Line ?? Line, found is null ? $"'{key}' is missing" : $"'{key}' names nothing, and nothing never means everything", fix);
        var words = new List<RuleScalar>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item is RuleScalar { Value.Length: > 0 } word)
            {
                if (seen.Add(word.Value)) words.Add(word);
                else Fault(word.Line, $"'{word.Value}' is named twice in '{key}'", "Name it once.");
            }
            else if (item is not RuleHole) Fault(item.Line, $"'{key}' is a word or a list of words", fix);
        }
        return words;
    }

    /// <summary>The entries of a list of mappings; none if the list is missing.</summary>
    public IEnumerable<RuleSection> Each(string key, int most, string fix)
    {
        var found = Take(key);
        if (found is null or RuleHole) return [];
        if (found is not RuleList list || list.Items.Count > most)
        {
            Fault(found.Line, $"'{key}' is a list of at most {most} entries", fix);
            return [];
        }
        foreach (var item in list.Items.Where(item => item is not (RuleMapping or RuleHole))) Fault(item.Line, $"an entry of '{key}' is a mapping", fix);
        return list.Items.OfType<RuleMapping>().Select(item => new RuleSection(item, faults));
    }

    /// <summary>The mapping under a word; null if it is missing or no mapping.</summary>
    public RuleMapping? Mapping(string key, string fix)
    {
        var found = Take(key);
        if (found is not (null or RuleHole or RuleMapping)) Fault(found.Line, $"'{key}' is a mapping", fix);
        return found as RuleMapping;
    }

    public void RefuseOthers()
    {
        foreach (var (key, _) in node.Entries.Where(entry => !_known.Contains(entry.Key.Value, StringComparer.Ordinal)))
            Fault(key.Line, $"'{key.Value}' is not known here", $"Known here: {string.Join(", ", _known)}.");
    }

    private RuleNode? Take(string key)
    {
        _known.Add(key);
        return node.Entries.FirstOrDefault(entry => entry.Key.Value == key).Value;
    }
}
