using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Halting;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Access;

/// <summary>A proposed change of the rules as the vault keeps it.</summary>
/// <param name="Place">From 1: how-manieth rules of this programme these are; null while they are only proposed.</param>
/// <param name="Approvals">Each steward's last signature with the effect that it names.</param>
internal sealed record KeptChange(string Id, EnrolledPerson Requester, RuleSet Rules, string Text, DateTimeOffset Proposed, long? Place, IReadOnlyList<KeptApproval> Approvals);

/// <param name="Statement">As signed.</param>
internal sealed record KeptApproval(EnrolledPerson Approver, string EffectSha256, string Statement);

/// <summary>Which rules are in force since when.</summary>
/// <param name="Entry">Index of the entry that says so: of kind <c>rules</c>, or 0 for the default set.</param>
/// <param name="Since">Unix seconds.</param>
internal sealed record RulesSince(RuleSet Rules, bool IsDefault, long Entry, long Since);

/// <summary>The rules as this vault's database has them at this moment, inside a transaction as that transaction sees them, and the changes that were proposed.</summary>
/// <remarks>
/// Until a change has taken effect these are the default set (<see cref="RehearsalRules"/>) over the people in the order of the log, which the auditor computes from its own
/// reading. If this differed from the auditor's, the auditor would read no further and no key would be released.
/// </remarks>
internal sealed class RuleBook(VaultStore store, Registry registry)
{
    private (string Of, RuleSet Rules)? _parsed; // the last set read, and what it was read from; under the store's gate

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

    /// <summary>What a change is compared with: null before the first written rules, so that all that they open counts as newly opened.</summary>
    public RuleSet? Before()
    {
        lock (store.Gate) return PlaceNeedsLock() is null ? null : RulesNeedsLock();
    }

    public RulesSince Since()
    {
        lock (store.Gate)
        {
            var entry = PlaceNeedsLock() is null ? 0 : store.Database.ExecuteScalar<long>("SELECT MAX(position) FROM entry WHERE kind = 'rules'");
            return new(RulesNeedsLock(), PlaceNeedsLock() is null, entry, EntryTimeNeedsLock(entry));
        }
    }

    /// <summary>Index and time of the entry by which the rules of a place took effect.</summary>
    public (long Entry, long Since) Taken(long place)
    {
        lock (store.Gate)
        {
            var entry = store.Database.ExecuteScalar<long>("SELECT position FROM entry WHERE kind = 'rules' ORDER BY position LIMIT 1 OFFSET @before", new { before = place - 1 });
            return (entry, EntryTimeNeedsLock(entry));
        }
    }

    public KeptChange? Find(string id)
    {
        lock (store.Gate) return store.Database.QuerySingleOrDefault<Row>($"{Select} WHERE id = @id", new { id }) is { } row ? ReadNeedsLock(row) : null;
    }

    /// <summary>The newest changes, newest first.</summary>
    public IReadOnlyList<KeptChange> Newest(int count)
    {
        lock (store.Gate) return [.. store.Database.Query<Row>($"{Select} ORDER BY rowid DESC LIMIT @count", new { count }).AsList().Select(ReadNeedsLock)];
    }

    /// <summary>The rules that took effect at a place; null for place 0, before the first.</summary>
    public RuleSet? At(long place)
    {
        lock (store.Gate) return place == 0 ? null : Parse(store.Database.QuerySingle<string>("SELECT rules FROM rule_change WHERE place = @place", new { place }));
    }

    public void Propose(string id, EnrolledPerson requester, string statement, string text, DateTimeOffset now, SqliteTransaction transaction) =>
        store.Database.Execute("INSERT INTO rule_change VALUES (@id, @requester, @statement, @text, @at, NULL)", new { id, requester = requester.Key.Id, statement, text, at = now.ToUnixTimeSeconds() }, transaction);

    /// <summary>Keeps a steward's signature; a later one, of the effect as it is then, takes the place of an earlier one.</summary>
    public void Approve(KeptChange change, KeptApproval approval, SqliteTransaction transaction) => store.Database.Execute(
        Approved, new { change.Id, approver = approval.Approver.Key.Id, approval.EffectSha256, approval.Statement }, transaction);

    /// <summary>Puts a change in force. The entry of kind <c>rules</c> MUST be of the same transaction.</summary>
    public void TakeEffect(string id, SqliteTransaction transaction) =>
        store.Database.Execute(TakesEffect, new { id }, transaction);

    internal const string Approved = "INSERT INTO rule_approval VALUES (@Id, @approver, @EffectSha256, @Statement) ON CONFLICT (change_id, approver) DO UPDATE SET effect_sha256 = excluded.effect_sha256, statement = excluded.statement";

    internal const string TakesEffect = "UPDATE rule_change SET place = (SELECT COALESCE(MAX(place), 0) + 1 FROM rule_change) WHERE id = @id";

    private const string Select = "SELECT id AS Id, requester AS Requester, rules AS Rules, proposed AS Proposed, place AS Place FROM rule_change";

    private long? PlaceNeedsLock() => store.Database.ExecuteScalar<long?>("SELECT MAX(place) FROM rule_change");

    private RuleSet RulesNeedsLock()
    {
        if (store.Database.QuerySingleOrDefault<(string Id, long Place)?>("SELECT id, place FROM rule_change WHERE place IS NOT NULL ORDER BY place DESC LIMIT 1") is { } written)
        {
            if (_parsed is not { } known || known.Of != written.Id) _parsed = known = (written.Id, Parse(store.Database.QuerySingle<string>("SELECT rules FROM rule_change WHERE id = @Id", new { written.Id })));
            return known.Rules;
        }

        var researchers = store.Database.Query<string>("SELECT key_id FROM person WHERE role = 'researcher' ORDER BY rowid LIMIT @most", new { most = RuleSet.CeilingUnlessSaid }).AsList();
        var named = string.Join(' ', researchers);
        if (_parsed is not { } last || last.Of != named) _parsed = last = (named, RehearsalRules.Of(RehearsalRules.Unnamed, researchers.Select(key => new Person(key, Role.Researcher, null))));
        return last.Rules;
    }

    private long EntryTimeNeedsLock(long entry)
    {
        using var body = System.Text.Json.JsonDocument.Parse(store.Database.ExecuteScalar<byte[]?>("SELECT body FROM entry WHERE position = @entry", new { entry }) ?? "{}"u8.ToArray());
        return body.RootElement.TryGetProperty("time", out var time)
            ? DateTimeOffset.ParseExact(time.GetString()!, EntryDraft.TimeFormat, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds() // we wrote it
            : 0;
    }

    private KeptChange ReadNeedsLock(Row row)
    {
        var approvals = store.Database.Query<(string Approver, string Effect, string Statement)>("SELECT approver, effect_sha256, statement FROM rule_approval WHERE change_id = @Id ORDER BY rowid", new { row.Id }).AsList();
        return new(row.Id, Known(row.Requester), Parse(row.Rules), row.Rules, DateTimeOffset.FromUnixTimeSeconds(row.Proposed), row.Place, [.. approvals.Select(a => new KeptApproval(Known(a.Approver), a.Effect, a.Statement))]);

        EnrolledPerson Known(string keyId) => registry.Find(keyId) ?? throw new InvalidOperationException($"change {row.Id} of the rules names {keyId}, who is not enrolled");
    }

    private static RuleSet Parse(string text) => RuleBytes.Decode(System.Text.Encoding.UTF8.GetBytes(text)).Rules ?? throw new InvalidOperationException("rules in the database are not what was approved; restore it from a copy");

    private sealed record Row(string Id, string Requester, string Rules, long Proposed, long? Place);
}
