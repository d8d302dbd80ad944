namespace Tutelage.Ledger;

/// <summary>A Merkle log in a folder of tlog-tiles, with one writer. <see cref="Append"/> answers only for what survives a power cut.</summary>
/// <remarks>
/// <para>Commit order of one append: entry bundles and tiles, all whole and flushed, then the signed checkpoint. The checkpoint is the commit point:
/// what no checkpoint covers was never answered for, and is removed when the log is opened. If this order were wrong, a key could be released
/// under an entry that a crash takes back.</para>
/// <para>Bundles and tiles have no order among themselves, because the checkpoint points at all of them and at none before; they are new names, because a
/// width that was written is never written again under the same name. So they need no rename, and their folders one flush each. The checkpoint replaces one
/// that holds, so it needs its rename, and a flush before and after it. Cosignatures can be had again for the asking: they need only be whole.</para>
/// <para>A write that throws leaves the state on disk unknown; the log then refuses everything until it is opened anew, which reads what is there.
/// Thread-safe. Layout: docs/formats/ledger.md.</para>
/// </remarks>
public sealed class TileLog : IDisposable
{
    /// <summary>The newest checkpoint that carries cosignatures; our addition to the layout, beside <c>checkpoint</c>.</summary>
    public const string AuditedCheckpoint = "checkpoint.audited";

    private readonly Lock _gate = new(); // guards every field below and all writes
    private readonly DurableFiles _files;
    private readonly TileReader _tiles;
    private readonly string _origin;
    private readonly LogSigner _signer;
    private TreeEdge _edge;
    private List<ReadOnlyMemory<byte>> _lastBundle;
    private SignedNote _checkpoint;
    private bool _unknown;

    private TileLog(DurableFiles files, string origin, LogSigner signer, TreeEdge edge, List<ReadOnlyMemory<byte>> lastBundle, SignedNote checkpoint)
    {
        (_files, _tiles, _origin, _signer) = (files, new TileReader(files), origin, signer);
        (_edge, _lastBundle, _checkpoint) = (edge, lastBundle, checkpoint);
    }

    public long Size
    {
        get { lock (_gate) return _edge.Size; }
    }

    /// <summary>The newest checkpoint as a signed note, with the cosignatures attached so far.</summary>
    public byte[] Checkpoint
    {
        get { lock (_gate) return _checkpoint.ToBytes(); }
    }

    /// <summary>Opens or creates the log; a folder left by a crash needs no other repair than this.</summary>
    /// <exception cref="LogDamagedException">The right edge does not fit the checkpoint, or the checkpoint is not ours.</exception>
    public static TileLog Open(string folder, string origin, LogSigner signer) => Open(folder, origin, signer, onWrite: null);

    internal static TileLog Open(string folder, string origin, LogSigner signer, Action<string, WritePoint>? onWrite)
    {
        if (signer.VerifierKey.Name != origin) throw new ArgumentException($"the log '{origin}' cannot be signed by the key of '{signer.VerifierKey.Name}'", nameof(signer));
        var files = new DurableFiles(folder, onWrite);
        if (!files.Exists(TilePath.Checkpoint))
        {
            // The empty checkpoint comes before any tile, so tiles without a checkpoint are never an innocent crash but a lost file.
            if (Directory.Exists(files.PathOf("tile"))) throw new LogDamagedException(folder, ["there are tiles but no checkpoint"]);
            var empty = Sign(signer, new Checkpoint(origin, 0, MerkleTree.Empty));
            files.Write(TilePath.Checkpoint, empty.ToBytes());
            return new TileLog(files, origin, signer, new TreeEdge(), [], empty);
        }

        var bytes = files.Read(TilePath.Checkpoint, SignedNote.MaxSizeBytes);
        if (bytes is null || Ledger.Checkpoint.Open(bytes, signer.VerifierKey) is not { } opened)
            throw new LogDamagedException(folder, ["checkpoint: not a checkpoint signed by this log's key"]);

        var size = opened.Checkpoint.Size;
        var reader = new TileReader(files);
        var edge = TreeEdge.FromTrustedTiles(size, level =>
        {
            var index = size >> (TilePath.HeightPerLevel * (level + 1));
            return TilePath.WidthAt(size, level, index) == 0 ? [] : reader.Tile(size, level, index);
        });
        var faults = new List<string>();
        if (edge.Root() != opened.Checkpoint.Root) faults.Add("the tiles at the right edge do not give the checkpoint's root");
        var last = size / TilePath.FullWidth;
        List<ReadOnlyMemory<byte>> bundle = size % TilePath.FullWidth == 0 ? [] : [.. reader.Entries(size, last)];
        if (!bundle.Select(e => MerkleTree.HashLeaf(e.Span)).SequenceEqual(edge.Unfilled(0))) faults.Add("the last entries do not hash to the last tile");
        if (faults.Count > 0) throw new LogDamagedException(folder, faults);
        RemoveWhatNoCheckpointCovers(files, size);
        return new TileLog(files, origin, signer, edge, bundle, opened.Note);
    }

