using System.Text;
using Tutelage.Rules.Access;

namespace Tutelage.Rules.Tests;

/// <summary>A random rules file, and beside it what it says, kept apart from the code that reads it.</summary>
/// <remarks><see cref="May"/> is written from docs/formats/rules.md alone and asks nothing of the product: it is what reach and decisions are compared with.</remarks>
internal sealed class RandomRules
{
    public required List<(string Name, string Key, Role Role)> People { get; init; }

    public required Dictionary<string, List<string>> Groups { get; init; }

    public required List<Line> Lines { get; init; }

    public int Version { get; init; } = 1;

    public static RandomRules Of(System.Random random, int people = 8)
    {
        string[] letters = ["a", "b", "c", "d", "e", "f", "g", "h", "k", "m", "o", "p"];
        var roles = Enum.GetValues<Role>();
        var rules = new RandomRules { People = [], Groups = [], Lines = [] };
        for (var i = 0; i < people; i++) rules.People.Add(($"p{letters[i]}", $"key{i:D19}", random.Next(3) == 0 ? roles[random.Next(roles.Length)] : Role.Researcher));
        for (var i = random.Next(4); i > 0; i--) rules.Groups.Add($"team {letters[i]}", Some(random, rules.People.Select(person => person.Name)));
        for (var i = random.Next(7); i > 0; i--) rules.AddLine(random);
        return rules;
    }

    public void AddLine(System.Random random)
    {
        var allow = random.Next(3) > 0;
        var purposes = Some(random, new[] { Purpose.Train, Purpose.Evaluate, Purpose.Review, Purpose.Incident });
        var audience = Some(random, People.Select(person => person.Name).Concat(Groups.Keys));
        if (allow)
        {
            audience.RemoveAll(name => !People.Where(person => IsMeant(name, person.Name)).All(person => purposes.All(purpose => Fits(person.Role, purpose))));
            if (audience.Count == 0) return;
        }
        var states = Some(random, allow ? new[] { ProgrammeState.Running, ProgrammeState.Resuming } : Enum.GetValues<ProgrammeState>());
        Lines.Add(new(allow, audience, purposes, Some(random, Enum.GetValues<DataClass>()), (Sensitivity)random.Next(3), states));
    }

    /// <summary>One random change of a sentence, a group or the people of it.</summary>
    public void Change(System.Random random)
    {
        switch (random.Next(4))
        {
            case 0 when Lines.Count > 0: Lines.RemoveAt(random.Next(Lines.Count)); break;
            case 1 when Groups.Count > 0:
                var group = Groups.Keys.Order(StringComparer.Ordinal).First();
                var fitting = Some(random, People.Where(person => person.Role == Role.Researcher).Select(person => person.Name).DefaultIfEmpty(People[0].Name));
                Groups[group] = fitting;
                Lines.RemoveAll(line => line.Allow && line.Audience.Contains(group) && !fitting.All(name => line.Purposes.All(purpose => Fits(People.Find(person => person.Name == name).Role, purpose))));
                break;
            default: AddLine(random); break;
        }
    }

    /// <summary>Every sentence read on its own; a prohibition anywhere ends it.</summary>
    public bool May(string key, Purpose purpose, DataClass kept, Sensitivity label, ProgrammeState state)
    {
        if (state == ProgrammeState.Halted || People.Find(person => person.Key == key) is not { Name: { } name } found || !Fits(found.Role, purpose)) return false;
        var speaking = Lines.Where(line => line.Audience.Exists(audience => IsMeant(audience, name)) && line.Purposes.Contains(purpose) && line.Classes.Contains(kept) && line.States.Contains(state)).ToList();
        return !speaking.Exists(line => !line.Allow && label >= line.Bound) && speaking.Exists(line => line.Allow && label <= line.Bound);
    }

    public RuleSet Read() => ExampleRules.Read(Yaml());

    private string Yaml()
    {
        var yaml = new StringBuilder($"tutelage-rules: 1\nprogramme: Random\nversion: {Version}\nceiling: {{{string.Join(", ", Enum.GetValues<DataClass>().Select(kept => $"{Spelling.Of(kept)}: 50"))}}}\npeople:\n");
        foreach (var (name, key, role) in People) yaml.Append($"  - {{name: {name}, key: {key}, role: {Spelling.Of(role)}}}\n");
        yaml.Append(Groups.Count == 0 ? "groups: []\n" : "groups:\n");
        foreach (var (name, members) in Groups) yaml.Append($"  - {{name: {name}, people: [{string.Join(", ", members)}]}}\n");
        yaml.Append(Lines.Count == 0 ? "rules: []\n" : "rules:\n");
        foreach (var line in Lines)
        {
            yaml.Append($"  - {(line.Allow ? "allow" : "forbid")}: [{string.Join(", ", line.Audience)}]\n    to: [{Words(line.Purposes)}]\n    from: [{Words(line.Classes)}]\n");
            yaml.Append($"    {(line.Allow ? "up-to" : "at-least")}: {Spelling.Of(line.Bound)}\n    while: [{Words(line.States)}]\n");
        }
        return yaml.ToString();
    }

    private bool IsMeant(string audience, string person) => audience == person || Groups.TryGetValue(audience, out var members) && members.Contains(person);

    private static bool Fits(Role role, Purpose purpose) => role switch
    {
        Role.Researcher => purpose is Purpose.Train or Purpose.Evaluate,
        Role.Steward or Role.Auditor => purpose is Purpose.Review or Purpose.Incident,
        _ => false,
    };

    private static List<T> Some<T>(System.Random random, IEnumerable<T> of)
    {
        var all = of.ToArray();
        random.Shuffle(all);
        return [.. all.Take(random.Next(1, Math.Min(all.Length, 4) + 1))];
    }

    private static string Words<TWord>(IEnumerable<TWord> words) where TWord : struct, Enum => string.Join(", ", words.Select(Spelling.Of));

    /// <summary>One sentence as it is meant.</summary>
    internal sealed record Line(bool Allow, List<string> Audience, List<Purpose> Purposes, List<DataClass> Classes, Sensitivity Bound, List<ProgrammeState> States);
}
