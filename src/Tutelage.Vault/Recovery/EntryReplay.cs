using System.Globalization;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Halting;
using Tutelage.Vault.Access;
using Tutelage.Vault.Halting;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Recovery;

/// <summary>Does to the database what an entry tells: the way a vault that came back from a backup learns what happened since.</summary>
/// <remarks>
/// Runs in the transaction that brings the entries, and only for entries whose root this vault has signed. What no entry tells is lost with the old database: names, results of runs in
/// full, and the keys of people who enrolled after the backup. Those people are known again and have no key: their recorders get no lease until they enrol anew.
/// An unknown kind ends it: a program that does not know what an entry does must not go on from it.
/// </remarks>
internal sealed class EntryReplay(SqliteConnection database, SqliteTransaction transaction, VaultKeys keys)
{
    /// <summary>People who enrolled after the backup.</summary>
    public int PeopleWithoutKeys { get; private set; }

    /// <exception cref="InvalidDataException">A kind that this program does not know.</exception>
    public void Bring(long index, byte[] body, byte[] salt)
    {
        using var document = JsonDocument.Parse(body);
        var entry = document.RootElement;
        var kind = Text(entry, "kind");
        if (kind == "heads") Execute("DELETE FROM heads_leaf; INSERT INTO heads_leaf SELECT tag, sequence, head FROM chain", new { });
        Execute("INSERT INTO entry VALUES (@index, @kind, @body, @salt)", new { index, kind, body, salt });
        var head = Convert.ToHexStringLower(EntryCommitment.Of(salt, body));
        foreach (var link in entry.GetProperty("about").EnumerateArray())
        {
            var (tag, sequence) = (Text(link, "tag"), link.GetProperty("sequence").GetInt64());
            Execute("INSERT INTO entry_about VALUES (@index, @tag)", new { index, tag });
            Execute("INSERT INTO chain VALUES (@tag, @sequence, @head) ON CONFLICT (tag) DO UPDATE SET sequence = excluded.sequence, head = excluded.head", new { tag, sequence, head });
        }

        Apply(kind, entry);
    }

