namespace Tutelage.Ledger;

/// <param name="Where">The file, relative to the log's folder.</param>
public sealed record LogFault(string Where, string What)
{
    public override string ToString() => $"{Where}: {What}";
}

/// <summary>What a full check of a log's folder found.</summary>
/// <param name="Size">Entries the checkpoint claims; 0 if there is no believable checkpoint.</param>
/// <param name="AuditedSize">Up to where the policy's quorum of witnesses has cosigned; 0 for nowhere.</param>
/// <param name="Faults">Everything wrong, not the first thing wrong.</param>
public sealed record LogReport(string Origin, long Size, long AuditedSize, IReadOnlyList<LogFault> Faults)
{
    public bool Verified => Faults.Count == 0;
}

/// <summary>Recomputes a whole log from its entries and compares everything that is stored with it: fsck.</summary>
/// <remarks>
/// Entries are hashed in order, so an edit, a drop, an insertion or a swap moves the root away from what the log and its witnesses signed.
/// What a folder cannot show by itself is a fork or a rollback to an older, honestly signed state: that is what witnesses are for,
/// and why <see cref="LogReport.AuditedSize"/> is part of the answer. Reads one bundle at a time; 33 bytes of state per 256^L entries.
/// </remarks>
public static class LogVerifier
{
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static LogReport Verify(string folder, LogPolicy policy)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"there is no log folder '{folder}'");
        var files = new DurableFiles(folder);
        var faults = new List<LogFault>();

        var checkpoint = OpenCheckpoint(TilePath.Checkpoint, required: true, out var checkpointAudited);
        var audited = OpenCheckpoint(TileLog.AuditedCheckpoint, required: false, out var quorum);
        if (audited is not null && !quorum && policy.Quorum > 0) faults.Add(new(TileLog.AuditedCheckpoint, $"fewer than {policy.Quorum} known witnesses have cosigned it"));
        if (checkpoint is null) return new LogReport(policy.Origin, 0, 0, faults);

        var size = checkpoint.Size;
        if (audited is not null && audited.Size > size) faults.Add(new(TilePath.Checkpoint, $"rolled back: it has {size} entries, witnesses have seen {audited.Size}"));
        var reader = new TileReader(files);
        var edge = new TreeEdge();
        var complete = true;
        for (long index = 0; index * TilePath.FullWidth < size; index++)
        {
            if (Attempt(() => reader.Entries(size, index)) is not { } entries)
            {
                complete = false;
                // Without these entries the leaves cannot be hashed; the tile still lets us check the rest against it.
                if (Attempt(() => reader.Tile(size, 0, index)) is not { } hashes) break;
                foreach (var hash in hashes) Add(hash);
                continue;
            }

            foreach (var entry in entries) Add(MerkleTree.HashLeaf(entry.Span));
        }

        for (var level = 0; level < edge.Levels && edge.Size == size; level++)
        {
            var unfilled = edge.Unfilled(level);
            if (unfilled.Count > 0) Compare(level, size >> (TilePath.HeightPerLevel * (level + 1)), unfilled);
        }

        if (edge.Size == size && edge.Root() != checkpoint.Root)
            faults.Add(new(TilePath.Checkpoint, $"its root is {checkpoint.Root}, the {(complete ? "entries" : "entries and tiles")} give {edge.Root()}"));

        var auditedSize = (checkpointAudited ? size : 0, quorum && audited is not null && audited.Size <= size ? audited.Size : 0);
        return new LogReport(policy.Origin, size, faults.Count == 0 ? Math.Max(auditedSize.Item1, auditedSize.Item2) : 0, faults);

        void Add(MerkleHash leaf)
        {
            edge.Add(leaf, Compare);
            if (audited is not null && edge.Size == audited.Size && edge.Root() != audited.Root)
                faults.Add(new(TileLog.AuditedCheckpoint, $"witnesses have seen root {audited.Root} at size {audited.Size}, the entries give {edge.Root()}"));
        }

        void Compare(int level, long index, IReadOnlyList<MerkleHash> expected)
        {
            if (Attempt(() => reader.Tile(size, level, index)) is not { } stored) return;
            for (var i = 0; i < expected.Count; i++)
            {
                if (stored[i] == expected[i]) continue;
                faults.Add(new(TilePath.Tile(level, index, expected.Count), level == 0
                    ? $"entry {index * TilePath.FullWidth + i} hashes to {expected[i]}, the tile says {stored[i]}"
                    : $"node {i} is {stored[i]}, the level below gives {expected[i]}"));
            }
        }

        T? Attempt<T>(Func<T> read) where T : class
        {
            try
            {
                return read();
            }
            catch (LogDamagedException damage)
            {
                foreach (var fault in damage.Faults)
                {
                    var parts = fault.Split(": ", 2);
                    var named = new LogFault(parts[0], parts[^1]);
                    if (!faults.Contains(named)) faults.Add(named);
                }

                return null;
            }
        }

        Checkpoint? OpenCheckpoint(string name, bool required, out bool audited)
        {
            audited = false;
            if (!files.Exists(name))
            {
                if (required) faults.Add(new(name, "missing"));
                return null;
            }

            if (files.Read(name, SignedNote.MaxSizeBytes) is { } bytes && policy.Open(bytes, out audited) is { } opened) return opened.Checkpoint;
            faults.Add(new(name, $"not a checkpoint of '{policy.Origin}' signed by its key, or with a bad signature of a known witness"));
            return null;
        }
    }
}
