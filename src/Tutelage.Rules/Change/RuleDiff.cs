using Tutelage.Rules.Access;
using Tutelage.Rules.Reaching;

namespace Tutelage.Rules.Change;

/// <summary>An opening, and the states of the programme in which it is newly there or newly gone.</summary>
public sealed record OpeningInStates(Opening Opening, IReadOnlyList<ProgrammeState> States);

/// <summary>What a change opens to somebody, or shuts.</summary>
/// <param name="Name">As the later rules write it, or the earlier ones where the later do not name them.</param>
public sealed record PersonChange(string KeyId, string Name, IReadOnlyList<OpeningInStates> Openings);

/// <summary>A ceiling that differs. Numbers of people.</summary>
public readonly record struct CeilingChange(DataClass Class, int Before, int After)
{
    public bool IsRaised => After > Before;
}

/// <summary>A key whose name or role differs: it opens nothing by itself, and approvers must see it.</summary>
public sealed record DescriptionChange(string KeyId, string Before, string After);

/// <summary>Whom a change of the rules lets in and whom it shuts out: exact, from the reach of both in every state of the programme.</summary>
/// <remarks>People are told apart by key. The same name with another key is somebody new.</remarks>
public sealed class RuleDiff
{
    private static readonly ProgrammeState[] States = Enum.GetValues<ProgrammeState>();

    private RuleDiff(RuleSet? before, RuleSet after, IReadOnlyList<PersonChange> letsIn, IReadOnlyList<PersonChange> shutsOut, IReadOnlyList<CeilingChange> ceilings, IReadOnlyList<DescriptionChange> descriptions) =>
        (Before, After, LetsIn, ShutsOut, Ceilings, Descriptions) = (before, after, letsIn, shutsOut, ceilings, descriptions);

    /// <value>Null where there were no rules: then nobody could open anything, and every ceiling is the default.</value>
    public RuleSet? Before { get; }

    public RuleSet After { get; }

    /// <value>In ordinal order of keys, each with at least one opening.</value>
    public IReadOnlyList<PersonChange> LetsIn { get; }

    /// <value>Likewise.</value>
    public IReadOnlyList<PersonChange> ShutsOut { get; }

    /// <value>In the order of the vocabulary.</value>
    public IReadOnlyList<CeilingChange> Ceilings { get; }

    /// <value>In ordinal order of keys.</value>
    public IReadOnlyList<DescriptionChange> Descriptions { get; }

    /// <summary>Somebody could open something that they could not open before, or a ceiling is raised.</summary>
    public bool IsWidening => LetsIn.Count > 0 || Ceilings.Any(ceiling => ceiling.IsRaised);

    public static RuleDiff Between(RuleSet? before, RuleSet after)
    {
        var was = States.Select(state => before is null ? null : RuleReach.Of(before, state)).ToArray();
        var becomes = States.Select(state => RuleReach.Of(after, state)).ToArray();
        var keys = (before?.People ?? []).Concat(after.People).Select(person => person.KeyId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var (letsIn, shutsOut, descriptions) = (new List<PersonChange>(), new List<PersonChange>(), new List<DescriptionChange>());
        foreach (var key in keys)
        {
            var (earlier, later) = (before?.Find(key), after.Find(key));
            var name = (later ?? earlier)!.Name; // the key comes from one of them
            Note(letsIn, index => becomes[index].By(key).Without(was[index]?.By(key) ?? default));
            Note(shutsOut, index => (was[index]?.By(key) ?? default).Without(becomes[index].By(key)));
            if (earlier is not null && later is not null && (earlier.Name, earlier.Role) != (later.Name, later.Role)) descriptions.Add(new(key, Describe(earlier), Describe(later)));

            void Note(List<PersonChange> changes, Func<int, Openings> difference)
            {
                var byState = States.Select((_, index) => difference(index)).ToArray();
                var any = byState.Aggregate(default(Openings), (all, one) => all.With(one));
                if (any.IsEmpty) return;
                changes.Add(new(key, name, [.. any.Each().Select(opening => new OpeningInStates(opening, [.. States.Where((_, index) => byState[index].Contains(opening))]))]));
            }
        }
        var ceilings = Enum.GetValues<DataClass>().Select(kept => new CeilingChange(kept, before?.Ceilings[kept] ?? RuleSet.CeilingUnlessSaid, after.Ceilings[kept])).Where(ceiling => ceiling.Before != ceiling.After);
        return new(before, after, letsIn, shutsOut, [.. ceilings], descriptions);
    }

    private static string Describe(NamedPerson person) => $"{person.Name}, {Spelling.Of(person.Role)}";
}
