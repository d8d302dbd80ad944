using System.Globalization;
using System.Text;

namespace Tutelage.Ledger;

/// <summary>A person's newest entry: how many entries there are about them, and the commitment of the last.</summary>
/// <param name="Tag">32 hex digits.</param>
/// <param name="Sequence">Entries about the person so far, from 1.</param>
/// <param name="Head">The last one's commitment, 64 hex digits.</param>
public sealed record PersonHead(string Tag, long Sequence, string Head)
{
    /// <summary>Leaf of the tree over all heads (docs/formats/entries.md).</summary>
    public MerkleHash Leaf => MerkleTree.HashLeaf(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"tutelage/head/v1\n{Tag}\n{Sequence}\n{Head}\n")));
}

/// <summary>The tree over all persons' heads, sorted by tag, whose root an entry of kind <c>heads</c> commits to every hour.</summary>
/// <remarks>If this root could be made to leave a person out, "there were no other accesses" would be a lie with a proof.</remarks>
public static class Heads
{
    /// <param name="heads">Sorted by tag, ordinally, each tag once.</param>
    /// <exception cref="ArgumentException">They are not sorted.</exception>
    public static (long Persons, MerkleHash Root) Root(IEnumerable<PersonHead> heads)
    {
        var edge = new TreeEdge();
        foreach (var leaf in Leaves(heads)) edge.Add(leaf);
        return (edge.Size, edge.Root());
    }

    /// <summary>Shows one person's head under the root; null if the person is not among them.</summary>
    public static (PersonHead Head, long Position, IReadOnlyList<MerkleHash> Hashes)? Prove(IReadOnlyList<PersonHead> heads, string tag)
    {
        var position = heads.TakeWhile(head => head.Tag != tag).Count();
        if (position == heads.Count) return null;
        var leaves = Leaves(heads).ToArray();
        return (heads[position], position, MerkleProof.Inclusion(position, leaves.Length, (level, index) => MerkleTree.Root(leaves.AsSpan((int)index << level, 1 << level))));
    }

    private static IEnumerable<MerkleHash> Leaves(IEnumerable<PersonHead> heads)
    {
        var before = "";
        foreach (var head in heads)
        {
            if (string.CompareOrdinal(before, head.Tag) >= 0) throw new ArgumentException($"heads are not sorted: '{head.Tag}' after '{before}'", nameof(heads));
            before = head.Tag;
            yield return head.Leaf;
        }
    }
}
