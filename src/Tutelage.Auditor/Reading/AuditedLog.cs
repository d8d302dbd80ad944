using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Ledger;
using Tutelage.Rules.Access;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Halting;
using Tutelage.Rules;

namespace Tutelage.Auditor.Reading;

/// <summary>One entry as the vault hands it over. The body is text so that its exact bytes travel.</summary>
internal sealed record HandedEntry(string? Body, byte[]? Salt);

/// <summary>What became of handed entries.</summary>
/// <param name="Next">The index the auditor wants next.</param>
/// <param name="Refusal">Why entry <paramref name="Next"/> is refused; null if all were read.</param>
internal sealed record ReadingResult(long Next, string? Refusal);

/// <summary>An entry that is not read, and after which nothing is.</summary>
internal sealed record EntryRefusal(long Entry, string Why);

/// <summary>Where something becomes durable; tests end the process or the disk there.</summary>
internal enum AuditPoint
{
    BeforeEntries,
    EntriesStored,
    BeforeCosigned,
    CosignedStored,
}

/// <summary>Every entry the auditor has read, on disk, and what it knows from them. The tree over them is its own: only roots it has computed itself are cosigned.</summary>
/// <remarks>
/// SQLite (<c>auditor.db</c>) holds bodies, salts, full tiles of the tree, the last cosigned checkpoint, used releases, and what follows from the entries
/// (<see cref="Knowledge"/>), all in one transaction: a start reads what is live and compares it with the tree and with the last cosigned root. In memory are the
/// tree's right edge, each person's head, people, and releases that can still be used. Thread-safe: one connection, one lock.
/// </remarks>
internal sealed class AuditedLog : IDisposable
{
    /// <summary>Read at once when everything is read anew; bounds memory.</summary>
    private const int EntriesPerLook = 1024;

    private readonly Lock _gate = new(); // guards everything below
    private readonly SqliteConnection _database;
    private readonly Knowledge _known;
    private LedgerReading _reading;
    private TreeEdge _tree = new();
    private readonly Lock _arriving = new(); // guards _uses; held for moments, under no other lock's wait
    private readonly Action<AuditPoint>? _at;
    private readonly TrustFile _trust;
    private Checkpoint? _cosigned;
    private byte[]? _note; // the cosigned checkpoint with the log's signature; null if an older program kept none
    private bool _unknown;
    private List<NonceUse> _uses = []; // nonces waiting to be marked as used; under _arriving

    private AuditedLog(SqliteConnection database, TrustFile trust, Action<AuditPoint>? at)
    {
        (_database, _trust, _at) = (database, trust, at);
        _known = new Knowledge(database);
        _reading = new LedgerReading(trust.VaultKey, trust.Log.Text, _known);
    }

    public string Origin => _trust.Log.Name;

    /// <summary>Entries read, and the last checkpoint cosigned.</summary>
    public (long Read, Checkpoint? Cosigned) Extent
    {
        get { lock (_gate) return (_reading.Count, _cosigned); }
    }

    /// <summary>The entry that was refused last and why; null once another was read in its place, or since the start.</summary>
    public EntryRefusal? Refused { get; private set; }

    /// <summary>Where the programme stands by the entries, and the last halt that they tell of.</summary>
    public (ProgrammeStanding State, (string Statement, Role Role)? LastHalt) Halting
    {
        get { lock (_gate) return (_reading.Halting.State, _reading.Halting.LastHalt); }
    }

    /// <summary>Somebody enrolled, by the id of their key.</summary>
    public KnownPerson? PersonOf(string keyId)
    {
        lock (_gate) return _reading.PersonOf(keyId);
    }

