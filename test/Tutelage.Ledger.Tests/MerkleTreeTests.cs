namespace Tutelage.Ledger.Tests;

public sealed class MerkleTreeTests
{
    /// <summary>Leaves and roots of RFC 6962's own test tree, as the Certificate Transparency code publishes them.</summary>
    private static readonly byte[][] Leaves = [[], [0], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57], [.. Enumerable.Range(0x60, 16).Select(b => (byte)b)]];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_those_of_the_RFC(int size, string root) =>
        Convert.ToHexStringLower(MerkleTree.Root(Leaves.Take(size).Select(l => MerkleTree.HashLeaf(l)).ToArray()).ToArray()).ShouldBe(root);

    [Fact]
    public void Every_proof_made_verifies_and_none_verifies_for_another_leaf_or_size()
    {
        var leaves = Enumerable.Range(0, 70).Select(i => MerkleTree.HashLeaf([(byte)i])).ToArray();
        for (var size = 1; size <= leaves.Length; size++)
        {
            var root = MerkleTree.Root(leaves.AsSpan(0, size));
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleProof.Inclusion(index, size, Node);
                MerkleProof.VerifyInclusion(index, size, leaves[index], proof, root).ShouldBeTrue();
                MerkleProof.VerifyInclusion(index, size, leaves[(index + 1) % leaves.Length], proof, root).ShouldBeFalse();
                if (size > 1) MerkleProof.VerifyInclusion((index + 1) % size, size, leaves[index], proof, root).ShouldBeFalse();
            }

            for (var old = 1; old <= size; old++)
            {
                var proof = MerkleProof.Consistency(old, size, Node);
                var oldRoot = MerkleTree.Root(leaves.AsSpan(0, old));
                MerkleProof.VerifyConsistency(old, size, oldRoot, root, proof).ShouldBeTrue();
                if (old < size) MerkleProof.VerifyConsistency(old, size, root, oldRoot, proof).ShouldBeFalse();
                if (proof.Count > 0) MerkleProof.VerifyConsistency(old, size, oldRoot, root, [.. proof.Skip(1)]).ShouldBeFalse();
                MerkleProof.VerifyConsistency(old, size, oldRoot, root, [.. proof, root]).ShouldBeFalse();
            }
        }

        MerkleHash Node(int level, long index) => MerkleTree.Root(leaves.AsSpan((int)index << level, 1 << level));
    }

    [Fact]
    public void Edge_of_a_growing_tree_gives_the_root_at_every_size()
    {
        var edge = new TreeEdge();
        var leaves = new List<MerkleHash>();
        for (var i = 0; i < 1200; i++)
        {
            leaves.Add(MerkleTree.HashLeaf(BitConverter.GetBytes(i)));
            edge.Add(leaves[^1]);
            if (i < 300 || i % 97 == 0) edge.Root().ShouldBe(MerkleTree.Root(leaves.ToArray()));
        }
    }

    [Fact]
    public void Root_of_a_set_does_not_depend_on_order()
    {
        ReadOnlyMemory<byte>[] digests = [new byte[] { 1 }, new byte[] { 2 }, new byte[] { 3 }];
        MerkleTree.RootOfSet(digests).ShouldBe(MerkleTree.RootOfSet(digests.Reverse()));
        MerkleTree.RootOfSet(digests).ShouldNotBe(MerkleTree.RootOfSet(digests.Take(2)));
    }

    [Fact]
    public void Nothing_is_proven_of_an_empty_old_tree_nor_of_one_that_is_larger_than_the_new()
    {
        var root = MerkleTree.HashLeaf([1]);
        MerkleProof.VerifyConsistency(0, 5, root, root, [root]).ShouldBeFalse();
        MerkleProof.VerifyConsistency(0, 0, MerkleTree.Empty, MerkleTree.Empty, []).ShouldBeFalse();
        MerkleProof.VerifyConsistency(-1, 5, root, root, []).ShouldBeFalse();
        MerkleProof.VerifyConsistency(4, 3, root, root, []).ShouldBeFalse();
        MerkleProof.VerifyConsistency(4, 4, root, root, []).ShouldBeTrue();
        MerkleProof.VerifyConsistency(4, 4, root, root, [root]).ShouldBeFalse();
        MerkleProof.VerifyInclusion(-1, 1, root, [], root).ShouldBeFalse();
        MerkleProof.VerifyInclusion(0, 0, root, [], root).ShouldBeFalse();
    }

    [Fact]
    public void Proofs_are_made_of_what_is_there_and_hashes_have_32_bytes()
    {
        static MerkleHash Node(int level, long index) => MerkleTree.HashLeaf([(byte)level, (byte)index]);
        MerkleProof.Consistency(0, 5, Node).ShouldBeEmpty();
        MerkleProof.Consistency(5, 5, Node).ShouldBeEmpty();
        foreach (var (index, size) in ((long, long)[])[(-1, 5), (5, 5), (0, 0)]) Should.Throw<ArgumentOutOfRangeException>(() => MerkleProof.Inclusion(index, size, Node));
        foreach (var (old, size) in ((long, long)[])[(-1, 5), (6, 5)]) Should.Throw<ArgumentOutOfRangeException>(() => MerkleProof.Consistency(old, size, Node));
        foreach (var length in (int[])[0, 31, 33]) Should.Throw<ArgumentException>(() => new MerkleHash(new byte[length]));
    }
}
