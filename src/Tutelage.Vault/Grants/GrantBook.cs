using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Rules.Grants;
using Tutelage.Vault.Access;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Grants;

/// <summary>Where a grant stands; the words are those of the database and the wire.</summary>
internal static class GrantState
{
    public const string Requested = "requested";
    public const string Approved = "approved";
    public const string Running = "running";
    public const string Denied = "denied";
    public const string Done = "done";
}

/// <summary>A grant as the vault keeps it.</summary>
/// <param name="EndsAt">Until when keys may be released under it; null while too few have approved.</param>
/// <param name="Result">The last line of its run, once that succeeded.</param>
internal sealed record KeptGrant(
    string Id, EnrolledPerson Requester, GrantRequest Request, string Effect, string EffectSha256, string State, DateTimeOffset? EndsAt, string? Result, IReadOnlyList<EnrolledPerson> Approvers)
{
    /// <summary>May keys be released under it? Neither segments nor data sets carry a label yet: they count as sensitive.</summary>
    public GrantDecision Decide(RulesInForce rules) => GrantRules.DecideRelease(Request, Requester.ForRules, [.. Approvers.Select(a => new VerifiedApproval(a.ForRules))], rules, label: null);

    /// <summary>May it be put to approvers?</summary>
    public GrantDecision DecideRequest(RulesInForce rules) => GrantRules.DecideRequest(Request, Requester.ForRules, rules, label: null);
}

/// <summary>All grants. Changes of state go through <see cref="VaultLedger.Record{T}"/>, so that each has its entry.</summary>
internal sealed class GrantBook(VaultStore store, Registry registry)
{
    /// <summary>Each request is an entry about everybody it names, so their number is bounded. A person at a keyboard does not come near it.</summary>
    public const int RequestsAnHour = 60;

    private readonly ConcurrentDictionary<string, GrantRequest> _requests = new(StringComparer.Ordinal); // by grant; what was asked for never changes

    private const string Columns = "id AS Id, requester AS Requester, request AS Request, effect AS Effect, effect_sha256 AS EffectSha256, state AS State, ends_at AS EndsAt, result AS Result";

    /// <summary>What grants are decided by.</summary>
    public RuleBook Rules { get; } = new(store, registry);

    public KeptGrant? Find(string id)
    {
        lock (store.Gate)
        {
            return store.Database.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM grant_request WHERE id = @id", new { id }) is { } row ? Read(row) : null;
        }
    }

    public IReadOnlyList<KeptGrant> All()
    {
        lock (store.Gate) return [.. store.Database.Query<Row>($"SELECT {Columns} FROM grant_request ORDER BY rowid").AsList().Select(Read)];
    }

    /// <summary>Keeps a new grant, and counts it against its asker's hour.</summary>
    public void Insert(KeptGrant grant, DateTimeOffset now, SqliteTransaction transaction)
    {
        store.Database.Execute(
            "INSERT INTO grant_request VALUES (@Id, @requester, @request, @Effect, @EffectSha256, @State, NULL, NULL)",
            new { grant.Id, requester = grant.Requester.Key.Id, request = JsonSerializer.Serialize(GrantWire.Of(grant.Request), Wire.Json), grant.Effect, grant.EffectSha256, grant.State }, transaction);
        CountRequest(grant.Requester.Key.Id, now, transaction);
    }

    public void CountRequest(string asker, DateTimeOffset now, SqliteTransaction transaction)
    {
        var at = now.ToUnixTimeSeconds();
        store.Database.Execute(
            """
            INSERT INTO asked VALUES (@asker, @at, 1) ON CONFLICT (asker) DO UPDATE SET
                requests = CASE WHEN began <= @at AND @at < began + 3600 THEN requests + 1 ELSE 1 END, began = CASE WHEN began <= @at AND @at < began + 3600 THEN began ELSE @at END
            """, new { asker, at }, transaction);
    }

    /// <summary>Is there room for one more request in the hour that began with this asker's first?</summary>
    public bool MayRequest(string asker, DateTimeOffset now)
    {
        var at = now.ToUnixTimeSeconds();
        lock (store.Gate) return store.Database.ExecuteScalar<int>("SELECT COALESCE(MAX(requests), 0) FROM asked WHERE asker = @asker AND began <= @at AND @at < began + 3600", new { asker, at }) < RequestsAnHour;
    }

    /// <summary>Counts keys about to be named by a release; false if that is more than was approved.</summary>
    public bool TryCountKeys(KeptGrant grant, int keys, SqliteTransaction transaction)
    {
        store.Database.Execute("INSERT INTO key_count VALUES (@Id, @keys) ON CONFLICT (grant_id) DO UPDATE SET keys = key_count.keys + excluded.keys", new { grant.Id, keys }, transaction);
        return store.Database.ExecuteScalar<long>("SELECT keys FROM key_count WHERE grant_id = @Id", new { grant.Id }, transaction) <= grant.Request.Keys;
    }

    public void Approve(KeptGrant grant, EnrolledPerson approver, string statement, DateTimeOffset now, SqliteTransaction transaction)
    {
        var at = now.ToUnixTimeSeconds();
        store.Database.Execute("INSERT INTO approval VALUES (@Id, @approver, @statement, @at)", new { grant.Id, approver = approver.Key.Id, statement, at }, transaction);
        var count = store.Database.ExecuteScalar<int>("SELECT COUNT(*) FROM approval WHERE grant_id = @Id", new { grant.Id }, transaction);
        if (count == GrantRules.ApprovalsNeeded)
            store.Database.Execute("UPDATE grant_request SET state = 'approved', ends_at = @ends WHERE id = @Id AND state = 'requested'", new { grant.Id, ends = at + grant.Request.Minutes * 60L }, transaction);
    }

    public void Deny(KeptGrant grant, SqliteTransaction transaction) =>
        store.Database.Execute("UPDATE grant_request SET state = 'denied' WHERE id = @Id", new { grant.Id }, transaction);

    /// <summary>Claims the grant for one run; false if it is not approved or runs already.</summary>
    public bool TryBeginRun(string id)
    {
        lock (store.Gate) return store.Database.Execute("UPDATE grant_request SET state = 'running' WHERE id = @id AND state = 'approved'", new { id }) == 1;
    }

    public void EndRun(string id, string? result, SqliteTransaction? transaction = null)
    {
        lock (store.Gate)
            store.Database.Execute("UPDATE grant_request SET state = @state, result = @result WHERE id = @id AND state = 'running'", new { id, result, state = result is null ? GrantState.Approved : GrantState.Done }, transaction);
    }

    private KeptGrant Read(Row row)
    {
        var request = _requests.GetOrAdd(row.Id, static (id, text) => Wire.Read<GrantWire>(System.Text.Encoding.UTF8.GetBytes(text))?.Check(out _) ?? throw new InvalidOperationException($"grant {id} is unreadable in the database"), row.Request);
        var approvers = store.Database.Query<string>("SELECT approver FROM approval WHERE grant_id = @Id ORDER BY rowid", new { row.Id }).AsList();
        return new KeptGrant(
            row.Id, Known(row.Requester), request, row.Effect, row.EffectSha256, row.State, row.EndsAt is { } ends ? DateTimeOffset.FromUnixTimeSeconds(ends) : null, row.Result, [.. approvers.Select(Known)]);

        EnrolledPerson Known(string keyId) => registry.Find(keyId) ?? throw new InvalidOperationException($"grant {row.Id} names {keyId}, who is not enrolled");
    }

    private sealed record Row(string Id, string Requester, string Request, string Effect, string EffectSha256, string State, long? EndsAt, string? Result);
}
