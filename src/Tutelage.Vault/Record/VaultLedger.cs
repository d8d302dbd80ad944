using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
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
    /// <summary>An entry later than this after the last root over all heads is preceded by a new one (docs/formats/entries.md).</summary>
    public static readonly TimeSpan HeadsEvery = TimeSpan.FromHours(1);

    private const int EntriesPerLook = 4096;

    private readonly VaultStore _store;
    private readonly TimeProvider _time;
    private DateTimeOffset _latest; // time of the last entry, under the store's lock: entries never go back in time
    private DateTimeOffset _headsAt; // time of the last root over all heads, or of the first entry; under the store's lock
    private bool _anyHeads; // whether there is a root yet; under the store's lock

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
                    json.WriteString("rules", "default");
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
            var now = NowNeedsLock();
            var due = _latest != default && now - _headsAt >= HeadsEvery;
            var written = new List<ReadOnlyMemory<byte>>(2);
            if (due) written.Add(WriteHeadsNeedsLock(now, transaction));
            index = WriteNeedsLock(draft, now, transaction, out var commitment);
            written.Add(commitment);
            CommitNeedsLock(transaction, written, now, due);
        }

        Appended?.Invoke();
        return (index, value);
    }

    /// <summary>Commits to every person's head now, unless the last root is younger than <paramref name="atMostEvery"/>.</summary>
    /// <returns>Whether an entry was written.</returns>
    public bool CommitHeads(TimeSpan atMostEvery)
    {
        lock (_store.Gate)
        {
            var now = NowNeedsLock();
            if (_latest == default || (now - _headsAt < atMostEvery && (_anyHeads || atMostEvery >= HeadsEvery))) return false;
            using var transaction = _store.Database.BeginTransaction();
            var commitment = WriteHeadsNeedsLock(now, transaction);
            CommitNeedsLock(transaction, [commitment], now, heads: true);
        }

        Appended?.Invoke();
        return true;
    }

    /// <summary>Everything about one person with its proofs (<see cref="PersonHistory"/>); null for a tag that no entry is about.</summary>
    public PersonHistory? HistoryOf(string tag)
    {
        List<HistoryEntry> entries;
        (long Position, byte[] Body, byte[] Salt)? root;
        List<PersonHead> heads;
        lock (_store.Gate)
        {
            entries = [.. _store.Database.Query<(long Position, byte[] Body, byte[] Salt)>(
                "SELECT e.position, e.body, e.salt FROM entry_about a JOIN entry e ON e.position = a.position WHERE a.tag = @tag ORDER BY e.position", new { tag }).Select(e => new HistoryEntry(e.Position, Text(e.Body), e.Salt))];
            root = _store.Database.QuerySingleOrDefault<(long, byte[], byte[])?>("SELECT position, body, salt FROM entry WHERE kind = 'heads' ORDER BY position DESC LIMIT 1");
            heads = [.. Heads("heads_leaf", null)];
        }

        if (entries.Count == 0) return null;
        var membership = root is { } r && Ledger.Heads.Prove(heads, tag) is { } place ? new HeadsMembership(Text(r.Body), r.Salt, Prove(r.Position), place.Position, place.Hashes) : null;
        return new PersonHistory(tag, entries, membership, Prove(entries[^1].Index));

        static string Text(byte[] body) => System.Text.Encoding.UTF8.GetString(body);
    }

    /// <summary>Whether entries about the person stand after the last root over all heads.</summary>
    public bool IsNewerThanHeads(string tag)
    {
        lock (_store.Gate)
        {
            return _store.Database.ExecuteScalar<long>(
                "SELECT COUNT(*) FROM chain c LEFT JOIN heads_leaf h ON h.tag = c.tag WHERE c.tag = @tag AND h.sequence IS NOT c.sequence", new { tag }) > 0;
        }
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
                ? _store.Database.Query<long>("SELECT position FROM entry e WHERE NOT EXISTS (SELECT 1 FROM entry_about a WHERE a.position = e.position) ORDER BY position").AsList()
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

    private IEnumerable<PersonHead> Heads(string table, SqliteTransaction? transaction) =>
        _store.Database.Query<(string Tag, long Sequence, string Head)>($"SELECT tag, sequence, head FROM {table} ORDER BY tag", transaction: transaction, buffered: false).Select(h => new PersonHead(h.Tag, h.Sequence, h.Head));

    private DateTimeOffset NowNeedsLock()
    {
        var now = _time.GetUtcNow();
        return now > _latest ? now : _latest;
    }

    private void CommitNeedsLock(SqliteTransaction transaction, IReadOnlyList<ReadOnlyMemory<byte>> commitments, DateTimeOffset now, bool heads)
    {
        transaction.Commit();
        if (heads || _latest == default) _headsAt = now;
        _anyHeads |= heads;
        _latest = now;

        // If we crash here the entries are in the database and not in the log; the next start appends them.
        try
        {
            Log.Append(commitments);
        }
        catch (Exception fault)
        {
            Unknown?.Invoke(fault);
            throw;
        }
    }

    private byte[] WriteHeadsNeedsLock(DateTimeOffset now, SqliteTransaction transaction)
    {
        var (persons, root) = Ledger.Heads.Root(Heads("chain", transaction));
        _store.Database.Execute("DELETE FROM heads_leaf; INSERT INTO heads_leaf SELECT tag, sequence, head FROM chain", transaction: transaction);
        WriteNeedsLock(new EntryDraft("heads", [], json =>
        {
            json.WriteNumber("persons", persons);
            json.WriteString("root", root.ToString());
        }), now, transaction, out var commitment);
        return commitment;
    }

    private long WriteNeedsLock(EntryDraft draft, DateTimeOffset now, SqliteTransaction transaction, out byte[] commitment)
    {
        var database = _store.Database;
        var index = database.ExecuteScalar<long>("SELECT COALESCE(MAX(position) + 1, 0) FROM entry", transaction: transaction);
        var chain = draft.About.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(tag =>
        {
            var (sequence, head) = database.QuerySingleOrDefault<(long, string)?>("SELECT sequence, head FROM chain WHERE tag = @tag", new { tag }, transaction) ?? (0, new string('0', 64));
            return (Tag: tag, Sequence: sequence + 1, Previous: head);
        }).ToList();
        var body = draft.Body(now, chain);
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
        var count = _store.Database.ExecuteScalar<long>("SELECT COUNT(*) FROM entry");
        if (Log.Size > count) faults.Add($"the log has {Log.Size} entries, the database keeps {count}: the database is older than the log; restore both from one copy");
        for (long first = 0; faults.Count == 0; first += EntriesPerLook)
        {
            var kept = Read(first, EntriesPerLook);
            if (kept.Count == 0) break;
            LookAt(first, kept, faults);
        }

        _latest = TimeOf("SELECT body FROM entry ORDER BY position DESC LIMIT 1");
        _headsAt = TimeOf("SELECT body FROM entry WHERE kind = 'heads' ORDER BY position DESC LIMIT 1");
        _anyHeads = _headsAt != default;
        if (!_anyHeads) _headsAt = TimeOf("SELECT body FROM entry ORDER BY position LIMIT 1");
    }

    private void LookAt(long first, IReadOnlyList<KeptEntry> kept, List<string> faults)
    {
        var logged = Log.ReadEntries(first, kept.Count);
        var lacking = new List<ReadOnlyMemory<byte>>();
        for (var i = 0; i < kept.Count && faults.Count <= 20; i++)
        {
            var commitment = EntryCommitment.Of(kept[i].Salt, kept[i].Body);
            if (kept[i].Position != first + i) faults.Add($"entry {first + i} is missing in the database; restore it from a copy");
            else if (i >= logged.Count) lacking.Add(commitment);
            else if (!logged[i].Span.SequenceEqual(commitment)) faults.Add($"entry {first + i}: the database's bytes are not what the log committed to");
        }

        if (faults.Count == 0 && lacking.Count > 0) Log.Append(lacking);
    }

    private DateTimeOffset TimeOf(string query)
    {
        if (_store.Database.ExecuteScalar<byte[]?>(query) is not { } body) return default;
        using var entry = JsonDocument.Parse(body);
        return DateTimeOffset.ParseExact(entry.RootElement.GetProperty("time").GetString()!, EntryDraft.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal); // every body has a time: we wrote it
    }
}
