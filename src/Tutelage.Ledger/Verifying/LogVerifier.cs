namespace Tutelage.Ledger;

/// <summary>Recomputes a whole log from its entries and compares everything that is stored with it: fsck. Changes nothing.</summary>
/// <remarks>
/// Entries are hashed in order, so an edit, a drop, an insertion or a swap moves the root away from what the log and its witnesses signed.
/// What a folder cannot show by itself is a fork or a rollback to an older, honestly signed state: that is what witnesses are for,
/// and why <see cref="LogReport.AuditedSize"/> is part of the answer. Reads one bundle at a time; 33 bytes of state per 256^L entries.
/// </remarks>
public sealed class LogVerifier
{
    private readonly DurableFiles _files;
    private readonly TileReader _reader;
    private readonly LogPolicy _policy;
    private readonly TreeEdge _edge = new();
    private readonly List<LogFault> _faults = [];
    private readonly List<LogFault> _notes = [];
    private Checkpoint? _audited;

    private LogVerifier(string folder, LogPolicy policy)
    {
        (_files, _policy) = (new DurableFiles(folder), policy);
        _reader = new TileReader(_files);
    }

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static LogReport Verify(string folder, LogPolicy policy) =>
        Directory.Exists(folder) ? new LogVerifier(folder, policy).Run() : throw new DirectoryNotFoundException($"there is no log folder '{folder}'");

    private LogReport Run()
    {
        var newest = OpenCheckpoint(TilePath.Checkpoint, out var newestAudited);
        var auditedNote = OpenCheckpoint(TileLog.AuditedCheckpoint, out var quorum);
        _audited = auditedNote?.Checkpoint;
        if (!_files.Exists(TilePath.Checkpoint)) Fault(LogFaultKind.Missing, TilePath.Checkpoint, "missing");
        if (_audited is not null && !quorum && !_policy.Quorum.IsNone) Fault(LogFaultKind.BadSignature, TileLog.AuditedCheckpoint, "fewer known witnesses have cosigned it than the policy's quorum wants");
        var origin = newest?.Checkpoint.Origin ?? _policy.Origin;
        if (newest is null) return new LogReport(origin, 0, 0, _faults, _notes);

        var (_, size, root) = newest.Checkpoint;
        if (_audited is not null && _audited.Size > size) Fault(LogFaultKind.RolledBack, TilePath.Checkpoint, $"rolled back: it has {size} entries, witnesses have seen {_audited.Size}");
        var complete = HashEntries(size);
        for (var level = 0; level < _edge.Levels && _edge.Size == size; level++)
        {
            var unfilled = _edge.Unfilled(level);
            if (unfilled.Count > 0) Compare(level, size >> (TilePath.HeightPerLevel * (level + 1)), unfilled);
        }

        if (_edge.Size == size && _edge.Root() != root)
            Fault(LogFaultKind.RootMismatch, TilePath.Checkpoint, $"its root is {root}, the {(complete ? "entries" : "entries and tiles")} give {_edge.Root()}");
        CompareEveryFile(size);

        var auditedSize = Math.Max(newestAudited ? size : 0, quorum && _audited is not null && _audited.Size <= size ? _audited.Size : 0);
        if (!_policy.Quorum.IsNone && auditedSize == 0 && size > 0) Note(LogFaultKind.NotAudited, TilePath.Checkpoint, "no quorum of witnesses has cosigned anything here");
        if (_faults.Count == LogReport.MaxFaults) _faults.Add(new(LogFaultKind.HashMismatch, "", "and more: the list ends here"));
        return new LogReport(origin, size, _faults.Count == 0 ? auditedSize : 0, _faults, _notes);
    }

    /// <summary>Feeds every leaf to the tree, from the entries or, where those are gone, from the tile. Says whether all entries were there.</summary>
    private bool HashEntries(long size)
    {
        var complete = true;
        for (long index = 0; index * TilePath.FullWidth < size; index++)
        {
            var faults = _faults.Count;
            if (Attempt(() => _reader.Entries(size, index)) is { } entries)
            {
                foreach (var entry in entries) Add(MerkleTree.HashLeaf(entry.Span));
                continue;
            }

            complete = false;

            // Without these entries the leaves cannot be hashed; the tile still lets us check the rest against it.
            if (Attempt(() => _reader.Tile(size, 0, index)) is not { } hashes)
            {
                Fault(LogFaultKind.CheckpointBeyondFiles, TilePath.Checkpoint, $"it has {size} entries; neither entries nor hashes are there from entry {index * TilePath.FullWidth} on, so nothing after them can be checked");
                break;
            }

            foreach (var hash in hashes) Add(hash);
        }

        return complete;
    }

