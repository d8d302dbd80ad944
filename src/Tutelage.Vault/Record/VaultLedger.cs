using System.Globalization;
using System.Runtime.ExceptionServices;
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
/// <para>Whoever waits is written together with the others who wait: one commit and one append for all, each change in a savepoint of its own, and all of
/// them answered when both are durable. One turn at a time, so entries stand in the log in the order of the database. The turn is taken before the
/// store's gate, never under it.</para>
/// <para>If the log refuses to be written, or database and log are out of step, the vault ends: its state on disk is unknown and a restart reads it.</para>
/// </remarks>
internal sealed class VaultLedger : IDisposable
{
    /// <summary>An entry later than this after the last root over all heads is preceded by a new one (docs/formats/entries.md).</summary>
    public static readonly TimeSpan HeadsEvery = TimeSpan.FromHours(1);

    private const int EntriesPerLook = 4096;

    private const string OneChange = "change"; // the savepoint of each

    private readonly VaultStore _store;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1); // held from the first change of a batch to its last leaf in the log
    private readonly Lock _arriving = new(); // guards _waiting; held for moments
    private List<Recording> _waiting = [];
    private bool _isUnknown; // the log failed to take an append, or the database has other entries than it; under the turn
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

    /// <summary>Makes one change and its entry durable together, and with it the changes of whoever else waits.</summary>
    /// <param name="change">Runs in the transaction, under the store's lock, possibly on another caller's thread; MUST NOT wait for anything. If it throws, nothing of it happened.</param>
    /// <returns>The entry's index and what the change returned.</returns>
    /// <exception cref="InvalidOperationException">The caller holds the store's gate, or is itself a change: it would wait for a turn that waits for the gate. Or the log is in doubt (<see cref="Unknown"/>).</exception>
    public (long Index, T Value) Record<T>(Func<SqliteTransaction, T> change, EntryDraft draft)
    {
        var recording = Arrive(change, draft);
        _turn.Wait();
        TakeTurn(recording);
        return recording.Outcome();
    }

    /// <inheritdoc cref="Record"/>
    /// <remarks>Once the change is written the answer does not wait for <paramref name="cancellation"/>: what happened is told.</remarks>
    public async Task<(long Index, T Value)> RecordAsync<T>(Func<SqliteTransaction, T> change, EntryDraft draft, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var recording = Arrive(change, draft);
        await _turn.WaitAsync(CancellationToken.None);
        TakeTurn(recording);
        return recording.Outcome();
    }

    /// <summary>Commits to every person's head now, unless the last root is younger than <paramref name="atMostEvery"/>.</summary>
    /// <returns>Whether an entry was written.</returns>
    public bool CommitHeads(TimeSpan atMostEvery)
    {
        RefuseUnderTheGate();
        _turn.Wait();
        try
        {
            RefuseUnknownStateNeedsTurn();
            var written = new List<ReadOnlyMemory<byte>>(1);
            lock (_store.Gate)
            {
                var now = NowNeedsLock();
                if (_latest == default || (now - _headsAt < atMostEvery && (_anyHeads || atMostEvery >= HeadsEvery))) return false;
                using var transaction = _store.Database.BeginTransaction();
                RefuseOutOfStepNeedsLock(transaction);
                written.Add(WriteHeadsNeedsLock(now, transaction));
                transaction.Commit();
                RememberNeedsLock(now, heads: true);
            }

            AppendNeedsTurn(written);
        }
        finally
        {
            _turn.Release();
        }

        Appended?.Invoke();
        return true;
    }

    /// <summary>Everything about one person with its proofs (<see cref="PersonHistory"/>); null for a tag that no entry is about.</summary>
    public PersonHistory? HistoryOf(string tag)
    {
        var (entries, root, heads) = WhileWhole(() => (
            _store.Database.Query<(long Position, byte[] Body, byte[] Salt)>(
                "SELECT e.position, e.body, e.salt FROM entry_about a JOIN entry e ON e.position = a.position WHERE a.tag = @tag ORDER BY e.position", new { tag }).Select(e => new HistoryEntry(e.Position, Text(e.Body), e.Salt)).ToList(),
            _store.Database.QuerySingleOrDefault<(long Position, byte[] Body, byte[] Salt)?>("SELECT position, body, salt FROM entry WHERE kind = 'heads' ORDER BY position DESC LIMIT 1"),
            Heads("heads_leaf", null).ToList()));
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
    public IReadOnlyList<long> About(string? tag) => WhileWhole(() => tag is null
        ? _store.Database.Query<long>("SELECT position FROM entry e WHERE NOT EXISTS (SELECT 1 FROM entry_about a WHERE a.position = e.position) ORDER BY position").AsList()
        : _store.Database.Query<long>("SELECT position FROM entry_about WHERE tag = @tag ORDER BY position", new { tag }).AsList());

    /// <summary>The offline proof of an entry under the newest cosigned checkpoint that covers it, or else under the newest checkpoint.</summary>
    public TlogProof Prove(long index)
    {
        var note = Log.ReadAuditedCheckpoint() is { } audited && SizeOf(audited) > index ? audited : Log.Checkpoint;
        return new TlogProof(index, Log.ProveInclusion(index, SizeOf(note)), note);
    }

    public void Dispose()
    {
        Log.Dispose();
        _turn.Dispose();
    }

    private static long SizeOf(byte[] note) =>
        SignedNote.Parse(note) is { } parsed && Checkpoint.Parse(parsed.Text) is { } checkpoint ? checkpoint.Size : 0;

    private IEnumerable<PersonHead> Heads(string table, SqliteTransaction? transaction) =>
        _store.Database.Query<(string Tag, long Sequence, string Head)>($"SELECT tag, sequence, head FROM {table} ORDER BY tag", transaction: transaction, buffered: false).Select(h => new PersonHead(h.Tag, h.Sequence, h.Head));

    private DateTimeOffset NowNeedsLock()
    {
        var now = _time.GetUtcNow();
        return now > _latest ? now : _latest;
    }

    private Recording<T> Arrive<T>(Func<SqliteTransaction, T> change, EntryDraft draft)
    {
        RefuseUnderTheGate();
        var recording = new Recording<T>(change, draft);
        lock (_arriving) _waiting.Add(recording);
        return recording;
    }

    /// <summary>Writes whoever waits, unless somebody whose turn came before has written this one already. Gives the turn back.</summary>
    private void TakeTurn(Recording mine)
    {
        try
        {
            if (mine.IsAnswered) return;
            List<Recording> batch;
            lock (_arriving) (batch, _waiting) = (_waiting, []);
            WriteNeedsTurn(batch);
        }
        finally
        {
            _turn.Release();
        }

        Appended?.Invoke();
    }

    private void WriteNeedsTurn(List<Recording> batch)
    {
        try
        {
            RefuseUnknownStateNeedsTurn();
            var written = new List<ReadOnlyMemory<byte>>(batch.Count + 1);
            lock (_store.Gate) CommitNeedsLock(batch, written);

            // If we crash here the entries are in the database and not in the log; the next start appends them.
            AppendNeedsTurn(written);
        }
        catch (Exception fault)
        {
            // The commit or the append has failed, for all of them.
            foreach (var recording in batch) recording.Fail(fault);
        }

        foreach (var recording in batch) recording.Answer();
    }

    private void CommitNeedsLock(List<Recording> batch, List<ReadOnlyMemory<byte>> written)
    {
        using var transaction = _store.Database.BeginTransaction();
        RefuseOutOfStepNeedsLock(transaction);
        var now = NowNeedsLock();
        var due = _latest != default && now - _headsAt >= HeadsEvery;
        if (due) written.Add(WriteHeadsNeedsLock(now, transaction));
        foreach (var recording in batch)
        {
            transaction.Save(OneChange);
            try
            {
                recording.Change(transaction);
                recording.Index = WriteNeedsLock(recording.Draft, now, transaction, out var commitment);
                written.Add(commitment);
            }
            catch (Exception fault)
            {
                // Whatever it did is undone; what the others did stays. If even that fails the whole transaction is gone, and the caller says so to all.
                recording.Fail(fault);
                transaction.Rollback(OneChange);
            }

            transaction.Release(OneChange);
        }

        // A root over all heads comes before something, never alone: where nothing was written, nothing happened.
        if (batch.TrueForAll(recording => recording.HasFailed)) written.Clear();
        else
        {
            transaction.Commit();
            RememberNeedsLock(now, due);
        }
    }

    private void RememberNeedsLock(DateTimeOffset now, bool heads)
    {
        if (heads || _latest == default) _headsAt = now;
        _anyHeads |= heads;
        _latest = now;
    }

    private void AppendNeedsTurn(List<ReadOnlyMemory<byte>> commitments)
    {
        try
        {
            Log.Append(commitments);
        }
        catch (Exception fault)
        {
            StopNeedsTurn(fault);
            throw;
        }
    }

    /// <summary>A commit that reported a failure may have happened; what follows it would stand in the log under other indexes than in the database, for ever.</summary>
    private void RefuseOutOfStepNeedsLock(SqliteTransaction transaction)
    {
        var (kept, logged) = (NextNeedsLock(transaction), Log.Size);
        if (kept == logged) return;
        var fault = new InvalidOperationException($"the database keeps {kept} entries and the log {logged}; restart the vault to bring them together");
        StopNeedsTurn(fault);
        throw fault;
    }

    private void StopNeedsTurn(Exception fault)
    {
        _isUnknown = true;
        Unknown?.Invoke(fault);
    }

    private void RefuseUnknownStateNeedsTurn()
    {
        if (_isUnknown) throw new InvalidOperationException("the log could not be written and what it holds is unknown; restart the vault to read it anew");
    }

    /// <summary>Reads while no append is under way: every entry that is seen is in the log.</summary>
    private T WhileWhole<T>(Func<T> read)
    {
        RefuseUnderTheGate();
        _turn.Wait();
        try
        {
            lock (_store.Gate) return read();
        }
        finally
        {
            _turn.Release();
        }
    }

    private void RefuseUnderTheGate()
    {
        if (_store.Gate.IsHeldByCurrentThread) throw new InvalidOperationException("the ledger's turn comes before the store's gate: recording under the gate could wait for ever");
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
        var index = NextNeedsLock(transaction);
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

    private long NextNeedsLock(SqliteTransaction transaction) => _store.Database.ExecuteScalar<long>("SELECT COALESCE(MAX(position) + 1, 0) FROM entry", transaction: transaction);

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

    /// <summary>A change and its entry on their way into a batch. Written by whoever has the turn, read by its caller once it is answered.</summary>
    private abstract class Recording(EntryDraft draft)
    {
        private volatile bool _answered;

        public EntryDraft Draft => draft;

        public long Index { get; set; }

        public bool HasFailed => Fault is not null;

        public bool IsAnswered => _answered;

        protected ExceptionDispatchInfo? Fault { get; private set; }

        public abstract void Change(SqliteTransaction transaction);

        /// <summary>The first fault stands: it is the caller's own.</summary>
        public void Fail(Exception fault) => Fault ??= ExceptionDispatchInfo.Capture(fault);

        public void Answer() => _answered = true;
    }

    private sealed class Recording<T>(Func<SqliteTransaction, T> change, EntryDraft draft) : Recording(draft)
    {
        private T? _value;

        public override void Change(SqliteTransaction transaction) => _value = change(transaction);

        public (long Index, T Value) Outcome()
        {
            Fault?.Throw();
            return (Index, _value!); // a change that did not fail has set it
        }
    }
}
