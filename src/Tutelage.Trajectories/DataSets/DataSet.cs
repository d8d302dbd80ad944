namespace Tutelage.Trajectories.DataSets;

/// <summary>What is to be built.</summary>
/// <param name="Name">For people.</param>
/// <param name="Tags">Every person of the set; the split needs all of them beforehand.</param>
public sealed record DataSetPlan(string Name, IReadOnlyList<string> Tags)
{
    public ReductionOptions Reduction { get; init; } = ReductionOptions.Default;

    /// <value>Whether frames go in. Where the class <see cref="ContentClass.Frames"/> was not opened there are none anyway.</value>
    public bool WithFrames { get; init; } = true;
}

public enum DataSetPart { Train, Test }

/// <summary>A stored segment that a shard was made of.</summary>
/// <param name="ObjectId">The sealed object's id.</param>
/// <param name="Redactor">Name and version of the rules that redacted it.</param>
/// <param name="Manifest">SHA-256 (hex) of the manifest it was recorded under.</param>
public sealed record SegmentLineage(string ObjectId, string Redactor, string Manifest);

/// <summary>What one shard holds.</summary>
/// <param name="FileName"><c>shard-TAG.tar</c>.</param>
/// <param name="Root">Merkle root over the shard's entries, hex.</param>
/// <param name="ContentBytes">Sum of its entries.</param>
public sealed record ShardSummary(
    string Tag, string FileName, DataSetPart Part, string Root, long ContentBytes, int Trajectories, int Actions, int Frames,
    IReadOnlyDictionary<ActionKind, int> Kinds, IReadOnlyDictionary<string, int> Apps, IReadOnlyDictionary<GapReason, int> Gaps, IReadOnlyList<SegmentLineage> Lineage);

/// <summary>A finished data set.</summary>
/// <param name="Id">Merkle root over the plaintext of all shards, hex.</param>
/// <param name="Card">The data card, Markdown.</param>
public sealed record DataSet(string Id, string Name, IReadOnlyList<ShardSummary> Shards, string Card)
{
    public int Trajectories => Shards.Sum(shard => shard.Trajectories);
    public int Actions => Shards.Sum(shard => shard.Actions);
    public int Frames => Shards.Sum(shard => shard.Frames);
}