    /// <param name="at">Called at each commit point, for tests that end the process or the disk there.</param>
    public static AuditedLog? Open(string folder, TrustFile trust, List<string> faults, Action<AuditPoint>? at = null)
    {
        var path = Path.Combine(folder, "auditor.db");
        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            database.Open();
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            database.Execute("""
                PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                CREATE TABLE IF NOT EXISTS entry (position INTEGER PRIMARY KEY, body BLOB NOT NULL, salt BLOB NOT NULL) STRICT;
                CREATE TABLE IF NOT EXISTS tile (level INTEGER NOT NULL, position INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, position)) STRICT, WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS cosigned (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root TEXT NOT NULL) STRICT;
                CREATE TABLE IF NOT EXISTS cosigned_note (origin TEXT PRIMARY KEY, note BLOB NOT NULL) STRICT;
                CREATE TABLE IF NOT EXISTS release (nonce TEXT PRIMARY KEY, position INTEGER NOT NULL, recipient TEXT NOT NULL) STRICT;
                """);
            var log = new AuditedLog(database, trust, at);
            log.GoOn(faults, path);
            return log;
        }
        catch (Exception broken) when (broken is SqliteException or InvalidDataException or FormatException)
        {
            faults.Add($"{path}: {broken.Message}; restore it from a copy");
            database.Dispose();
            return null;
        }
    }

    /// <summary>Reads entries from <paramref name="first"/> on. What is known already must be the same again, so a lost answer is repeated safely.</summary>
    public ReadingResult Read(long first, IReadOnlyList<HandedEntry> entries)
    {
        lock (_gate)
        {
            RefuseUnknownStateNeedsLock();
            if (first < 0 || first > _reading.Count) return new(_reading.Count, $"entry {_reading.Count} comes next, not {first}");
            _unknown = true;
            using var transaction = _database.BeginTransaction();
            string? refusal = null;
            for (var i = 0; i < entries.Count && refusal is null; i++) refusal = ReadOneNeedsLock(first + i, entries[i], transaction);
            _reading.Save();

            // If we crash here nothing of this call is stored and the vault hands it over again.
            _at?.Invoke(AuditPoint.BeforeEntries);
            transaction.Commit();

            // If we crash here they are stored and the vault hands them over again: they are then the same.
            _at?.Invoke(AuditPoint.EntriesStored);
            _unknown = false;
            if (refusal is not null || entries.Count > 0) Refused = refusal is null ? null : new EntryRefusal(_reading.Count, refusal);
            return new(_reading.Count, refusal);
        }
    }

    /// <summary>The witness's decision; a checkpoint is accepted only if its root is the one over the entries read, and is stored before this returns.</summary>
    public (WitnessAnswer Answer, string? Refusal) Witness(ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            RefuseUnknownStateNeedsLock();
            var answer = Ledger.Witness.Check(body, _trust.Log, _cosigned);
            if (answer.Accepted is not { } accepted) return (answer, null);
            var (_, size, root) = accepted.Checkpoint;
            if (size > _reading.Count) return (answer with { Verdict = WitnessVerdict.BadProof, Accepted = null }, $"entries {_reading.Count} to {size - 1} have not been read; hand them over first");
            var own = RootAtNeedsLock(size);
            if (own != root) return (answer with { Verdict = WitnessVerdict.BadProof, Accepted = null }, $"the entries read give root {own} at size {size}, the checkpoint says {root}");

            _unknown = true;
            _at?.Invoke(AuditPoint.BeforeCosigned);
            var note = accepted.Note.ToBytes();
            using (var transaction = _database.BeginTransaction())
            {
                _database.Execute("INSERT INTO cosigned VALUES (@Origin, @size, @root) ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root", new { Origin, size, root = root.ToString() }, transaction);
                _database.Execute("INSERT INTO cosigned_note VALUES (@Origin, @note) ON CONFLICT (origin) DO UPDATE SET note = excluded.note", new { Origin, note }, transaction);
                transaction.Commit();
            }

            // If we crash here the checkpoint is stored and no cosignature given; asked again with the same old size we answer 409, and the vault takes the size from it.
            _at?.Invoke(AuditPoint.CosignedStored);
            (_cosigned, _note, _unknown) = (accepted.Checkpoint, note, false);
            return (answer, null);
        }
    }

    /// <summary>The release that an entry authorises, if the entry was read and lies under a cosigned checkpoint.</summary>
    public KnownRelease? AuthorisedRelease(long index)
    {
        lock (_gate) return _cosigned is not null && index < _cosigned.Size ? _reading.ReleaseAt(index) : null;
    }

    /// <summary>The auditor's own copy of the rules, and the entry by which they took effect.</summary>
    public (RuleSet Rules, long Since) Rules
    {
        get { lock (_gate) return (_reading.InForce.Rules, _reading.RulesSince); }
    }

    /// <summary>Decides about a grant by the rules in force as far as the entries have been read.</summary>
    public GrantDecision Decide(KnownGrant grant)
    {
        lock (_gate) return grant.Decide(_reading.InForce);
    }

    public bool HasAgreed(string tag, Identity.PublicKey device, string manifest)
    {
        lock (_gate) return _reading.HasAgreed(tag, device, manifest);
    }

    /// <summary>Whether an object's person has deleted it.</summary>
    public bool IsDeleted(string tag, string id)
    {
        lock (_gate) return _reading.IsDeleted(tag, id);
    }

    /// <summary>Marks a release's nonce as used, durably; false if it was used before, or ended by a deletion that was read since. Those who wait for the lock share one commit.</summary>
    public bool UseOnce(KnownRelease release)
    {
        var mine = new NonceUse(release);
        lock (_arriving) _uses.Add(mine);
        lock (_gate)
        {
            if (mine.IsFirst is { } written) return written && _reading.ReleaseAt(release.Index) is not null;
            List<NonceUse> uses;
            lock (_arriving) (uses, _uses) = (_uses, []);
            using var transaction = _database.BeginTransaction();
            var first = uses.ConvertAll(use => _reading.ReleaseAt(use.Release.Index) is not null && _database.Execute(
                "INSERT INTO release VALUES (@Nonce, @Index, @Recipient) ON CONFLICT (nonce) DO NOTHING", new { use.Release.Nonce, use.Release.Index, use.Release.Recipient }, transaction) == 1);

            // If we crash here nobody was answered. If the commit fails, the others of this batch find no answer below: no keys leave for any of them.
            transaction.Commit();
            for (var i = 0; i < uses.Count; i++) uses[i].IsFirst = first[i];
            return mine.IsFirst ?? throw new InvalidOperationException("a nonce that was waiting was not written"); // those whose batch failed under another caller
        }
    }

    /// <summary>Entries under the cosigned checkpoint from <paramref name="first"/> on, for a vault that came back from a backup; none if the checkpoint is not kept with its signature.</summary>
    /// <param name="maxBytes">Of bodies, about; one entry is always given.</param>
    public (byte[]? Checkpoint, long Read, IReadOnlyList<HandedEntry> Entries) Since(long first, int count, int maxBytes)
    {
        lock (_gate)
        {
            if (_note is not { } note || _cosigned is not { } cosigned) return (null, _reading.Count, []);
            var entries = new List<HandedEntry>();
            var size = 0;
            foreach (var row in _database.Query<StoredEntry>("SELECT position AS Position, body AS Body, salt AS Salt FROM entry WHERE position >= @first AND position < @Size ORDER BY position LIMIT @count", new { first, cosigned.Size, count }, buffered: false))
            {
                size += row.Body.Length;
                if (entries.Count > 0 && size > maxBytes) break;
                entries.Add(new HandedEntry(System.Text.Encoding.UTF8.GetString(row.Body), row.Salt));
            }

            return (note, _reading.Count, entries);
        }
    }

    /// <summary>Reads every entry anew and compares it with everything that is kept: state, tiles, the cosigned root. Changes nothing.</summary>
    public void Check(List<string> faults)
    {
        lock (_gate)
        {
            using var scratch = Knowledge.Scratch();
            var (reading, tree, tiles) = (new LedgerReading(_trust.VaultKey, _trust.Log.Text, new Knowledge(scratch)), new TreeEdge(), 0L);
            if (ReadAllNeedsLock(reading, tree, faults, (level, position, hashes) =>
            {
                tiles++;
                if (faults.Count < 20 && !TileNeedsLock(level, position).AsSpan().SequenceEqual(Bytes(hashes))) faults.Add($"{_database.DataSource}: tile {position} of level {level} is not what the entries give");
            }) is { } unread)
            {
                faults.Add(unread);
                return;
            }

            if (tree.Root() != _tree.Root()) faults.Add($"{_database.DataSource}: the tree kept has root {_tree.Root()}, the entries give {tree.Root()}");
            if (_database.ExecuteScalar<long>("SELECT COUNT(*) FROM tile") is var kept && kept != tiles) faults.Add($"{_database.DataSource}: {kept} tiles are kept, the entries give {tiles}");
            if (Knowledge.Difference(_known, new Knowledge(scratch)) is { } difference) faults.Add($"{_database.DataSource}: {difference}");
            CheckCosignedNeedsLock(faults, _database.DataSource);
        }
    }

    /// <summary>Forgets entries that were read and never cosigned: nobody was answered for them. For a vault that came back from a backup and has no copy of them.</summary>
    /// <returns>How many.</returns>
    public long ForgetUncosigned(List<string> faults)
    {
        lock (_gate)
        {
            var (before, size) = (_reading.Count, _cosigned?.Size ?? 0);
            if (before == size) return 0;
            _unknown = true;
            using var transaction = _database.BeginTransaction();
            _database.Execute("DELETE FROM entry WHERE position >= @size; DELETE FROM tile", new { size }, transaction);
            RebuildNeedsLock(transaction, faults);

            // If we crash before this line nothing has changed.
            if (faults.Count == 0) transaction.Commit();
            _unknown = faults.Count > 0;
            return before - size;
        }
    }

    public void Dispose() => _database.Dispose();

    private string? ReadOneNeedsLock(long index, HandedEntry entry, SqliteTransaction transaction)
    {
        if (entry is not { Body: not null, Salt.Length: EntryCommitment.SaltSizeBytes }) return $"entry {index}: body or salt is missing";
        var body = System.Text.Encoding.UTF8.GetBytes(entry.Body);
        var commitment = EntryCommitment.Of(entry.Salt, body);
        if (index < _reading.Count) return CommitmentAtNeedsLock(index, transaction).AsSpan().SequenceEqual(commitment) ? null : $"entry {index} was handed over before, with other bytes";
        if (_reading.Read(body, commitment) is { } refusal) return $"entry {index}: {refusal}";
        _database.Execute("INSERT INTO entry VALUES (@index, @body, @Salt)", new { index, body, entry.Salt }, transaction);
        _tree.Add(MerkleTree.HashLeaf(commitment), (level, position, hashes) => StoreTileNeedsLock(level, position, hashes, transaction));
        return null;
    }

    private byte[] CommitmentAtNeedsLock(long index, SqliteTransaction? transaction)
    {
        var (body, salt) = _database.QuerySingle<(byte[], byte[])>("SELECT body, salt FROM entry WHERE position = @index", new { index }, transaction);
        return EntryCommitment.Of(salt, body);
    }

    private void StoreTileNeedsLock(int level, long position, IReadOnlyList<MerkleHash> hashes, SqliteTransaction? transaction)
    {
        var bytes = Bytes(hashes);
        _database.Execute("INSERT INTO tile VALUES (@level, @position, @bytes) ON CONFLICT (level, position) DO UPDATE SET hashes = excluded.hashes", new { level, position, bytes }, transaction);
    }

    private MerkleHash RootAtNeedsLock(long size) => _tree.At(size, (level, position) => HashesNeedsLock(level, position)).Root();

    private byte[] TileNeedsLock(int level, long position) => _database.ExecuteScalar<byte[]>("SELECT hashes FROM tile WHERE level = @level AND position = @position", new { level, position })
        ?? throw new InvalidDataException($"tile {position} of level {level} is missing in {_database.DataSource}");

    private MerkleHash[] HashesNeedsLock(int level, long position) => [.. TileNeedsLock(level, position).Chunk(MerkleHash.SizeBytes).Select(hash => new MerkleHash(hash))];

    private static byte[] Bytes(IReadOnlyList<MerkleHash> hashes) => hashes.SelectMany(hash => hash.ToArray()).ToArray();

    /// <summary>Where the last process stopped, by what it kept: O(live state). Refused if entries, tiles, state and the cosigned root do not fit each other.</summary>
    private void GoOn(List<string> faults, string path)
    {
        var count = _database.ExecuteScalar<long>("SELECT COALESCE(MAX(position) + 1, 0) FROM entry");
        if (_known.Extent() is { } extent && _known.Text(Access.RulesReading.Name) is not null)
        {
            if (extent.Entries != count) faults.Add($"{path}: {count} entries are kept and {extent.Entries} are known; restore the folder from a copy");
            else if (Convert.ToHexStringLower(CommitmentAtNeedsLock(count - 1, null)) != extent.Newest) faults.Add($"{path}: entry {count - 1} is not the one that was read last; restore the folder from a copy");
            else _tree = EdgeNeedsLock(count);
        }
        else if (count > 0)
        {
            // A folder of before all of the state was kept: it follows from the entries.
            using var transaction = _database.BeginTransaction();
            RebuildNeedsLock(transaction, faults);
            if (faults.Count == 0) transaction.Commit();
        }

        if (faults.Count == 0) CheckCosignedNeedsLock(faults, path);
    }

    private TreeEdge EdgeNeedsLock(long size) => TreeEdge.FromTrustedTiles(size, level =>
    {
        var first = size >> (TilePath.HeightPerLevel * (level + 1)) << TilePath.HeightPerLevel;
        if (level > 0) return [.. Range(first, size >> (TilePath.HeightPerLevel * level)).Select(node => MerkleTree.Root(HashesNeedsLock(level - 1, node)))];
        var leaves = _database.Query<StoredEntry>("SELECT position AS Position, body AS Body, salt AS Salt FROM entry WHERE position >= @first ORDER BY position", new { first })
            .Select(row => MerkleTree.HashLeaf(EntryCommitment.Of(row.Salt, row.Body))).ToList();
        return leaves.Count == size - first ? leaves : throw new InvalidDataException($"of the entries from {first} to {size - 1} some are missing");

        static IEnumerable<long> Range(long from, long end)
        {
            for (var at = from; at < end; at++) yield return at;
        }
    });

    private void CheckCosignedNeedsLock(List<string> faults, string path)
    {
        if (_database.QuerySingleOrDefault<(long Size, string Root)?>("SELECT size, root FROM cosigned WHERE origin = @Origin", new { Origin }) is not { } stored) return;
        if (stored.Size > _tree.Size || !MerkleHash.TryParse(stored.Root, out var root) || RootAtNeedsLock(stored.Size) != root)
        {
            faults.Add($"{path}: it cosigned {stored.Size} entries with another root than its own entries give; restore the folder from a copy");
            return;
        }

        _cosigned = new Checkpoint(Origin, stored.Size, root);
        var note = _database.ExecuteScalar<byte[]?>("SELECT note FROM cosigned_note WHERE origin = @Origin", new { Origin });
        _note = note is not null && Checkpoint.Open(note, _trust.Log)?.Checkpoint == _cosigned ? note : null;
    }

    private void RebuildNeedsLock(SqliteTransaction transaction, List<string> faults)
    {
        _known.Clear();
        _database.Execute("DELETE FROM tile", transaction: transaction);
        (_reading, _tree) = (new LedgerReading(_trust.VaultKey, _trust.Log.Text, _known), new TreeEdge());
        if (ReadAllNeedsLock(_reading, _tree, faults, (level, position, hashes) => StoreTileNeedsLock(level, position, hashes, transaction)) is { } unread) faults.Add(unread);
    }

    /// <returns>Which entry does not read as it did; null if all do.</returns>
    private string? ReadAllNeedsLock(LedgerReading reading, TreeEdge tree, List<string> faults, Action<int, long, IReadOnlyList<MerkleHash>> onFull)
    {
        while (faults.Count == 0)
        {
            var rows = _database.Query<StoredEntry>("SELECT position AS Position, body AS Body, salt AS Salt FROM entry WHERE position >= @first ORDER BY position LIMIT @EntriesPerLook", new { first = reading.Count, EntriesPerLook }).AsList();
            if (rows.Count == 0) break;
            foreach (var row in rows)
            {
                var commitment = EntryCommitment.Of(row.Salt, row.Body);
                var refusal = row.Position == reading.Count ? reading.Read(row.Body, commitment) : "an entry before it is missing";
                if (refusal is not null) return $"{_database.DataSource}: entry {row.Position} does not read as it did: {refusal}";
                tree.Add(MerkleTree.HashLeaf(commitment), onFull);
            }

            reading.Save();
        }

        return null;
    }

    private void RefuseUnknownStateNeedsLock()
    {
        if (_unknown) throw new InvalidOperationException("an earlier write failed and what it left is unknown; restart the auditor");
    }

    /// <param name="release">Whose nonce it is.</param>
    private sealed class NonceUse(KnownRelease release)
    {
        public KnownRelease Release => release;

        /// <summary>Whether this was its first use; null until that is on disk. Under _gate.</summary>
        public bool? IsFirst { get; set; }
    }

    private sealed record StoredEntry(long Position, byte[] Body, byte[] Salt);
}
