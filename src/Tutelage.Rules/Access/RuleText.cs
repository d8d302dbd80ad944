namespace Tutelage.Rules.Access;

/// <summary>Reads the YAML that people write (docs/formats/rules.md) and names every fault with its line and what to write instead.</summary>
public static class RuleText
{
    /// <summary>Longer texts are refused before they are parsed. Characters.</summary>
    public const int LongestText = 256 * 1024;

    public const int MostPeople = 1000;
    public const int MostGroups = 200;
    public const int MostSentences = 500;

    private const string SentenceFix = "Write: allow: [NAME], to: [train], from: [input], up-to: ordinary, while: [running].";

    public static RuleReading Read(string yaml) => Read(yaml, hasLines: true);

    /// <param name="hasLines">False for canonical bytes, which are one line.</param>
    internal static RuleReading Read(string yaml, bool hasLines)
    {
        var faults = new List<RuleFault>();
        RuleSet? rules = null;
        if (yaml.Length > LongestText) faults.Add(new(0, $"the rules have {yaml.Length} characters; at most {LongestText} are read", "Nothing of that size can be reviewed by people; write fewer sentences."));
        else if (RuleTree.Read(yaml, faults) is { } root) rules = ReadRoot(new(root, faults), faults, hasLines);
        return faults.Count == 0 ? new(rules, faults) : new(null, [.. faults.OrderBy(fault => fault.Line)]);
    }

    private static RuleSet? ReadRoot(RuleSection root, List<RuleFault> faults, bool hasLines)
    {
        root.Number("tutelage-rules", 1, 1, "Begin with 'tutelage-rules: 1'.");
        var programme = root.Text("programme", "Write the programme's name, such as 'programme: Practice pilot'.");
        if (programme is not null && ReadableName.FaultIn(programme.Value, 80) is { } odd) root.Fault(programme.Line, $"'{programme.Value}' is no name for a programme: {odd}", "Write it in 1 to 80 Latin letters, digits and spaces.");
        var version = root.Number("version", 1, int.MaxValue, "Write a number higher than that of the rules in force.");
        var roster = new Roster(root, hasLines);
        foreach (var person in root.Each("people", MostPeople, "Write: - {name: NAME, key: KEY-ID, role: researcher}.")) roster.ReadPerson(person);
        foreach (var group in root.Each("groups", MostGroups, "Write: - {name: NAME, people: [NAME, NAME]}.")) roster.ReadGroup(group);
        var ceilings = ReadCeilings(root.Mapping("ceiling", "Write: ceiling: {frames: 3}."), root);
        var sentences = root.Each("rules", MostSentences, SentenceFix).Select((section, index) => ReadSentence(section, roster, index + 1, hasLines)).ToList();
        root.RefuseOthers();
        CheckCeilings(sentences.OfType<Sentence>().ToList(), ceilings, roster, root, hasLines);
        if (faults.Count > 0) return null;
        var rules = new RuleSet(programme!.Value, version!.Value, roster.People, roster.Groups, ceilings, [.. sentences.OfType<Sentence>()]); // without a fault both are there
        if (RuleBytes.Encode(rules).Length > LongestText) root.Fault(0, $"these rules take more than {LongestText} bytes in canonical form", "Write fewer sentences or shorter names.");
        return rules;
    }

    private static Sentence? ReadSentence(RuleSection section, Roster roster, int number, bool hasLines)
    {
        var (allows, forbids) = (section.Has("allow"), section.Has("forbid"));
        if (allows == forbids)
        {
            section.Fault(section.Line, allows ? "a sentence both allows and forbids" : "a sentence neither allows nor forbids anybody anything", "Begin it with 'allow: NAME' or 'forbid: NAME', and write two sentences for two things.");
            return null;
        }
        var kind = allows ? SentenceKind.Allow : SentenceKind.Forbid;
        var audience = section.Words(allows ? "allow" : "forbid", "Name people or groups of this file; a sentence about nobody is left out.");
        var resolved = roster.Resolve(audience);
        var purposes = Read<Purpose>(section, section.Words("to", $"Name at least one of {Spelling.All<Purpose>()}."), WhyNoPurpose);
        var classes = Read<DataClass>(section, section.Words("from", $"Name at least one of {Spelling.All<DataClass>()}."));
        var boundKey = allows ? "up-to" : "at-least";
        var bound = section.Text(boundKey, $"Name one of {Spelling.All<Sensitivity>()}.") is { } word ? Read<Sensitivity>(section, [word]) : [];
        var states = Read<ProgrammeState>(section, section.Words("while", $"Name at least one of {Spelling.All<ProgrammeState>()}."));
        section.RefuseOthers();

        foreach (var (purpose, line) in purposes)
        {
            if (purpose == Purpose.OwnView) section.Fault(line, "own-view is in no rule: everybody has it for what is about themselves, and nobody for anything else", "Take it out; it can be neither given nor taken away.");
            else if (allows)
            {
                foreach (var person in resolved)
                    if (RoleBounds.WhyNever(person.Role, purpose) is { } never) section.Fault(line, $"{person.Name} is {Spelling.Of(person.Role)}, and {never}", $"Take {person.Name} or {Spelling.Of(purpose)} out of this sentence.");
            }
        }
        if (allows)
            foreach (var (_, line) in states.Where(state => state.Word == ProgrammeState.Halted)) section.Fault(line, "nothing is opened while the programme is halted", "Take 'halted' out; after a halt come 'resuming' and 'running'.");
        return resolved.Count == 0 || purposes.Count == 0 || classes.Count == 0 || bound.Count == 0 || states.Count == 0 ? null
            : new(kind, number, [.. audience.Select(name => name.Value).Order(StringComparer.Ordinal)], resolved.Select(person => person.KeyId).ToHashSet(StringComparer.Ordinal),
                InOrder(purposes), InOrder(classes), bound[0].Word, InOrder(states), hasLines ? section.Line : 0);
    }

