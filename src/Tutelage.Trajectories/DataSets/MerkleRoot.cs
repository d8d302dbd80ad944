using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Trajectories.DataSets;

/// <summary>Merkle tree hash of RFC 6962, section 2.1, with SHA-256: what a data set is called by.</summary>
internal static class MerkleRoot
{
    /// <summary>Hash of a leaf whose content is <c>name 00 content</c>.</summary>
    public static byte[] Leaf(string name, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x00]);
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        hash.AppendData([0x00]);
        hash.AppendData(content);
        return hash.GetHashAndReset();
    }

    /// <summary>Root over leaf hashes; of no leaves the hash of nothing.</summary>
    public static byte[] Of(IReadOnlyList<byte[]> leaves) => leaves.Count == 0 ? SHA256.HashData([]) : Of(leaves, 0, leaves.Count);

    private static byte[] Of(IReadOnlyList<byte[]> leaves, int start, int count)
    {
        if (count == 1) return leaves[start];
        var left = 1;
        while (left * 2 < count) left *= 2;
        byte[] node = [0x01, .. Of(leaves, start, left), .. Of(leaves, start + left, count - left)];
        return SHA256.HashData(node);
    }
}