    /// <summary>Adds leaves in order, durably, under one new checkpoint.</summary>
    /// <returns>Index of the first.</returns>
    /// <exception cref="ArgumentException">A leaf is longer than 65,535 bytes; nothing was written.</exception>
    /// <exception cref="IOException">Nobody knows whether the leaves were stored; open the log anew and look.</exception>
    public long Append(IReadOnlyList<ReadOnlyMemory<byte>> leaves)
    {
        foreach (var leaf in leaves)
        {
            if (leaf.Length > EntryBundle.MaxEntrySizeBytes)
                throw new ArgumentException($"a log entry has at most {EntryBundle.MaxEntrySizeBytes} bytes, not {leaf.Length}: log its digest", nameof(leaves));
        }

        lock (_gate)
        {
            RefuseUnknownStateNeedsLock();
            var first = _edge.Size;
            if (leaves.Count == 0) return first;
            _unknown = true;

            var edge = _edge.Clone();
            var bundle = new List<ReadOnlyMemory<byte>>(_lastBundle);
            var written = new List<(string Path, byte[] Bytes)>();
            foreach (var leaf in leaves)
            {
                bundle.Add(leaf.ToArray());
                if (bundle.Count == TilePath.FullWidth)
                {
                    Put(TilePath.Entries(edge.Size / TilePath.FullWidth), EntryBundle.Write(bundle));
                    bundle.Clear();
                }

                edge.Add(MerkleTree.HashLeaf(leaf.Span), (level, index, hashes) => Put(TilePath.Tile(level, index), TileBytes(hashes)));
            }

            if (bundle.Count > 0) Put(TilePath.Entries(edge.Size / TilePath.FullWidth, bundle.Count), EntryBundle.Write(bundle));
            for (var level = 0; level < edge.Levels; level++)
            {
                var hashes = edge.Unfilled(level);
                var grew = edge.Size >> (TilePath.HeightPerLevel * level) != first >> (TilePath.HeightPerLevel * level);
                if (grew && hashes.Count > 0) Put(TilePath.Tile(level, edge.Size >> (TilePath.HeightPerLevel * (level + 1)), hashes.Count), TileBytes(hashes));
            }

            // If we crash in here, or behind it, new tiles are there, some torn, and nothing points at them: the old checkpoint holds, and opening removes them.
            _files.WriteUnseen(written);
            var checkpoint = Sign(_signer, new Checkpoint(_origin, edge.Size, edge.Root()));
            _files.Write(TilePath.Checkpoint, checkpoint.ToBytes());

            // If we crash here the entries are stored and nobody was told: whoever repeats the request finds its own entry or adds a second one.
            (_edge, _lastBundle, _checkpoint) = (edge, bundle, checkpoint);
            _unknown = false;
            foreach (var (path, _) in written.Where(tile => !tile.Path.Contains(".p/", StringComparison.Ordinal))) _files.DeleteFolder(path + ".p");
            return first;

            void Put(string path, byte[] bytes) => written.Add((path, bytes));
        }
    }

    /// <summary>Keeps a witness's cosignatures: in the newest checkpoint if it is still that one, and as <see cref="AuditedCheckpoint"/>.</summary>
    /// <param name="cosigned">This log's checkpoint with cosignatures that the caller has verified.</param>
    public void AttachCosignatures(SignedCheckpoint cosigned)
    {
        lock (_gate)
        {
            RefuseUnknownStateNeedsLock();
            _unknown = true;
            _files.Replace(AuditedCheckpoint, cosigned.Note.ToBytes());

            // If we crash here, or a power cut takes either name back, a cosignature is missing that exists; the witness gives it again when asked.
            if (cosigned.Note.Text == _checkpoint.Text)
            {
                var joined = cosigned.Note.Signatures.Aggregate(_checkpoint, (note, signature) => note.With(signature));
                _files.Replace(TilePath.Checkpoint, joined.ToBytes());
                _checkpoint = joined;
            }

            _unknown = false;
        }
    }

