namespace Tutelage.Ledger;

/// <summary>The right edge of a growing tree: per tile level the nodes of its unfilled tile. Enough to add leaves and to know the root.</summary>
/// <remarks>Level L holds fewer than 256 nodes, each the root of 256^L leaves. Not thread-safe.</remarks>
public sealed class TreeEdge
{
    private readonly List<List<MerkleHash>> _levels = [];

    public long Size { get; private set; }

    public int Levels => _levels.Count;

    /// <summary>Nodes of the unfilled tile of <paramref name="level"/>; possibly none.</summary>
    public IReadOnlyList<MerkleHash> Unfilled(int level) => level < _levels.Count ? _levels[level] : [];

    /// <summary>Takes the edge from stored tiles; <paramref name="unfilled"/> gives the hashes of a level's partial tile.</summary>
    public static TreeEdge FromTrustedTiles(long size, Func<int, IReadOnlyList<MerkleHash>> unfilled)
    {
        var edge = new TreeEdge { Size = size };
        for (var level = 0; size >> (TilePath.HeightPerLevel * level) > 0 && level < 8; level++) edge._levels.Add([.. unfilled(level)]);
        return edge;
    }

    /// <summary>The edge as it was when the tree had <paramref name="size"/> leaves.</summary>
    /// <param name="fullTile">Gives the 256 hashes of a full tile (level, index), as <see cref="Add"/> handed it out.</param>
    public TreeEdge At(long size, Func<int, long, IReadOnlyList<MerkleHash>> fullTile)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return FromTrustedTiles(size, level =>
        {
            var index = size >> (TilePath.HeightPerLevel * (level + 1));
            var nodes = index < Size >> (TilePath.HeightPerLevel * (level + 1)) ? fullTile(level, index) : Unfilled(level);
            return [.. nodes.Take(TilePath.WidthAt(size, level, index))];
        });
    }

    public TreeEdge Clone()
    {
        var copy = new TreeEdge { Size = Size };
        foreach (var level in _levels) copy._levels.Add([.. level]);
        return copy;
    }

    /// <param name="onFull">Receives (level, index, 256 hashes) of each tile that this leaf completes, lowest level first.</param>
    public void Add(MerkleHash leafHash, Action<int, long, IReadOnlyList<MerkleHash>>? onFull = null)
    {
        Size++;
        var node = leafHash;
        for (var level = 0; ; level++)
        {
            if (level == _levels.Count) _levels.Add([]);
            var nodes = _levels[level];
            nodes.Add(node);
            if (nodes.Count < TilePath.FullWidth) return;
            onFull?.Invoke(level, (Size >> (TilePath.HeightPerLevel * (level + 1))) - 1, [.. nodes]);
            node = MerkleTree.Root(nodes.ToArray());
            nodes.Clear();
        }
    }

    public MerkleHash Root()
    {
        MerkleHash? root = null;
        foreach (var nodes in _levels)
        {
            // Split the level's nodes into complete subtrees (the ones of its count's binary digits) and fold them from the right.
            var end = nodes.Count;
            while (end > 0)
            {
                var width = end & -end;
                var peak = MerkleTree.Root(nodes.GetRange(end - width, width).ToArray());
                root = root is { } right ? MerkleTree.HashNode(peak, right) : peak;
                end -= width;
            }
        }

        return root ?? MerkleTree.Empty;
    }
}