    private void Apply(string kind, JsonElement entry)
    {
        var at = DateTimeOffset.ParseExact(Text(entry, "time"), EntryDraft.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds();
        switch (kind)
        {
            case "enrolled":
                Enrolled(entry);
                break;
            case "agreed":
                Agreed(entry);
                break;
            case "requested":
                Requested(entry);
                break;
            case "approved":
                Approved(entry, at);
                break;
            case "denied" when Text(entry, "by") != "rules":
                Execute("UPDATE grant_request SET state = 'denied' WHERE id = @grant", new { grant = Text(entry, "grant") });
                break;
            case "release":
                var count = entry.GetProperty("keys").EnumerateObject().Sum(kept => kept.Value.GetInt64());
                Execute("INSERT INTO key_count VALUES (@grant, @count) ON CONFLICT (grant_id) DO UPDATE SET keys = key_count.keys + excluded.keys", new { grant = Text(entry, "grant"), count });
                Execute("UPDATE programme SET epoch = MAX(epoch, @epoch)", new { epoch = entry.GetProperty("epoch").GetInt64() });
                break;
            case "built":
                Done(entry, new { dataset = Text(entry, "dataset") });
                break;
            case "exported":
                Done(entry, new { export = Text(entry, "object"), dataset = Text(entry, "dataset") });
                break;
            case "rules-proposed":
                Execute("INSERT INTO rule_change VALUES (@id, @requester, @statement, @rules, @at, NULL)", new { id = Text(entry, "change"), requester = Text(entry, "requester"), statement = Text(entry, "statement"), rules = Text(entry, "rules"), at });
                break;
            case "rules-approved":
                RulesApproved(Text(entry, "change"), Text(entry, "statement"));
                break;
            case "rules":
                foreach (var signed in entry.GetProperty("statements").EnumerateArray()) RulesApproved(Text(entry, "change"), signed.GetString() ?? "");
                Execute(RuleBook.TakesEffect, new { id = Text(entry, "change") });
                break;
            case "keystore":
                Execute(KeystoreRecord.Upsert, new { act = Text(entry, "act"), epoch = entry.GetProperty("epoch").GetInt64(), at });
                break;
            case "halted":
                Execute(HaltBook.Schema, new { });
                Execute("UPDATE programme SET epoch = @epoch, halted = 1", new { epoch = entry.GetProperty("epoch").GetInt64() });
                var statement = Text(entry, "statement");
                Execute("UPDATE stage SET reached = 'halted', statement = @statement, halted_by = @by, role = (SELECT role FROM person WHERE key_id = @by), why = @Why",
                    new { statement, by = Text(entry, "by"), SignedStatement.Parse(statement).Read<HaltWords>().Why });
                break;
            case "resumed":
                var stage = Text(entry, "stage");
                Execute(HaltBook.Schema, new { });
                Execute("UPDATE programme SET halted = @halted", new { halted = stage == Rules.Spelling.Of(Stage.Release) ? 0 : 1 });
                Execute("UPDATE stage SET reached = @stage, admitted_from = @from", new { stage, from = entry.GetProperty("admitted_from").GetInt64() });
                break;
            case "programme" or "heads" or "refused" or "failed" or "denied" or "deleted": // a deletion: DeletionBook.Replay, before anything is served
                break;
            default:
                throw new InvalidDataException($"an entry of kind '{kind}', which this program does not know; start a newer one");
        }
    }

    private void Enrolled(JsonElement entry)
    {
        var key = PublicKey.Parse(Text(entry, "key"));
        var row = new { id = key.Id, key = key.Text, role = Text(entry, "role"), personId = "restored-" + key.Id };
        if (row.role != "participant")
        {
            Execute("INSERT OR IGNORE INTO person (key_id, key, role, person_id) VALUES (@id, @key, @role, @personId)", row);
            return;
        }

        var (tag, device, manifest) = (Text(entry.GetProperty("about")[0], "tag"), PublicKey.Parse(Text(entry, "device_key")), Text(entry, "manifest_sha256"));
        var certificate = SignedStatement.Sign(keys.Identity, ReleasedObject.CertificateKind, new DeviceCertificate(tag, device.Text, manifest)).ToJson();
        PeopleWithoutKeys += Execute(
            "INSERT OR IGNORE INTO person (key_id, key, role, person_id, tag, device_id, device_key, manifest, receipt, certificate) VALUES (@id, @key, @role, @personId, @tag, @deviceId, @deviceKey, @manifest, @receipt, @certificate)",
            new { row.id, row.key, row.role, row.personId, tag, deviceId = device.Id, deviceKey = device.Text, manifest, receipt = Text(entry, "receipt"), certificate });
    }

    private void Agreed(JsonElement entry)
    {
        var (tag, manifest) = (Text(entry.GetProperty("about")[0], "tag"), Text(entry, "manifest_sha256"));
        var device = database.ExecuteScalar<string>("SELECT device_key FROM person WHERE tag = @tag", new { tag }, transaction);
        var certificate = SignedStatement.Sign(keys.Identity, ReleasedObject.CertificateKind, new DeviceCertificate(tag, device, manifest)).ToJson();
        Execute("UPDATE person SET manifest = @manifest, certificate = @certificate WHERE tag = @tag", new { tag, manifest, certificate });
    }

    private void Requested(JsonElement entry)
    {
        var (id, requester) = (Text(entry, "grant"), Text(entry, "requester"));
        var request = GrantWire.Read(entry.GetProperty("request")) ?? throw new InvalidDataException($"grant {id} has no request that this program reads; start a newer one");
        Execute("INSERT INTO grant_request VALUES (@id, @requester, @request, @effect, @digest, 'requested', NULL, NULL)", new
        {
            id, requester, request = JsonSerializer.Serialize(GrantWire.Of(request), Wire.Json), effect = request.Effect(id, requester), digest = Text(entry, "effect_sha256"),
        });
    }

    private void Approved(JsonElement entry, long at)
    {
        var id = Text(entry, "grant");
        Execute("INSERT INTO approval VALUES (@id, @approver, @statement, @at)", new { id, approver = Text(entry, "approver"), statement = Text(entry, "statement"), at });
        if (database.ExecuteScalar<int>("SELECT COUNT(*) FROM approval WHERE grant_id = @id", new { id }, transaction) != GrantRules.ApprovalsNeeded) return;
        var request = Wire.Read<GrantWire>(System.Text.Encoding.UTF8.GetBytes(database.ExecuteScalar<string>("SELECT request FROM grant_request WHERE id = @id", new { id }, transaction) ?? ""));
        Execute("UPDATE grant_request SET state = 'approved', ends_at = @ends WHERE id = @id AND state = 'requested'", new { id, ends = at + (request?.Minutes ?? 0) * 60L });
    }

    private void RulesApproved(string id, string text)
    {
        var statement = SignedStatement.Parse(text);
        Execute(RuleBook.Approved, new { Id = id, approver = statement.KeyId, statement.Read<ApprovalOfChange>().EffectSha256, Statement = text });
    }

    private void Done<T>(JsonElement entry, T result) =>
        Execute("UPDATE grant_request SET state = 'done', result = @result WHERE id = @grant AND state <> 'denied'", new { grant = Text(entry, "grant"), result = JsonSerializer.Serialize(result, Wire.Json) });

    private int Execute(string sql, object values) => database.Execute(sql, values, transaction);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new InvalidDataException($"'{name}' is null");
}
