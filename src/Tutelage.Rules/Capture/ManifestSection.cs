using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Tutelage.Rules.Capture;

/// <summary>One YAML mapping being read: takes keys out, notes every fault, and in the end refuses what nobody took.</summary>
internal sealed class ManifestSection(YamlMappingNode node, List<ManifestFault> faults)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public void Fault(string what) => faults.Add(new((int)node.Start.Line, what));

    public string? Text(string key, int longest, bool optional = false)
    {
        if (Take(key) is not { } found)
        {
            if (!optional) Fault($"'{key}' is missing");
            return null;
        }
        if (found is not YamlScalarNode { Value: { Length: > 0 } text } || text.Length > longest || text.Any(char.IsControl))
        {
            faults.Add(new((int)found.Start.Line, $"'{key}' must be a text of 1 to {longest} characters"));
            return null;
        }
        return text;
    }

    public int? Number(string key, int least, int most, int? otherwise)
    {
        if (Take(key) is not { } found)
        {
            if (otherwise is null) Fault($"'{key}' is missing");
            return otherwise;
        }
        if (found is YamlScalarNode { Value: { } text } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most) return number;
        faults.Add(new((int)found.Start.Line, $"'{key}' must be a whole number from {least} to {most}"));
        return null;
    }

    public IReadOnlyList<TWord> Words<TWord>(string key, bool single = false) where TWord : struct, Enum
    {
        if (Take(key) is not { } found)
        {
            Fault($"'{key}' is missing; it takes {Spelling.All<TWord>()}");
            return [];
        }
        var scalars = found switch
        {
            YamlSequenceNode sequence when !single => sequence.Children,
            YamlScalarNode => [found],
            _ => (IList<YamlNode>)[],
        };
        if (scalars.Count == 0) faults.Add(new((int)found.Start.Line, $"'{key}' must name {(single ? "one" : "at least one")} of {Spelling.All<TWord>()}"));
        var words = new List<TWord>();
        foreach (var scalar in scalars)
        {
            if (Spelling.TryRead<TWord>((scalar as YamlScalarNode)?.Value, out var word)) words.Add(word.Value);
            else faults.Add(new((int)scalar.Start.Line, $"'{(scalar as YamlScalarNode)?.Value}' is not one of {Spelling.All<TWord>()}"));
        }
        return words;
    }

    public IReadOnlyList<TItem> Each<TItem>(string key, int least, int most, Func<ManifestSection, TItem?> read) where TItem : class
    {
        var found = Take(key);
        if (found is null && least == 0) return [];
        if (found is not YamlSequenceNode sequence || sequence.Children.Count < least || sequence.Children.Count > most)
        {
            Fault($"'{key}' must be a list of {least} to {most} entries");
            return [];
        }
        var items = new List<TItem>();
        foreach (var child in sequence.Children)
        {
            if (child is not YamlMappingNode mapping) faults.Add(new((int)child.Start.Line, $"an entry of '{key}' must be a mapping"));
            else if (read(new(mapping, faults)) is { } item) items.Add(item);
        }
        return items;
    }

    /// <summary>A mapping that may be there; null if it is not, or has faults.</summary>
    public TItem? One<TItem>(string key, Func<ManifestSection, TItem?> read) where TItem : class
    {
        if (Take(key) is not { } found) return null;
        if (found is YamlMappingNode mapping) return read(new(mapping, faults));
        faults.Add(new((int)found.Start.Line, $"'{key}' must be a mapping"));
        return null;
    }

    public void RefuseOthers()
    {
        foreach (var (key, _) in node.Children)
        {
            if (key is YamlScalarNode { Value: { } name } && _taken.Contains(name)) continue;
            faults.Add(new((int)key.Start.Line, $"'{(key as YamlScalarNode)?.Value}' is not known here; known: {string.Join(", ", _taken.Order(StringComparer.Ordinal))}"));
        }
    }

    private YamlNode? Take(string key)
    {
        _taken.Add(key);
        return node.Children.TryGetValue(new YamlScalarNode(key), out var found) ? found : null;
    }
}
