using System.Security.Cryptography;

namespace Tutelage.Ledger;

/// <summary>The hashing of RFC 6962 section 2.1: leaf SHA-256(00 || data), node SHA-256(01 || left || right), empty SHA-256("").</summary>
public static class MerkleTree
{
    public static MerkleHash Empty { get; } = MerkleHash.Of([]);

    public static MerkleHash HashLeaf(ReadOnlySpan<byte> leaf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(leaf);
        Span<byte> result = stackalloc byte[MerkleHash.SizeBytes];
        hash.GetHashAndReset(result);
        return new MerkleHash(result);
    }

    public static MerkleHash HashNode(MerkleHash left, MerkleHash right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * MerkleHash.SizeBytes];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + MerkleHash.SizeBytes)..]);
        return MerkleHash.Of(input);
    }

    /// <summary>Root over leaf hashes in order; the empty root for none.</summary>
    public static MerkleHash Root(ReadOnlySpan<MerkleHash> leafHashes)
    {
        if (leafHashes.IsEmpty) return Empty;
        if (leafHashes.Length == 1) return leafHashes[0];
        var split = (int)MerkleProof.SplitPoint(leafHashes.Length);
        return HashNode(Root(leafHashes[..split]), Root(leafHashes[split..]));
    }

    /// <summary>The root over a set of digests whose order carries no meaning: sorted, so that two holders of the set get one root.</summary>
    public static MerkleHash RootOfSet(IEnumerable<ReadOnlyMemory<byte>> digests)
    {
        var leaves = digests.Select(d => d.ToArray()).ToArray();
        Array.Sort(leaves, static (x, y) => x.AsSpan().SequenceCompareTo(y));
        return Root(leaves.Select(l => HashLeaf(l)).ToArray());
    }
}
