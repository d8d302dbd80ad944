using System.Globalization;
using System.Text.Json;
using Tutelage.Recording.Mcap;

namespace Tutelage.Recording.Tests.Mcap;

/// <summary>Records in the JSON form of the MCAP conformance suite (foxglove/mcap, tests/conformance): fields by name, numbers as text, bytes as arrays of text.</summary>
internal static class ConformanceJson
{
    /// <summary>One line a record, so that two files compare as text.</summary>
    public static string[] Lines(JsonElement records) =>
        [.. records.EnumerateArray().Select(record => $"{record.GetProperty("type").GetString()} {string.Join(' ', record.GetProperty("fields").EnumerateArray().Select(field => $"{field[0].GetString()}={Canonical(field[1])}"))}")];

    public static string Line(McapRecord record) => $"{record.GetType().Name["Mcap".Length..]} {string.Join(' ', Fields(record).OrderBy(field => field.Name, StringComparer.Ordinal).Select(field => $"{field.Name}={field.Value}"))}";

    private static IEnumerable<(string Name, string Value)> Fields(McapRecord record) => record switch
    {
        McapHeader r => [("library", Text(r.Library)), ("profile", Text(r.Profile))],
        McapFooter r => [("summary_crc", Number(r.SummaryCrc)), ("summary_offset_start", Number(r.SummaryOffsetStart)), ("summary_start", Number(r.SummaryStart))],
        McapSchema r => [("data", Bytes(r.Data)), ("encoding", Text(r.Encoding)), ("id", Number(r.Id)), ("name", Text(r.Name))],
        McapChannel r => [("id", Number(r.Id)), ("message_encoding", Text(r.MessageEncoding)), ("metadata", Map(r.Metadata)), ("schema_id", Number(r.SchemaId)), ("topic", Text(r.Topic))],
        McapMessage r => [("channel_id", Number(r.ChannelId)), ("data", Bytes(r.Data)), ("log_time", Number(r.LogTimeNs)), ("publish_time", Number(r.PublishTimeNs)), ("sequence", Number(r.Sequence))],
        McapAttachment r => [("create_time", Number(r.CreateTimeNs)), ("data", Bytes(r.Data)), ("log_time", Number(r.LogTimeNs)), ("media_type", Text(r.MediaType)), ("name", Text(r.Name))],
        McapMetadata r => [("metadata", Map(r.Metadata)), ("name", Text(r.Name))],
        McapDataEnd r => [("data_section_crc", Number(r.DataSectionCrc))],
        McapStatistics r =>
        [
            ("attachment_count", Number(r.AttachmentCount)), ("channel_count", Number(r.ChannelCount)), ("channel_message_counts", Map(r.ChannelMessageCounts)),
            ("chunk_count", Number(r.ChunkCount)), ("message_count", Number(r.MessageCount)), ("message_end_time", Number(r.EndTimeNs)),
            ("message_start_time", Number(r.StartTimeNs)), ("metadata_count", Number(r.MetadataCount)), ("schema_count", Number(r.SchemaCount)),
        ],
        McapChunkIndex r =>
        [
            ("chunk_length", Number(r.ChunkLengthBytes)), ("chunk_start_offset", Number(r.ChunkOffset)), ("compressed_size", Number(r.CompressedSizeBytes)),
            ("compression", Text(r.Compression)), ("message_end_time", Number(r.EndTimeNs)), ("message_index_length", Number(r.MessageIndexLengthBytes)),
            ("message_index_offsets", Map(r.MessageIndexOffsets)), ("message_start_time", Number(r.StartTimeNs)), ("uncompressed_size", Number(r.UncompressedSizeBytes)),
        ],
        McapAttachmentIndex r =>
        [
            ("create_time", Number(r.CreateTimeNs)), ("data_size", Number(r.DataSizeBytes)), ("length", Number(r.LengthBytes)), ("log_time", Number(r.LogTimeNs)),
            ("media_type", Text(r.MediaType)), ("name", Text(r.Name)), ("offset", Number(r.Offset)),
        ],
        McapMetadataIndex r => [("length", Number(r.LengthBytes)), ("name", Text(r.Name)), ("offset", Number(r.Offset))],
        McapSummaryOffset r => [("group_length", Number(r.GroupLengthBytes)), ("group_opcode", Number((byte)r.GroupOpcode)), ("group_start", Number(r.GroupStart))],
        _ => throw new ArgumentOutOfRangeException(nameof(record), record.GetType().Name, "not in the suite"),
    };

    public static byte[] BytesOf(JsonElement value) => [.. value.EnumerateArray().Select(item => byte.Parse(item.GetString()!, CultureInfo.InvariantCulture))];

    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(item => item.GetString()))}]",
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(item => $"{item.Name}:{item.Value.GetString()}"))}}}",
        _ => value.GetString()!,
    };

    private static string Text(string value) => value;
    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
    private static string Bytes(ReadOnlyMemory<byte> value) => $"[{string.Join(',', value.ToArray())}]";
    private static string Map<TKey, TValue>(IReadOnlyList<KeyValuePair<TKey, TValue>> map) => $"{{{string.Join(',', map.Select(item => $"{item.Key}:{item.Value}"))}}}";
}