    /// <summary>The newest cosigned checkpoint, or null if none was ever attached.</summary>
    public byte[]? ReadAuditedCheckpoint() => _files.Read(AuditedCheckpoint, SignedNote.MaxSizeBytes);

    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    public ReadOnlyMemory<byte> ReadEntry(long index)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _edge.Size);
            return _tiles.Entries(_edge.Size, index / TilePath.FullWidth)[(int)(index % TilePath.FullWidth)];
        }
    }

    /// <summary>Entries from <paramref name="first"/> on, at most <paramref name="count"/>, and as many as there are; each file is read once.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ReadEntries(long first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        lock (_gate)
        {
            var entries = new List<ReadOnlyMemory<byte>>();
            var end = Math.Min(_edge.Size, first + count);
            for (var at = first; at < end; at = (at / TilePath.FullWidth + 1) * TilePath.FullWidth)
                entries.AddRange(_tiles.Entries(_edge.Size, at / TilePath.FullWidth).Skip((int)(at % TilePath.FullWidth)).Take((int)(end - at)));
            return entries;
        }
    }

    /// <param name="size">A size the log has or had: index &lt; size ≤ <see cref="Size"/>.</param>
    public IReadOnlyList<MerkleHash> ProveInclusion(long index, long size)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(size, _edge.Size);
            var tiles = _tiles.ForOneProof();
            return MerkleProof.Inclusion(index, size, (level, i) => tiles.Node(_edge.Size, level, i));
        }
    }

    /// <summary>Hashes showing that the tree of <paramref name="newSize"/> extends that of <paramref name="oldSize"/>; none if either is trivial.</summary>
    public IReadOnlyList<MerkleHash> ProveConsistency(long oldSize, long newSize)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(newSize, _edge.Size);
            var tiles = _tiles.ForOneProof();
            return MerkleProof.Consistency(oldSize, newSize, (level, i) => tiles.Node(_edge.Size, level, i));
        }
    }

    public void Dispose() => _signer.Dispose();

    /// <summary>Takes away what an append left that never got to its checkpoint: a later tile of that width could have other bytes, and readers would see both.</summary>
    private static void RemoveWhatNoCheckpointCovers(DurableFiles files, long size)
    {
        files.Delete(TilePath.Checkpoint + DurableFiles.TemporarySuffix);
        files.Delete(AuditedCheckpoint + DurableFiles.TemporarySuffix);
        for (var level = -1; level < 8; level++)
        {
            var index = size >> (TilePath.HeightPerLevel * (Math.Max(level, 0) + 1));
            for (var width = TilePath.WidthAt(size, Math.Max(level, 0), index); ; index++, width = 0)
            {
                var full = level < 0 ? TilePath.Entries(index) : TilePath.Tile(level, index);
                var partials = full + ".p";
                if (!files.Exists(full) && !files.Exists(full + DurableFiles.TemporarySuffix) && !Directory.Exists(files.PathOf(partials))) break;
                files.Delete(full);
                files.Delete(full + DurableFiles.TemporarySuffix);
                foreach (var name in files.Names(partials).Where(n => TilePath.Parse(n) is not { } tile || tile.Width > width).ToList()) files.Delete(name);
                if (width > 0) continue;
                files.DeleteFolder(partials);
            }
        }
    }

    private static SignedNote Sign(LogSigner signer, Checkpoint checkpoint) => new(checkpoint.Text, [signer.Sign(checkpoint.Text)]);

    private static byte[] TileBytes(IReadOnlyList<MerkleHash> hashes)
    {
        var bytes = new byte[hashes.Count * MerkleHash.SizeBytes];
        for (var i = 0; i < hashes.Count; i++) hashes[i].CopyTo(bytes.AsSpan(i * MerkleHash.SizeBytes));
        return bytes;
    }

    private void RefuseUnknownStateNeedsLock()
    {
        if (_unknown) throw new InvalidOperationException($"an earlier write to the log in '{_files.Folder}' failed and what it left is unknown; restart to read it anew");
    }
}
