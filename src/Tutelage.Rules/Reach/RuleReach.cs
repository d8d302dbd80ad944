using Tutelage.Rules.Access;

namespace Tutelage.Rules.Reaching;

/// <summary>Who could open what under a rule set in one state of the programme: exact, by enumeration over the closed vocabulary.</summary>
/// <remarks>
/// What everybody may see of themselves (own-view) is in no rule set and so not in here; <see cref="StandingReach"/> adds it, because only data sets have subjects.
/// A person counts with the role that the rules say; enrolled with another they open nothing.
/// </remarks>
public sealed class RuleReach
{
    private static readonly Sensitivity[] Labels = Enum.GetValues<Sensitivity>();

    private readonly Dictionary<string, Openings> _byKey = new(StringComparer.Ordinal);

    private RuleReach(RuleSet rules, ProgrammeState state) => (Rules, State) = (rules, state);

    public RuleSet Rules { get; }

    public ProgrammeState State { get; }

    /// <summary>Those who could open something, in the order of the rules.</summary>
    public IEnumerable<(NamedPerson Person, Openings Openings)> People => Rules.People.Where(person => _byKey.ContainsKey(person.KeyId)).Select(person => (person, _byKey[person.KeyId]));

    public static RuleReach Of(RuleSet rules, ProgrammeState state)
    {
        var reach = new RuleReach(rules, state);
        if (state == ProgrammeState.Halted) return reach;
        var allowed = new Dictionary<string, Openings>(StringComparer.Ordinal);
        var forbidden = new Dictionary<string, Openings>(StringComparer.Ordinal);
        foreach (var sentence in rules.Sentences.Where(sentence => sentence.States.Contains(state)))
        {
            var openings = Openings.Of(sentence.Purposes, sentence.Classes, Labels.Where(sentence.Covers));
            var side = sentence.Kind == SentenceKind.Allow ? allowed : forbidden;
            foreach (var key in sentence.KeyIds) side[key] = side.GetValueOrDefault(key).With(openings);
        }
        foreach (var (key, openings) in allowed)
        {
            var left = openings.Without(forbidden.GetValueOrDefault(key)).Within(Bounds(rules.Find(key)!.Role)); // sentences name people of the file only
            if (!left.IsEmpty) reach._byKey.Add(key, left);
        }
        return reach;
    }

    /// <summary>What the holder of a key could open; nothing if the rules do not name it.</summary>
    public Openings By(string keyId) => _byKey.GetValueOrDefault(keyId);

    /// <summary>How many could open a class, for any purpose and up to any sensitivity.</summary>
    public int CountOf(DataClass kept) => _byKey.Values.Count(openings => openings.Each().Any(opening => opening.Class == kept));

    private static Openings Bounds(Role role) =>
        Openings.Of(Enum.GetValues<Purpose>().Where(purpose => RoleBounds.WhyNever(role, purpose) is null), Enum.GetValues<DataClass>(), Labels);
}
