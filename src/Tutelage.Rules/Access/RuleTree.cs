using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tutelage.Rules.Access;

/// <summary>A piece of the file with the line it begins on.</summary>
internal abstract record RuleNode(int Line);

internal sealed record RuleScalar(int Line, string Value) : RuleNode(Line);

internal sealed record RuleList(int Line, IReadOnlyList<RuleNode> Items) : RuleNode(Line);

internal sealed record RuleMapping(int Line, IReadOnlyList<(RuleScalar Key, RuleNode Value)> Entries) : RuleNode(Line);

/// <summary>Something about which a fault has been noted already.</summary>
internal sealed record RuleHole(int Line) : RuleNode(Line);

/// <summary>The part of YAML that rules may use: mappings, lists and plain words, in one document, each said once and where it is meant.</summary>
/// <remarks>
/// Anchors, aliases, merge keys and tags are refused: they let a line mean what stands elsewhere. Invisible and direction-changing characters are refused also in
/// comments: they let the file read differently from what it says. The reader is iterative and bounded, so no text can exhaust it.
/// </remarks>
internal static class RuleTree
{
    public const int DeepestNesting = 5;
    public const int MostNodes = 50_000;

    public static RuleMapping? Read(string yaml, List<RuleFault> faults)
    {
        if (HasHidden(yaml, faults)) return null;
        var parser = new Parser(new StringReader(yaml));
        try
        {
            return ReadDocument(parser, faults);
        }
        catch (Exception broken) when (broken is YamlException or InvalidOperationException or ArgumentException) // the scanner throws all three at broken text
        {
            var line = (int)((broken as YamlException)?.Start.Line ?? parser.Current?.End.Line ?? 0);
            faults.Add(yaml.Split('\n').ElementAtOrDefault(line - 1)?.IndexOfAny(['*', '&']) >= 0
                ? new(line, "'*' and '&' mean nothing here, and stand for nobody", "Name people one by one.")
                : new(line, $"this is not YAML: {broken.Message}", "See the example in docs/formats/rules.md."));
            return null;
        }
    }

    private static RuleMapping? ReadDocument(Parser parser, List<RuleFault> faults)
    {
        var open = new Stack<Frame>();
        RuleNode? root = null;
        var (nodes, documents) = (0, 0);
        while (parser.MoveNext())
        {
            var at = parser.Current!; // MoveNext was true
            var line = (int)at.Start.Line;
            RuleNode? done = null;
            switch (at)
            {
                case DocumentStart when ++documents > 1:
                    faults.Add(new(line, "a second document begins here", "Write one document; '---' has no place inside the rules."));
                    return null;
                case AnchorAlias:
                    faults.Add(new(line, "an alias ('*name') stands for something written elsewhere", "Write out what is meant, here."));
                    done = new RuleHole(line);
                    break;
                case NodeEvent node when ++nodes > MostNodes:
                    faults.Add(new(line, $"there are more than {MostNodes} words and lists", "Nothing of that size can be reviewed by people; write fewer sentences."));
                    return null;
                case NodeEvent node:
                    if (!node.Anchor.IsEmpty) faults.Add(new(line, $"'&{node.Anchor}' makes something to be meant elsewhere", "Take it out; anchors are not read."));
                    if (!node.Tag.IsEmpty) faults.Add(new(line, "a tag ('!…') would change what is written here", "Take it out; everything here is a word, a list or a mapping."));
                    if (node is Scalar scalar) done = new RuleScalar(line, scalar.Value);
                    else if (open.Count == DeepestNesting)
                    {
                        faults.Add(new(line, $"this is nested more than {DeepestNesting} deep", "Rules are lists of sentences; see the example in docs/formats/rules.md."));
                        return null;
                    }
                    else open.Push(new(line, node is MappingStart));
                    break;
                case SequenceEnd or MappingEnd:
                    done = open.Pop().Close();
                    break;
            }
            if (done is null) continue;
            if (open.TryPeek(out var parent)) parent.Add(done, faults);
            else root = done;
        }
        if (root is RuleMapping mapping) return mapping;
        if (root is not RuleHole) faults.Add(new(root?.Line ?? 0, "there is no mapping at the top", "Begin with 'tutelage-rules: 1'; see the example in docs/formats/rules.md."));
        return null;
    }

    private static bool HasHidden(string yaml, List<RuleFault> faults)
    {
        var (line, found) = (1, false);
        for (var i = 0; i < yaml.Length; i++)
        {
            if (yaml[i] == '\n') line++;
            if (yaml[i] is '\n' or '\r' or '\t' || i == 0 && yaml[i] == '\uFEFF') continue;
            if (CharUnicodeInfo.GetUnicodeCategory(yaml[i]) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse)) continue;
            if (!found || faults[^1].Line != line) faults.Add(new(line, $"there is an invisible or direction-changing character (U+{(int)yaml[i]:X4})", "Delete it; a reviewer would not see what the line says."));
            found = true;
        }
        return found;
    }

    /// <summary>A list or mapping whose end has not come yet.</summary>
    private sealed class Frame(int line, bool isMapping)
    {
        private readonly List<RuleNode> _items = [];
        private readonly List<(RuleScalar, RuleNode)> _entries = [];
        private readonly Dictionary<string, int> _firstLines = new(StringComparer.Ordinal);
        private RuleNode? _key;

        public void Add(RuleNode node, List<RuleFault> faults)
        {
            if (!isMapping) _items.Add(node);
            else if (_key is null) _key = node;
            else
            {
                Enter(_key, node, faults);
                _key = null;
            }
        }

        public RuleNode Close() => isMapping ? new RuleMapping(line, _entries) : new RuleList(line, _items);

        private void Enter(RuleNode key, RuleNode value, List<RuleFault> faults)
        {
            if (key is not RuleScalar word)
            {
                if (key is not RuleHole) faults.Add(new(key.Line, "a list or mapping stands where a word belongs", "Write 'word: value'."));
            }
            else if (word.Value == "<<") faults.Add(new(word.Line, "'<<' would merge in what stands elsewhere", "Write out what is meant, here."));
            else if (!_firstLines.TryAdd(word.Value, word.Line)) faults.Add(new(word.Line, $"'{word.Value}' is said twice; first on line {_firstLines[word.Value]}", "Say it once: of two, nobody could tell which holds."));
            else _entries.Add((word, value));
        }
    }
}
