using System.Numerics;

namespace Tutelage.Ledger;

/// <summary>Inclusion and consistency proofs of RFC 6962 section 2.1: made from a node source, checked from hashes alone.</summary>
/// <remarks>
/// If a check here were too lenient, a log could drop or rewrite entries and still convince every witness. Each check therefore consumes
/// the proof exactly: a hash too many is as wrong as a hash too few.
/// </remarks>
public static class MerkleProof
{
    /// <summary>Says whether <paramref name="leafHash"/> is the leaf at <paramref name="index"/> of the tree with this size and root.</summary>
    public static bool VerifyInclusion(long index, long size, MerkleHash leafHash, IReadOnlyList<MerkleHash> proof, MerkleHash root)
    {
        if (index < 0 || index >= size) return false;
        var (fn, sn) = ((ulong)index, (ulong)size - 1);
        var hash = leafHash;
        foreach (var sibling in proof)
        {
            if (sn == 0) return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                hash = MerkleTree.HashNode(sibling, hash);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                hash = MerkleTree.HashNode(hash, sibling);
            }

            fn >>= 1;
            sn >>= 1;
        }

        return sn == 0 && hash == root;
    }

    /// <summary>Says whether the tree of <paramref name="newSize"/> begins with the tree of <paramref name="oldSize"/>.</summary>
    /// <remarks>There is no proof from size 0: every tree extends the empty one, and nothing was shown. Callers decide that case themselves.</remarks>
    public static bool VerifyConsistency(long oldSize, long newSize, MerkleHash oldRoot, MerkleHash newRoot, IReadOnlyList<MerkleHash> proof)
    {
        if (oldSize <= 0 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.Count == 0 && oldRoot == newRoot;

        var (fn, sn) = ((ulong)oldSize - 1, (ulong)newSize - 1);
        var position = 0;
        while ((fn & 1) == 1)
        {
            fn >>= 1;
            sn >>= 1;
        }

        // A complete old tree is a node of the new one: its root is not repeated in the proof.
        MerkleHash oldHash;
        if (BitOperations.IsPow2(oldSize)) oldHash = oldRoot;
        else if (proof.Count > 0) oldHash = proof[position++];
        else return false;
        var newHash = oldHash;

        for (; position < proof.Count; position++)
        {
            if (sn == 0) return false;
            var sibling = proof[position];
            if ((fn & 1) == 1 || fn == sn)
            {
                oldHash = MerkleTree.HashNode(sibling, oldHash);
                newHash = MerkleTree.HashNode(sibling, newHash);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                newHash = MerkleTree.HashNode(newHash, sibling);
            }

            fn >>= 1;
            sn >>= 1;
        }

        return sn == 0 && oldHash == oldRoot && newHash == newRoot;
    }

    /// <param name="node">Hash of the complete subtree at (level, index): it covers leaves [index &lt;&lt; level, (index + 1) &lt;&lt; level).</param>
    public static IReadOnlyList<MerkleHash> Inclusion(long index, long size, Func<int, long, MerkleHash> node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<MerkleHash>();
        var (low, high) = (0L, size);
        while (high - low > 1)
        {
            var middle = low + SplitPoint(high - low);
            if (index < middle)
            {
                proof.Add(RangeHash(middle, high, node));
                high = middle;
            }
            else
            {
                proof.Add(RangeHash(low, middle, node));
                low = middle;
            }
        }

        proof.Reverse();
        return proof;
    }

    /// <inheritdoc cref="Inclusion"/>
    public static IReadOnlyList<MerkleHash> Consistency(long oldSize, long newSize, Func<int, long, MerkleHash> node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        var proof = new List<MerkleHash>();
        if (oldSize == 0) return proof;
        var (low, high) = (0L, newSize);
        while (high != oldSize)
        {
            var middle = low + SplitPoint(high - low);
            if (oldSize <= middle)
            {
                proof.Add(RangeHash(middle, high, node));
                high = middle;
            }
            else
            {
                proof.Add(RangeHash(low, middle, node));
                low = middle;
            }
        }

        if (low != 0) proof.Add(RangeHash(low, high, node));
        proof.Reverse();
        return proof;
    }

    /// <summary>Root of leaves [low, high), a range that RFC 6962 splits into complete subtrees.</summary>
    internal static MerkleHash RangeHash(long low, long high, Func<int, long, MerkleHash> node)
    {
        var width = high - low;
        if (width == 0) return MerkleTree.Empty;
        if (BitOperations.IsPow2(width) && low % width == 0) return node(BitOperations.Log2((ulong)width), low / width);
        var middle = low + SplitPoint(width);
        return MerkleTree.HashNode(RangeHash(low, middle, node), RangeHash(middle, high, node));
    }

    /// <summary>The largest power of two below <paramref name="width"/> (at least 2).</summary>
    internal static long SplitPoint(long width) => 1L << BitOperations.Log2((ulong)(width - 1));
}