    private static Dictionary<DataClass, int> ReadCeilings(RuleMapping? mapping, RuleSection root)
    {
        var ceilings = Enum.GetValues<DataClass>().ToDictionary(kept => kept, _ => RuleSet.CeilingUnlessSaid);
        if (mapping is null) return ceilings;
        foreach (var (key, value) in mapping.Entries)
        {
            var fix = $"Write a class and a number of people from 0 to {RuleSet.HighestCeiling}; above {RuleSet.CeilingUnlessSaid} it raises the ceiling, which takes two approvals.";
            if (!Spelling.TryRead<DataClass>(key.Value, out var kept)) root.Fault(key.Line, $"'{key.Value}' is no class; a ceiling is for one of {Spelling.All<DataClass>()}", fix);
            else if (value is RuleScalar { Value: { Length: <= 3 } text } && int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
                && number <= RuleSet.HighestCeiling) ceilings[kept.Value] = number;
            else if (value is not RuleHole) root.Fault(value.Line, $"the ceiling of {key.Value} is {(value is RuleScalar said ? $"'{said.Value}'" : "a list or mapping")}, not a number from 0 to {RuleSet.HighestCeiling}", fix);
        }
        return ceilings;
    }

    private static void CheckCeilings(IReadOnlyList<Sentence> sentences, Dictionary<DataClass, int> ceilings, Roster roster, RuleSection root, bool hasLines)
    {
        foreach (var kept in Enum.GetValues<DataClass>())
        {
            var counted = RuleSet.Counted(sentences, kept);
            if (counted.Count <= ceilings[kept]) continue;
            var names = roster.People.Where(person => counted.Contains(person.KeyId)).Select(person => person.Name).ToList();
            var line = hasLines ? sentences.Last(sentence => sentence.Kind == SentenceKind.Allow && sentence.Classes.Contains(kept)).Line : 0;
            root.Fault(line, $"{names.Count} people could open {Spelling.Of(kept)}, and its ceiling is {ceilings[kept]}: {string.Join(", ", names.Take(12))}{(names.Count > 12 ? " …" : "")}",
                names.Count <= RuleSet.HighestCeiling
                    ? $"Name fewer, or write 'ceiling: {{{Spelling.Of(kept)}: {names.Count}}}', which takes two approvals and is told to every participant."
                    : $"Name fewer; no ceiling is higher than {RuleSet.HighestCeiling}, however many approve.");
        }
    }

    private static List<(TWord Word, int Line)> Read<TWord>(RuleSection section, IReadOnlyList<RuleScalar> scalars, Func<string, (string What, string Fix)?>? why = null) where TWord : struct, Enum
    {
        var words = new List<(TWord, int)>();
        foreach (var scalar in scalars)
        {
            if (Spelling.TryRead<TWord>(scalar.Value, out var word)) words.Add((word.Value, scalar.Line));
            else if (why?.Invoke(scalar.Value) is { } told) section.Fault(scalar.Line, told.What, told.Fix);
            else section.Fault(scalar.Line, $"'{scalar.Value}' is not one of {Spelling.All<TWord>()}", ReadableName.IsCrowd(scalar.Value) ? "Name each one that is meant; there is no word for all of them." : "Write one of these words, in lower case.");
        }
        return words;
    }

    private static (string, string)? WhyNoPurpose(string word) => UnspeakablePurposes.Contains(word)
        ? ($"'{word}' has no spelling here: recordings are never opened to judge, rank, pay, promote or discipline the people in them", $"Take it out. Purposes are {Spelling.All<Purpose>()}.")
        : null;

    private static List<TWord> InOrder<TWord>(IEnumerable<(TWord Word, int Line)> words) => [.. words.Select(word => word.Word).Order()];
}
