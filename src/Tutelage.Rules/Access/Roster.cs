namespace Tutelage.Rules.Access;

/// <summary>The people and groups of a file while it is read, and what a name in a sentence stands for.</summary>
internal sealed class Roster(RuleSection root, bool hasLines)
{
    private readonly Dictionary<string, (string Written, int Line)> _folded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Written, int Line)> _foldedKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NamedPerson> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PeopleGroup> _groups = new(StringComparer.Ordinal);

    public List<NamedPerson> People { get; } = [];

    public List<PeopleGroup> Groups { get; } = [];

    public void ReadPerson(RuleSection section)
    {
        const string Fix = "Write: {name: NAME, key: KEY-ID, role: researcher}; `tutelage key list` shows key ids.";
        var (name, key, role) = (section.Text("name", Fix), section.Text("key", Fix), section.Text("role", Fix));
        section.RefuseOthers();
        var sound = name is not null && IsNewName(section, name);
        if (key is not null) sound &= IsNewKey(section, key);
        Role? read = null;
        if (role is not null && !Spelling.TryRead<Role>(role.Value, out read)) section.Fault(role.Line, $"'{role.Value}' is not one of {Spelling.All<Role>()}", "Write one of these words, in lower case.");
        if (name is null || key is null || read is not { } known || !sound) return;
        var person = new NamedPerson(name.Value, key.Value, known, hasLines ? section.Line : 0);
        People.Add(person);
        _people.Add(person.Name, person);
    }

    public void ReadGroup(RuleSection section)
    {
        const string Fix = "Write: {name: NAME, people: [NAME, NAME]}, with people of this file.";
        var name = section.Text("name", Fix);
        var members = section.Words("people", Fix);
        section.RefuseOthers();
        var sound = name is not null && IsNewName(section, name);
        foreach (var member in members)
        {
            if (_people.ContainsKey(member.Value)) continue;
            sound = false;
            if (_groups.ContainsKey(member.Value) || member.Value == name?.Value) section.Fault(member.Line, $"'{member.Value}' is a group, and groups hold people, not groups", "Name its people here.");
            else RefuseName(section, member);
        }
        if (name is null || !sound || members.Count == 0) return;
        var group = new PeopleGroup(name.Value, [.. members.Select(member => member.Value).Order(StringComparer.Ordinal)], hasLines ? section.Line : 0);
        Groups.Add(group);
        _groups.Add(group.Name, group);
    }

    /// <summary>The people that these names stand for, each once. A name that stands for nobody is a fault, never everybody.</summary>
    public IReadOnlyList<NamedPerson> Resolve(IEnumerable<RuleScalar> names)
    {
        var resolved = new List<NamedPerson>();
        foreach (var name in names)
        {
            if (_people.TryGetValue(name.Value, out var person)) resolved.Add(person);
            else if (_groups.TryGetValue(name.Value, out var group)) resolved.AddRange(group.Members.Select(member => _people[member]));
            else RefuseName(root, name);
        }
        return [.. resolved.Distinct()];
    }

    private void RefuseName(RuleSection section, RuleScalar name)
    {
        if (ReadableName.IsCrowd(name.Value) || name.Value.IndexOfAny(['*', '?', '%', '/', '(', '^', '$']) >= 0)
        {
            section.Fault(name.Line, $"'{name.Value}' is no person: crowds, roles and patterns have no spelling here", "Name each person; whoever is not named opens nothing.");
            return;
        }
        if (People.Find(person => person.KeyId == name.Value) is { } keyed) section.Fault(name.Line, $"'{name.Value}' is a key", $"Write the name beside it: {keyed.Name}.");
        else if (_folded.TryGetValue(ReadableName.Fold(name.Value), out var alike) && alike.Written != name.Value) section.Fault(name.Line, $"'{name.Value}' is nobody here", $"'{alike.Written}' is named on line {alike.Line}; is that meant? Write it exactly so.");
        else section.Fault(name.Line, $"'{name.Value}' is nobody here", "Name them under 'people' with their key, or take them out.");
    }

    private bool IsNewName(RuleSection section, RuleScalar name)
    {
        if (ReadableName.FaultIn(name.Value, ReadableName.Longest) is { } odd)
        {
            section.Fault(name.Line, $"'{name.Value}' cannot be a name: {odd}", "Spell it in Latin letters; the key says who it is, the name is for the eye.");
            return false;
        }
        if (ReadableName.IsCrowd(name.Value))
        {
            section.Fault(name.Line, $"'{name.Value}' cannot be a name: it says a crowd or a role, not who is meant", "Choose a name that says who: a person's, or a team's.");
            return false;
        }
        return IsFirst(_folded, section, name, ReadableName.Fold(name.Value), "name", "Give them names that nobody can mistake for each other; one person is named once, with one key.");
    }

    private bool IsNewKey(RuleSection section, RuleScalar key)
    {
        if (key.Value.Length == 22 && key.Value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            return IsFirst(_foldedKeys, section, key, ReadableName.Fold(key.Value), "key", "One key, one person: two names for one key, or keys that look alike, hide who is meant.");
        section.Fault(key.Line, $"'{key.Value}' is no key id (22 letters, digits, '-' and '_')", "Copy it from `tutelage key list`; a person has exactly one.");
        return false;
    }

    private static bool IsFirst(Dictionary<string, (string Written, int Line)> known, RuleSection section, RuleScalar said, string folded, string what, string fix)
    {
        if (known.TryAdd(folded, (said.Value, said.Line))) return true;
        var (written, line) = known[folded];
        section.Fault(said.Line, written == said.Value ? $"the {what} '{said.Value}' is there already, on line {line}" : $"the {what} '{said.Value}' looks like '{written}' on line {line}", fix);
        return false;
    }
}
