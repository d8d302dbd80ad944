using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Ledger;

namespace Tutelage.Auditor.Reading;

/// <summary>One entry as the vault hands it over. The body is text so that its exact bytes travel.</summary>
internal sealed record HandedEntry(string? Body, byte[]? Salt);

/// <summary>What became of handed entries.</summary>
/// <param name="Next">The index the auditor wants next.</param>
/// <param name="Refusal">Why entry <paramref name="Next"/> is refused; null if all were read.</param>
internal sealed record ReadingResult(long Next, string? Refusal);

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
/// SQLite (<c>auditor.db</c>) holds bodies, salts, full tiles of the tree, the last cosigned checkpoint and used releases; <see cref="LedgerReading"/> is rebuilt
/// from the bodies at start, one after the other. In memory are the tree's right edge, each person's head, the grants, and releases that can still be used.
/// Thread-safe: one connection, one lock.
/// </remarks>
internal sealed class AuditedLog : IDisposable
{
    private readonly Lock _gate = new(); // guards everything below
    private readonly SqliteConnection _database;
    private readonly LedgerReading _reading;
    private readonly TreeEdge _tree = new();
    private readonly Action<AuditPoint>? _at;
    private readonly TrustFile _trust;
    private Checkpoint? _cosigned;
    private bool _unknown;

    private AuditedLog(SqliteConnection database, TrustFile trust, Action<AuditPoint>? at)
    {
        (_database, _trust, _at) = (database, trust, at);
        _reading = new LedgerReading(trust.VaultKey, trust.Log.Text);
    }

    public string Origin => _trust.Log.Name;

    /// <summary>Entries read, and the last checkpoint cosigned.</summary>
    public (long Read, Checkpoint? Cosigned) Extent
    {
        get { lock (_gate) return (_reading.Count, _cosigned); }
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
                CREATE TABLE IF NOT EXISTS release (nonce TEXT PRIMARY KEY, position INTEGER NOT NULL, recipient TEXT NOT NULL) STRICT;
                """);
            var log = new AuditedLog(database, trust, at);
            log.Rebuild(faults, path);
            return log;
        }
        catch (SqliteException broken)
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

            // If we crash here nothing of this call is stored and the vault hands it over again.
            _at?.Invoke(AuditPoint.BeforeEntries);
            transaction.Commit();

            // If we crash here they are stored and the vault hands them over again: they are then the same.
            _at?.Invoke(AuditPoint.EntriesStored);
            _unknown = false;
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
            _database.Execute("INSERT INTO cosigned VALUES (@Origin, @size, @root) ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root", new { Origin, size, root = root.ToString() });

            // If we crash here the checkpoint is stored and no cosignature given; asked again with the same old size we answer 409, and the vault takes the size from it.
            _at?.Invoke(AuditPoint.CosignedStored);
            (_cosigned, _unknown) = (accepted.Checkpoint, false);
            return (answer, null);
        }
    }

    /// <summary>The release that an entry authorises, if the entry was read and lies under a cosigned checkpoint.</summary>
    public KnownRelease? AuthorisedRelease(long index)
    {
        lock (_gate) return _cosigned is not null && index < _cosigned.Size ? _reading.ReleaseAt(index) : null;
    }

    public bool IsDeviceOf(string tag, Identity.PublicKey device)
    {
        lock (_gate) return _reading.IsDeviceOf(tag, device);
    }

    /// <summary>Marks a release's nonce as used, durably; false if it was used before.</summary>
    public bool UseOnce(KnownRelease release)
    {
        lock (_gate)
        {
            return _database.Execute(
                "INSERT INTO release VALUES (@Nonce, @Index, @Recipient) ON CONFLICT (nonce) DO NOTHING", new { release.Nonce, release.Index, release.Recipient }) == 1;
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

    private byte[] CommitmentAtNeedsLock(long index, SqliteTransaction transaction)
    {
        var (body, salt) = _database.QuerySingle<(byte[], byte[])>("SELECT body, salt FROM entry WHERE position = @index", new { index }, transaction);
        return EntryCommitment.Of(salt, body);
    }

    private void StoreTileNeedsLock(int level, long position, IReadOnlyList<MerkleHash> hashes, SqliteTransaction? transaction)
    {
        var bytes = hashes.SelectMany(h => h.ToArray()).ToArray();
        _database.Execute("INSERT INTO tile VALUES (@level, @position, @bytes) ON CONFLICT (level, position) DO UPDATE SET hashes = excluded.hashes", new { level, position, bytes }, transaction);
    }

    private MerkleHash RootAtNeedsLock(long size) => _tree.At(size, (level, position) =>
    {
        var bytes = _database.ExecuteScalar<byte[]>("SELECT hashes FROM tile WHERE level = @level AND position = @position", new { level, position }) ?? throw new InvalidOperationException($"{_database.DataSource}: tile {position} of level {level} is missing; restart the auditor");
        return [.. bytes.Chunk(MerkleHash.SizeBytes).Select(h => new MerkleHash(h))];
    }).Root();

    private void Rebuild(List<string> faults, string path)
    {
        var tiles = new List<(int Level, long Position, IReadOnlyList<MerkleHash> Hashes)>();
        var known = _database.Query<(int, long)>("SELECT level, position FROM tile").ToHashSet();
        foreach (var row in _database.Query<StoredEntry>("SELECT position AS Position, body AS Body, salt AS Salt FROM entry ORDER BY position", buffered: false))
        {
            var commitment = EntryCommitment.Of(row.Salt, row.Body);
            var refusal = row.Position == _reading.Count ? _reading.Read(row.Body, commitment) : "an entry before it is missing";
            if (refusal is not null)
            {
                faults.Add($"{path}: entry {row.Position} does not read as it did: {refusal}");
                return;
            }

            _tree.Add(MerkleTree.HashLeaf(commitment), RememberTile);
        }

        if (tiles.Count > 0) StoreTiles();

        var cosigned = _database.QuerySingleOrDefault<(long Size, string Root)?>("SELECT size, root FROM cosigned WHERE origin = @Origin", new { Origin });
        if (cosigned is not { } stored) return;
        if (stored.Size > _tree.Size || !MerkleHash.TryParse(stored.Root, out var root) || RootAtNeedsLock(stored.Size) != root)
            faults.Add($"{path}: it cosigned {stored.Size} entries with another root than its own entries give; restore the folder from a copy");
        else _cosigned = new Checkpoint(Origin, stored.Size, root);

        // A folder of before tiles were kept: they follow from the entries.
        void RememberTile(int level, long position, IReadOnlyList<MerkleHash> hashes)
        {
            if (!known.Contains((level, position))) tiles.Add((level, position, hashes));
        }

        void StoreTiles()
        {
            using var transaction = _database.BeginTransaction();
            foreach (var (level, position, hashes) in tiles) StoreTileNeedsLock(level, position, hashes, transaction);
            transaction.Commit();
        }
    }

    private void RefuseUnknownStateNeedsLock()
    {
        if (_unknown) throw new InvalidOperationException("an earlier write failed and what it left is unknown; restart the auditor");
    }

    private sealed record StoredEntry(long Position, byte[] Body, byte[] Salt);
}
