using System.Numerics;

namespace Tutelage.Ledger;

/// <summary>Stored data of a log that does not fit its checkpoint. Nothing is repaired by guessing: restore the folder from a copy.</summary>
public sealed class LogDamagedException(string folder, IReadOnlyList<string> faults)
    : Exception($"the log in '{folder}' is damaged: {string.Join("; ", faults)}. Do not delete it; restore the folder from a copy and verify again")
{
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>Reads tiles and bundles of a log of a given size. Bytes are checked for length only; the root decides whether they are right.</summary>
internal sealed class TileReader(DurableFiles files)
{
    private const int TileSizeBytes = TilePath.FullWidth * MerkleHash.SizeBytes;
    private const int MaxBundleSizeBytes = TilePath.FullWidth * (2 + EntryBundle.MaxEntrySizeBytes);

    public IReadOnlyList<MerkleHash> Tile(long size, int level, long index)
    {
        var width = TilePath.WidthAt(size, level, index);
        var path = TilePath.Tile(level, index, width);
        var bytes = files.Read(path, TileSizeBytes);
        if (bytes is null || bytes.Length != width * MerkleHash.SizeBytes)
            throw new LogDamagedException(files.Folder, [$"{path}: {(bytes is null ? "missing or too long" : $"{bytes.Length} bytes, expected {width * MerkleHash.SizeBytes}")}"]);
        var hashes = new MerkleHash[width];
        for (var i = 0; i < width; i++) hashes[i] = new MerkleHash(bytes.AsSpan(i * MerkleHash.SizeBytes, MerkleHash.SizeBytes));
        return hashes;
    }

    public IReadOnlyList<ReadOnlyMemory<byte>> Entries(long size, long index)
    {
        var width = TilePath.WidthAt(size, 0, index);
        var path = TilePath.Entries(index, width);
        var bytes = files.Read(path, MaxBundleSizeBytes);
        return (bytes is null ? null : EntryBundle.Read(bytes, width))
            ?? throw new LogDamagedException(files.Folder, [$"{path}: {(bytes is null ? "missing or too long" : $"is no bundle of {width} entries")}"]);
    }

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
