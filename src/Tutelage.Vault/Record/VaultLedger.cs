using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Ledger;
using Tutelage.Vault.Keys;

namespace Tutelage.Vault.Record;

/// <summary>An entry as the vault keeps it: exact bytes and salt.</summary>
internal sealed record KeptEntry(long Position, string Kind, byte[] Body, byte[] Salt);

/// <summary>Every change that matters is one transaction with the entry that tells of it; then the entry's commitment goes into the log.</summary>
/// <remarks>
/// <para>Order: database first (state change, body, salt, chain heads in one commit), log second. The other way round a crash could leave a leaf whose body
/// nobody has, and the auditor could never read past it. At start, entries that the database has and the log lacks are appended, by the ordinary path.</para>
/// <para>If the log refuses to be written the vault ends: its state on disk is unknown and a restart reads it.</para>
/// </remarks>
internal sealed class VaultLedger : IDisposable
{
    private readonly VaultStore _store;
    private readonly TimeProvider _time;

    private VaultLedger(VaultStore store, TileLog log, TimeProvider time) => (_store, Log, _time) = (store, log, time);

    public TileLog Log { get; }

    /// <summary>Called after each append, outside the lock; set once at start.</summary>
    public Action? Appended { get; set; }

    /// <summary>Called when the log could not be written; set once at start. Nothing can be recorded after it.</summary>
    public Action<Exception>? Unknown { get; set; }

    public static VaultLedger? Open(string folder, VaultStore store, VaultKeys keys, TimeProvider time, List<string> faults)
    {
        try
        {
            var origin = keys.Log.VerifierKey.Name;
            var ledger = new VaultLedger(store, TileLog.Open(Path.Combine(folder, "log"), origin, keys.Log), time);
            ledger.AppendWhatTheLogLacks(faults);
            if (faults.Count == 0 && ledger.Log.Size == 0)
                ledger.Record(_ => true, new EntryDraft("programme", [], json =>
                {
                    json.WriteString("vault_key", keys.Identity.Public.Text);
                    json.WriteString("log", keys.Log.VerifierKey.Text);
                }));
            return ledger;
        }
        catch (LogDamagedException damage)
        {
            faults.Add(damage.Message);
            return null;
        }
    }

    /// <summary>Makes one change and its entry durable together.</summary>
    /// <param name="change">Runs in the transaction, under the store's lock; MUST NOT wait for anything. If it throws, nothing happened.</param>
    /// <returns>The entry's index and what the change returned.</returns>
    public (long Index, T Value) Record<T>(Func<SqliteTransaction, T> change, EntryDraft draft)
    {
        T value;
        long index;
        lock (_store.Gate)
        {
            using var transaction = _store.Database.BeginTransaction();
            value = change(transaction);
            index = WriteNeedsLock(draft, transaction, out var commitment);
            transaction.Commit();

            // If we crash here the entry is in the database and not in the log; the next start appends it.
            try
            {
                Log.Append([commitment]);
            }
            catch (Exception fault)
            {
                Unknown?.Invoke(fault);
                throw;
            }
        }

        Appended?.Invoke();
        return (index, value);
    }

    /// <summary>Entries from <paramref name="first"/> on, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<KeptEntry> Read(long first, int count)
    {
        lock (_store.Gate)
        {
            return _store.Database.Query<KeptEntry>(
                "SELECT position AS Position, kind AS Kind, body AS Body, salt AS Salt FROM entry WHERE position >= @first ORDER BY position LIMIT @count", new { first, count }).AsList();
        }
    }

    /// <summary>Indexes of the entries about one person, or about nobody for a null tag.</summary>
    public IReadOnlyList<long> About(string? tag)
    {
        lock (_store.Gate)
        {
            return tag is null
                ? _store.Database.Query<long>("SELECT position FROM entry WHERE position NOT IN (SELECT position FROM entry_about) ORDER BY position").AsList()
                : _store.Database.Query<long>("SELECT position FROM entry_about WHERE tag = @tag ORDER BY position", new { tag }).AsList();
        }
    }

    /// <summary>The offline proof of an entry under the newest cosigned checkpoint that covers it, or else under the newest checkpoint.</summary>
    public TlogProof Prove(long index)
    {
        var note = Log.ReadAuditedCheckpoint() is { } audited && SizeOf(audited) > index ? audited : Log.Checkpoint;
        return new TlogProof(index, Log.ProveInclusion(index, SizeOf(note)), note);
    }

    public void Dispose() => Log.Dispose();

    private static long SizeOf(byte[] note) =>
        SignedNote.Parse(note) is { } parsed && Checkpoint.Parse(parsed.Text) is { } checkpoint ? checkpoint.Size : 0;

    private long WriteNeedsLock(EntryDraft draft, SqliteTransaction transaction, out byte[] commitment)
    {
        var database = _store.Database;
        var index = database.ExecuteScalar<long>("SELECT COALESCE(MAX(position) + 1, 0) FROM entry", transaction: transaction);
        var chain = draft.About.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(tag =>
        {
            var (sequence, head) = database.QuerySingleOrDefault<(long, string)?>("SELECT sequence, head FROM chain WHERE tag = @tag", new { tag }, transaction) ?? (0, new string('0', 64));
            return (Tag: tag, Sequence: sequence + 1, Previous: head);
        }).ToList();
        var body = draft.Body(_time.GetUtcNow(), chain);
        var salt = RandomNumberGenerator.GetBytes(EntryCommitment.SaltSizeBytes);
        commitment = EntryCommitment.Of(salt, body);
        var head = Convert.ToHexStringLower(commitment);
        database.Execute("INSERT INTO entry VALUES (@index, @Kind, @body, @salt)", new { index, draft.Kind, body, salt }, transaction);
        foreach (var (tag, sequence, _) in chain)
        {
            database.Execute("INSERT INTO entry_about VALUES (@index, @tag)", new { index, tag }, transaction);
            database.Execute("INSERT INTO chain VALUES (@tag, @sequence, @head) ON CONFLICT (tag) DO UPDATE SET sequence = excluded.sequence, head = excluded.head", new { tag, sequence, head }, transaction);
        }

        return index;
    }

    private void AppendWhatTheLogLacks(List<string> faults)
    {
        var kept = Read(0, int.MaxValue);
        if (Log.Size > kept.Count) faults.Add($"the log has {Log.Size} entries, the database keeps {kept.Count}: the database is older than the log; restore both from one copy");
        for (var i = 0; i < kept.Count; i++)
        {
            var commitment = EntryCommitment.Of(kept[i].Salt, kept[i].Body);
            if (kept[i].Position != i) faults.Add($"entry {i} is missing in the database; restore it from a copy");
            else if (i >= Log.Size && faults.Count == 0) Log.Append([commitment]);
            else if (i < Log.Size && !Log.ReadEntry(i).Span.SequenceEqual(commitment)) faults.Add($"entry {i}: the database's bytes are not what the log committed to");
            if (faults.Count > 20) return;
        }
    }
}