    private void Add(MerkleHash leaf)
    {
        _edge.Add(leaf, Compare);
        if (_audited is not null && _edge.Size == _audited.Size && _edge.Root() != _audited.Root)
            Fault(LogFaultKind.Fork, TileLog.AuditedCheckpoint, $"witnesses have seen root {_audited.Root} at size {_audited.Size}, the entries give {_edge.Root()}");
    }

    private void Compare(int level, long index, IReadOnlyList<MerkleHash> expected)
    {
        var path = TilePath.Tile(level, index, expected.Count);
        if (Attempt(() => _reader.TileOf(expected.Count, level, index)) is not { } stored) return;
        for (var i = 0; i < expected.Count; i++)
        {
            if (stored[i] == expected[i]) continue;
            Fault(LogFaultKind.HashMismatch, path, level == 0
                ? $"entry {index * TilePath.FullWidth + i} hashes to {expected[i]}, the tile says {stored[i]}"
                : $"node {i} is {stored[i]}, the level below gives {expected[i]}");
        }
    }

    /// <summary>Names what nothing above has read: older partial tiles, what a crash left behind, and what does not belong here.</summary>
    private void CompareEveryFile(long size)
    {
        foreach (var name in _files.Names().Order(StringComparer.Ordinal))
        {
            if (name is TilePath.Checkpoint or TileLog.AuditedCheckpoint) continue;
            if (name.EndsWith(DurableFiles.TemporarySuffix, StringComparison.Ordinal)) Note(LogFaultKind.HalfWritten, name, "half written");
            else if (TilePath.Parse(name) is not { } tile) Note(LogFaultKind.Stray, name, "is no file of a log");
            else if (tile.Width > TilePath.WidthAt(size, tile.Level ?? 0, tile.Index)) Note(LogFaultKind.BeyondCheckpoint, name, $"reaches beyond the checkpoint's {size} entries");
            else if (tile.Width < TilePath.WidthAt(size, tile.Level ?? 0, tile.Index)) CompareOlderPartial(name, tile, size);
        }
    }

    /// <summary>A partial tile that has grown since is kept until its full tile is there, and readers of an older checkpoint ask for it.</summary>
    private void CompareOlderPartial(string name, TilePath.Name tile, long size)
    {
        var same = tile.Level is { } level
            ? Attempt(() => _reader.TileOf(tile.Width, level, tile.Index)) is not { } part || Attempt(() => _reader.Tile(size, level, tile.Index)) is not { } whole || part.SequenceEqual(whole.Take(tile.Width))
            : Attempt(() => _reader.EntriesOf(tile.Width, tile.Index)) is not { } entries || Attempt(() => _reader.Entries(size, tile.Index)) is not { } all
                || entries.Zip(all).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span));
        if (!same) Fault(LogFaultKind.HashMismatch, name, "differs from the larger tile that replaced it");
    }

    private T? Attempt<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (TileUnreadableException unreadable)
        {
            Fault(unreadable.Missing ? LogFaultKind.Missing : LogFaultKind.WrongLength, unreadable.Path, unreadable.What);
            return null;
        }
    }

    private SignedCheckpoint? OpenCheckpoint(string name, out bool audited)
    {
        audited = false;
        if (!_files.Exists(name)) return null;
        if (_files.Read(name, SignedNote.MaxSizeBytes) is not { } bytes || _policy.Open(bytes, out audited) is not { } opened)
        {
            Fault(LogFaultKind.BadSignature, name, $"not a checkpoint of '{string.Join("' or '", _policy.Logs.Select(l => l.Name))}' signed by its key, or with a bad signature of a known witness");
            return null;
        }

        var known = _policy.Logs.Concat(_policy.Witnesses).ToList();
        foreach (var stranger in opened.Note.Signatures.Where(s => !known.Exists(k => k.Claims(s))))
            Note(LogFaultKind.UnknownSigner, name, $"also signed by '{stranger.Name}' (key {stranger.KeyId:x8}), whom the policy does not name");
        return opened;
    }

    private void Fault(LogFaultKind kind, string where, string what)
    {
        var fault = new LogFault(kind, where, what);
        if (_faults.Count < LogReport.MaxFaults && !_faults.Contains(fault)) _faults.Add(fault);
    }

    private void Note(LogFaultKind kind, string where, string what)
    {
        if (_notes.Count < LogReport.MaxFaults) _notes.Add(new LogFault(kind, where, what));
    }
}
