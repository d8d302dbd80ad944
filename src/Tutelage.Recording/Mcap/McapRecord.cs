namespace Tutelage.Recording.Mcap;

/// <summary>One record of an MCAP file (docs/formats/mcap.md), every field as it stands there.</summary>
/// <remarks>Times are nanoseconds, offsets count from the beginning of the file. Maps keep their order and their repeated keys.</remarks>
public abstract record McapRecord
{
    /// <summary>Bytes behind the known fields, kept so that a record can be written back as it was.</summary>
    public ReadOnlyMemory<byte> Trailing { get; init; }
}

/// <summary>First record of a file.</summary>
public sealed record McapHeader(string Profile, string Library) : McapRecord;

/// <summary>Last record of a file.</summary>
/// <param name="SummaryStart">0 if there is no summary.</param>
/// <param name="SummaryOffsetStart">0 if there are no summary offsets.</param>
/// <param name="SummaryCrc">Of everything from the summary's start to this field; 0 if not computed.</param>
public sealed record McapFooter(ulong SummaryStart, ulong SummaryOffsetStart, uint SummaryCrc) : McapRecord;

/// <summary>What messages look like.</summary>
/// <param name="Id">Never 0.</param>
public sealed record McapSchema(ushort Id, string Name, string Encoding, ReadOnlyMemory<byte> Data) : McapRecord;

/// <summary>A stream of messages of one topic.</summary>
/// <param name="SchemaId">0 for none.</param>
public sealed record McapChannel(ushort Id, ushort SchemaId, string Topic, string MessageEncoding, IReadOnlyList<KeyValuePair<string, string>> Metadata) : McapRecord;

/// <summary>One message.</summary>
public sealed record McapMessage(ushort ChannelId, uint Sequence, ulong LogTimeNs, ulong PublishTimeNs, ReadOnlyMemory<byte> Data) : McapRecord;

/// <summary>Schemas, channels and messages in one compressed block.</summary>
/// <param name="UncompressedCrc">0 if not computed.</param>
/// <param name="Records">As stored, possibly compressed.</param>
public sealed record McapChunk(
    ulong StartTimeNs, ulong EndTimeNs, ulong UncompressedSizeBytes, uint UncompressedCrc, string Compression, ReadOnlyMemory<byte> Records) : McapRecord;

/// <summary>Where the messages of a channel stand in the chunk before, in the order written.</summary>
public sealed record McapMessageIndex(ushort ChannelId, IReadOnlyList<McapMessageIndexEntry> Entries) : McapRecord;

/// <param name="Offset">Within the uncompressed records of the chunk.</param>
public readonly record struct McapMessageIndexEntry(ulong LogTimeNs, ulong Offset);

/// <summary>Where a chunk stands, for readers that seek.</summary>
public sealed record McapChunkIndex(
    ulong StartTimeNs, ulong EndTimeNs, ulong ChunkOffset, ulong ChunkLengthBytes, IReadOnlyList<KeyValuePair<ushort, ulong>> MessageIndexOffsets,
    ulong MessageIndexLengthBytes, string Compression, ulong CompressedSizeBytes, ulong UncompressedSizeBytes) : McapRecord;

/// <summary>A file within the file.</summary>
/// <param name="Crc">Of all fields before it; 0 if not computed.</param>
public sealed record McapAttachment(ulong LogTimeNs, ulong CreateTimeNs, string Name, string MediaType, ReadOnlyMemory<byte> Data, uint Crc) : McapRecord;

public sealed record McapAttachmentIndex(
    ulong Offset, ulong LengthBytes, ulong LogTimeNs, ulong CreateTimeNs, ulong DataSizeBytes, string Name, string MediaType) : McapRecord;

/// <summary>Counts over the whole file.</summary>
public sealed record McapStatistics(
    ulong MessageCount, ushort SchemaCount, uint ChannelCount, uint AttachmentCount, uint MetadataCount, uint ChunkCount,
    ulong StartTimeNs, ulong EndTimeNs, IReadOnlyList<KeyValuePair<ushort, ulong>> ChannelMessageCounts) : McapRecord;

/// <summary>Named pairs of text.</summary>
public sealed record McapMetadata(string Name, IReadOnlyList<KeyValuePair<string, string>> Metadata) : McapRecord;

public sealed record McapMetadataIndex(ulong Offset, ulong LengthBytes, string Name) : McapRecord;

/// <summary>Where the records of one opcode stand in the summary.</summary>
public sealed record McapSummaryOffset(McapOpcode GroupOpcode, ulong GroupStart, ulong GroupLengthBytes) : McapRecord;

/// <param name="DataSectionCrc">Of everything before this record, the magic included; 0 if not computed.</param>
public sealed record McapDataEnd(uint DataSectionCrc) : McapRecord;

/// <summary>A record of an opcode that this version does not know; its body is <see cref="McapRecord.Trailing"/>.</summary>
public sealed record McapUnknown(McapOpcode Opcode) : McapRecord;
