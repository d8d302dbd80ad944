using System.Text.Json.Nodes;

namespace Tutelage.Jobs.Protocol;

internal static class JobNames
{
    public const string DatasetBuild = "dataset-build";
    public const string DatasetExport = "dataset-export";
}

internal sealed record HelloMessage(int Protocol, string Recipient, IReadOnlyList<string> Jobs, string Version, int Pid, bool Confined, IReadOnlyList<string> Open);

/// <param name="Files">Whose keys the job needs next, at most <see cref="FrameLimits.KeysPerRequest"/>.</param>
internal sealed record NeedMessage(IReadOnlyList<NeededFile> Files);

internal sealed record NeededFile(string Object, string Class);

internal sealed record FetchMessage(uint Stream, string Object, string Class);

internal sealed record BlobEndMessage(uint Stream, bool Ok, string? Reason);

internal sealed record OutputBeginMessage(uint Stream, string Kind, string? Tag);

/// <param name="Outer">Outer age header, or the only one.</param>
/// <param name="Inner">Inner age header, null for a plain age file.</param>
/// <param name="Digest">Of the plaintext: a shard's root, an export's SHA-256.</param>
internal sealed record OutputEndMessage(uint Stream, long Size, string Sha256, byte[] Outer, byte[]? Inner, string Digest);

internal sealed record ProgressMessage(string Stage, long Done, long Total, long MemoryMb);

internal sealed record RefusedMessage(string Object, string? Class, string Reason);

internal sealed record ErrorMessage(string Code, string Message, string? Object);

internal sealed record InputsTally(int Given, int Used, IReadOnlyList<RefusedMessage> Refused);

/// <param name="Texts">Texts that the second pass looked at.</param>
/// <param name="Changed">Those it took something out of.</param>
internal sealed record RedactionTally(long Texts, long Changed);

internal sealed record MemoryTally(long PeakMb, long LimitMb);

internal sealed record BuildResult(string Job, BuiltDataset Dataset, InputsTally Inputs, RedactionTally Redaction, MemoryTally Memory);

internal sealed record BuiltDataset(
    string Id, long Trajectories, long Actions, long Frames, IReadOnlyDictionary<string, long> Gaps, IReadOnlyList<BuiltShard> Shards, IReadOnlyList<LineageEntry> Lineage, JsonObject Card);

internal sealed record BuiltShard(uint Stream, string Tag, string Root, long Trajectories, long Actions, long Frames);

internal sealed record LineageEntry(string Object, string Tag);

internal sealed record ExportResult(string Job, WrittenExport Export, InputsTally Inputs, RedactionTally Redaction, MemoryTally Memory);

internal sealed record WrittenExport(uint Stream, string Format, string Dataset, long Trajectories, long Actions, long Frames);

/// <summary>Plaintext of a keys frame, as it came.</summary>
internal sealed record KeyBundleRequest(int? Version, string? Grant, string? Layer, IReadOnlyList<KeyEntryRequest?>? Keys);

internal sealed record KeyEntryRequest(string? Object, string? Class, byte[]? Key);
