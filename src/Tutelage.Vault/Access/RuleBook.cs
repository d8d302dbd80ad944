using Dapper;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Halting;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Access;

/// <summary>The rules in force as this vault's database has them at this moment, inside a transaction as that transaction sees them.</summary>
/// <remarks>
/// Until somebody has written rules these are the default set (<see cref="RehearsalRules"/>) over the people in the order of the log, which the auditor computes from its own
/// reading. If this differed from the auditor's, the auditor would read no further and no key would be released.
/// </remarks>
internal sealed class RuleBook(VaultStore store)
{
    private (string Researchers, RuleSet Rules)? _default; // the last one computed; under the store's gate

    public RulesInForce InForce()
    {
        lock (store.Gate) return new(RulesNeedsLock(), StateNeedsLock());
    }

    /// <summary>As <see cref="ProgrammeStanding.ForRules"/> says it. Where the stage cannot be read it is halted.</summary>
    private ProgrammeState StateNeedsLock()
    {
        if (!store.Programme().Halted) return ProgrammeState.Running;
        return Spelling.TryRead<Stage>(store.Database.ExecuteScalar<string?>("SELECT reached FROM stage"), out var stage) ? (ProgrammeStanding.Beginning with { Stage = stage.Value }).ForRules : ProgrammeState.Halted;
    }

    private RuleSet RulesNeedsLock()
    {
        var researchers = store.Database.Query<string>("SELECT key_id FROM person WHERE role = 'researcher' ORDER BY rowid LIMIT @most", new { most = RuleSet.CeilingUnlessSaid }).AsList();
        var named = string.Join(' ', researchers);
        if (_default is not { } known || known.Researchers != named)
            _default = known = (named, RehearsalRules.Of(RehearsalRules.Unnamed, researchers.Select(key => new Person(key, Role.Researcher, null))));
        return known.Rules;
    }
}
