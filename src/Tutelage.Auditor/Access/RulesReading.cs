using Tutelage.Auditor.Reading;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Grants;

namespace Tutelage.Auditor.Access;

/// <summary>The rules in force as the entries tell them: the auditor's own copy, by which it decides. Kept in <see cref="Knowledge"/>.</summary>
/// <remarks>Until somebody has written rules these are the default set over the researchers in the order in which they were enrolled. Not thread-safe.</remarks>
internal sealed class RulesReading
{
    /// <summary>Where the researchers of the default set lie in <see cref="Knowledge"/>: key ids in order of enrolment, with spaces.</summary>
    public const string Name = "researchers";

    private readonly List<string> _researchers;
    private RuleSet? _default; // of _researchers; null until somebody asks

    public RulesReading(Knowledge known) => _researchers = [.. (known.Text(Name) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    public RuleSet Rules => _default ??= RehearsalRules.Of(RehearsalRules.Unnamed, _researchers.Select(key => new Person(key, Role.Researcher, null)));

    /// <summary>Somebody is enrolled: the default set may name them.</summary>
    public void Learn(KnownPerson person)
    {
        if (person.Role != Role.Researcher || _researchers.Count >= RuleSet.CeilingUnlessSaid) return;
        _researchers.Add(person.Key.Id);
        _default = null;
    }

    public void Save(Knowledge known) => known.SaveText(Name, string.Join(' ', _researchers));
}
