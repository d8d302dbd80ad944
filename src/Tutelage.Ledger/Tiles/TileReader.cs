using System.Numerics;

namespace Tutelage.Ledger;

/// <summary>Stored data of a log that does not fit its checkpoint. Nothing is repaired by guessing: restore the folder from a copy.</summary>
public class LogDamagedException(string folder, IReadOnlyList<string> faults)
    : Exception($"the log in '{folder}' is damaged: {string.Join("; ", faults)}. Do not delete it; restore the folder from a copy and verify again")
{
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>One file of a log that is missing or cannot be what its name says.</summary>
internal sealed class TileUnreadableException(string folder, string path, string what, bool missing) : LogDamagedException(folder, [$"{path}: {what}"])
{
    public string Path => path;

    public string What => what;

    public bool Missing => missing;
}

/// <summary>Reads tiles and bundles of a log of a given size. Bytes are checked for length only; the root decides whether they are right.</summary>
internal sealed class TileReader(DurableFiles files)
{
    private const int TileSizeBytes = TilePath.FullWidth * MerkleHash.SizeBytes;
    private const int MaxBundleSizeBytes = TilePath.FullWidth * (2 + EntryBundle.MaxEntrySizeBytes);

    private Dictionary<string, MerkleHash[]>? _read; // tiles, by path

    /// <summary>A reader that reads each tile once: the hashes of one proof come from few of them. It is for that proof alone.</summary>
    public TileReader ForOneProof() => new(files) { _read = [] };

    public IReadOnlyList<MerkleHash> Tile(long size, int level, long index) => TileOf(TilePath.WidthAt(size, level, index), level, index);

    public IReadOnlyList<ReadOnlyMemory<byte>> Entries(long size, long index) => EntriesOf(TilePath.WidthAt(size, 0, index), index);

    public IReadOnlyList<MerkleHash> TileOf(int width, int level, long index)
    {
        var path = TilePath.Tile(level, index, width);
        if (_read?.GetValueOrDefault(path) is { } before) return before;
        var bytes = Bytes(path, TileSizeBytes);
        if (bytes.Length != width * MerkleHash.SizeBytes) throw Unreadable(path, $"{bytes.Length} bytes, expected {width * MerkleHash.SizeBytes}");
        var hashes = new MerkleHash[width];
        for (var i = 0; i < width; i++) hashes[i] = new MerkleHash(bytes.AsSpan(i * MerkleHash.SizeBytes, MerkleHash.SizeBytes));
        _read?.Add(path, hashes);
        return hashes;
    }

    public IReadOnlyList<ReadOnlyMemory<byte>> EntriesOf(int width, long index)
    {
        var path = TilePath.Entries(index, width);
        var bytes = Bytes(path, MaxBundleSizeBytes);
        return EntryBundle.Read(bytes, width) ?? throw Unreadable(path, $"{bytes.Length} bytes that are no bundle of {width} entries: cut short, too long, or a length inside it is wrong");
    }

    private byte[] Bytes(string path, int maxSizeBytes) =>
        files.Read(path, maxSizeBytes) ?? throw (files.Exists(path) ? Unreadable(path, $"over {maxSizeBytes} bytes") : new TileUnreadableException(files.Folder, path, "missing", missing: true));

    private TileUnreadableException Unreadable(string path, string what) => new(files.Folder, path, what, missing: false);

    /// <summary>The complete subtree at (level, index) of a tree of <paramref name="size"/> leaves.</summary>
    public MerkleHash Node(long size, int level, long index)
    {
        var (tileLevel, inner) = Math.DivRem(level, TilePath.HeightPerLevel);
        var first = index << inner;
        var tile = Tile(size, tileLevel, first / TilePath.FullWidth);
        var hashes = tile.Skip((int)(first % TilePath.FullWidth)).Take(1 << inner).ToArray();
        if (!BitOperations.IsPow2(hashes.Length) || hashes.Length != 1 << inner)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"no complete subtree of level {level} there in a tree of {size} leaves");
        return MerkleTree.Root(hashes);
    }
}
