namespace Tutelage.Recording.Mcap;

/// <summary>Records ⇄ bytes, layouts of docs/formats/mcap.md. What is written of what was read is the same bytes.</summary>
/// <remarks>
/// One file because both directions of a record must agree field for field: if they did not, files would change when they are copied.
/// A map or array is a u32 length in bytes, then its entries; a string a u32 length, then UTF-8. All numbers little endian.
/// </remarks>
internal static class McapRecordCodec
{
    /// <param name="opcode">Not 0.</param>
    /// <param name="offset">Of the body in its file.</param>
    /// <exception cref="RecordingFormatException">A field reaches past the end of the body, or a text is not UTF-8.</exception>
    public static McapRecord Decode(McapOpcode opcode, ReadOnlySpan<byte> body, long offset)
    {
        var cursor = new ByteCursor(body, offset);
        var record = DecodeFields(opcode, ref cursor);
        return cursor.Remaining == 0 ? record : record with { Trailing = cursor.TakeRest().ToArray() };
    }

    private static McapRecord DecodeFields(McapOpcode opcode, ref ByteCursor cursor) => opcode switch
    {
        McapOpcode.Header => new McapHeader(cursor.ReadString("profile"), cursor.ReadString("library")),
        McapOpcode.Footer => new McapFooter(cursor.ReadUInt64("summary_start"), cursor.ReadUInt64("summary_offset_start"), cursor.ReadUInt32("summary_crc")),
        McapOpcode.Schema => new McapSchema(
            cursor.ReadUInt16("schema id"), cursor.ReadString("schema name"), cursor.ReadString("schema encoding"), ReadBlob(ref cursor, "schema data")),
        McapOpcode.Channel => new McapChannel(
            cursor.ReadUInt16("channel id"), cursor.ReadUInt16("schema_id"), cursor.ReadString("topic"), cursor.ReadString("message_encoding"), ReadTexts(ref cursor)),
        McapOpcode.Message => new McapMessage(
            cursor.ReadUInt16("channel_id"), cursor.ReadUInt32("sequence"), cursor.ReadUInt64("log_time"), cursor.ReadUInt64("publish_time"), cursor.TakeRest().ToArray()),
        McapOpcode.Chunk => new McapChunk(
            cursor.ReadUInt64("message_start_time"), cursor.ReadUInt64("message_end_time"), cursor.ReadUInt64("uncompressed_size"),
            cursor.ReadUInt32("uncompressed_crc"), cursor.ReadString("compression"), cursor.Take(cursor.ReadLongLength("records"), "records").ToArray()),
        McapOpcode.MessageIndex => new McapMessageIndex(cursor.ReadUInt16("channel_id"), ReadEntries(ref cursor)),
        McapOpcode.ChunkIndex => new McapChunkIndex(
            cursor.ReadUInt64("message_start_time"), cursor.ReadUInt64("message_end_time"), cursor.ReadUInt64("chunk_start_offset"), cursor.ReadUInt64("chunk_length"),
            ReadNumbers(ref cursor, "message_index_offsets"), cursor.ReadUInt64("message_index_length"), cursor.ReadString("compression"),
            cursor.ReadUInt64("compressed_size"), cursor.ReadUInt64("uncompressed_size")),
        McapOpcode.Attachment => new McapAttachment(
            cursor.ReadUInt64("log_time"), cursor.ReadUInt64("create_time"), cursor.ReadString("name"), cursor.ReadString("media_type"),
            cursor.Take(cursor.ReadLongLength("data"), "data").ToArray(), cursor.ReadUInt32("crc")),
        McapOpcode.AttachmentIndex => new McapAttachmentIndex(
            cursor.ReadUInt64("offset"), cursor.ReadUInt64("length"), cursor.ReadUInt64("log_time"), cursor.ReadUInt64("create_time"),
            cursor.ReadUInt64("data_size"), cursor.ReadString("name"), cursor.ReadString("media_type")),
        McapOpcode.Statistics => new McapStatistics(
            cursor.ReadUInt64("message_count"), cursor.ReadUInt16("schema_count"), cursor.ReadUInt32("channel_count"), cursor.ReadUInt32("attachment_count"),
            cursor.ReadUInt32("metadata_count"), cursor.ReadUInt32("chunk_count"), cursor.ReadUInt64("message_start_time"), cursor.ReadUInt64("message_end_time"),
            ReadNumbers(ref cursor, "channel_message_counts")),
        McapOpcode.Metadata => new McapMetadata(cursor.ReadString("name"), ReadTexts(ref cursor)),
        McapOpcode.MetadataIndex => new McapMetadataIndex(cursor.ReadUInt64("offset"), cursor.ReadUInt64("length"), cursor.ReadString("name")),
        McapOpcode.SummaryOffset => new McapSummaryOffset((McapOpcode)cursor.ReadByte("group_opcode"), cursor.ReadUInt64("group_start"), cursor.ReadUInt64("group_length")),
        McapOpcode.DataEnd => new McapDataEnd(cursor.ReadUInt32("data_section_crc")),
        _ => new McapUnknown(opcode),
    };

    /// <summary>Appends the whole record, opcode and length included.</summary>
    public static void Encode(ByteBuffer buffer, McapRecord record)
    {
        buffer.WriteByte((byte)OpcodeOf(record));
        var length = buffer.Length;
        buffer.WriteUInt64(0);
        EncodeFields(buffer, record);
        buffer.WriteBytes(record.Trailing.Span);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(buffer.Patch(length, 8), (ulong)(buffer.Length - length - 8));
    }

    public static McapOpcode OpcodeOf(McapRecord record) => record switch
    {
        McapHeader => McapOpcode.Header,
        McapFooter => McapOpcode.Footer,
        McapSchema => McapOpcode.Schema,
        McapChannel => McapOpcode.Channel,
        McapMessage => McapOpcode.Message,
        McapChunk => McapOpcode.Chunk,
        McapMessageIndex => McapOpcode.MessageIndex,
        McapChunkIndex => McapOpcode.ChunkIndex,
        McapAttachment => McapOpcode.Attachment,
        McapAttachmentIndex => McapOpcode.AttachmentIndex,
        McapStatistics => McapOpcode.Statistics,
        McapMetadata => McapOpcode.Metadata,
        McapMetadataIndex => McapOpcode.MetadataIndex,
        McapSummaryOffset => McapOpcode.SummaryOffset,
        McapDataEnd => McapOpcode.DataEnd,
        McapUnknown unknown => unknown.Opcode,
        _ => throw new ArgumentOutOfRangeException(nameof(record), record.GetType().Name, "not a record of this format"),
    };

    private static void EncodeFields(ByteBuffer buffer, McapRecord record)
    {
        switch (record)
        {
            case McapHeader header:
                buffer.WriteString(header.Profile);
                buffer.WriteString(header.Library);
                break;
            case McapFooter footer:
                buffer.WriteUInt64(footer.SummaryStart);
                buffer.WriteUInt64(footer.SummaryOffsetStart);
                buffer.WriteUInt32(footer.SummaryCrc);
                break;
            case McapSchema schema:
                buffer.WriteUInt16(schema.Id);
                buffer.WriteString(schema.Name);
                buffer.WriteString(schema.Encoding);
                buffer.WriteUInt32((uint)schema.Data.Length);
                buffer.WriteBytes(schema.Data.Span);
                break;
            case McapChannel channel:
                buffer.WriteUInt16(channel.Id);
                buffer.WriteUInt16(channel.SchemaId);
                buffer.WriteString(channel.Topic);
                buffer.WriteString(channel.MessageEncoding);
                WriteTexts(buffer, channel.Metadata);
                break;
            case McapMessage message:
                buffer.WriteUInt16(message.ChannelId);
                buffer.WriteUInt32(message.Sequence);
                buffer.WriteUInt64(message.LogTimeNs);
                buffer.WriteUInt64(message.PublishTimeNs);
                buffer.WriteBytes(message.Data.Span);
                break;
            case McapChunk chunk:
                buffer.WriteUInt64(chunk.StartTimeNs);
                buffer.WriteUInt64(chunk.EndTimeNs);
                buffer.WriteUInt64(chunk.UncompressedSizeBytes);
                buffer.WriteUInt32(chunk.UncompressedCrc);
                buffer.WriteString(chunk.Compression);
                buffer.WriteUInt64((ulong)chunk.Records.Length);
                buffer.WriteBytes(chunk.Records.Span);
                break;
            case McapMessageIndex index:
                buffer.WriteUInt16(index.ChannelId);
                buffer.WriteUInt32((uint)index.Entries.Count * 16);
                foreach (var entry in index.Entries)
                {
                    buffer.WriteUInt64(entry.LogTimeNs);
                    buffer.WriteUInt64(entry.Offset);
                }
                break;
            case McapChunkIndex index:
                buffer.WriteUInt64(index.StartTimeNs);
                buffer.WriteUInt64(index.EndTimeNs);
                buffer.WriteUInt64(index.ChunkOffset);
                buffer.WriteUInt64(index.ChunkLengthBytes);
                WriteNumbers(buffer, index.MessageIndexOffsets);
                buffer.WriteUInt64(index.MessageIndexLengthBytes);
                buffer.WriteString(index.Compression);
                buffer.WriteUInt64(index.CompressedSizeBytes);
                buffer.WriteUInt64(index.UncompressedSizeBytes);
                break;
            case McapAttachment attachment:
                WriteAttachmentFields(buffer, attachment.LogTimeNs, attachment.CreateTimeNs, attachment.Name, attachment.MediaType, attachment.Data.Span);
                buffer.WriteUInt32(attachment.Crc);
                break;
            case McapAttachmentIndex index:
                buffer.WriteUInt64(index.Offset);
                buffer.WriteUInt64(index.LengthBytes);
                buffer.WriteUInt64(index.LogTimeNs);
                buffer.WriteUInt64(index.CreateTimeNs);
                buffer.WriteUInt64(index.DataSizeBytes);
                buffer.WriteString(index.Name);
                buffer.WriteString(index.MediaType);
                break;
            case McapStatistics statistics:
                buffer.WriteUInt64(statistics.MessageCount);
                buffer.WriteUInt16(statistics.SchemaCount);
                buffer.WriteUInt32(statistics.ChannelCount);
                buffer.WriteUInt32(statistics.AttachmentCount);
                buffer.WriteUInt32(statistics.MetadataCount);
                buffer.WriteUInt32(statistics.ChunkCount);
                buffer.WriteUInt64(statistics.StartTimeNs);
                buffer.WriteUInt64(statistics.EndTimeNs);
                WriteNumbers(buffer, statistics.ChannelMessageCounts);
                break;
            case McapMetadata metadata:
                buffer.WriteString(metadata.Name);
                WriteTexts(buffer, metadata.Metadata);
                break;
            case McapMetadataIndex index:
                buffer.WriteUInt64(index.Offset);
                buffer.WriteUInt64(index.LengthBytes);
                buffer.WriteString(index.Name);
                break;
            case McapSummaryOffset offset:
                buffer.WriteByte((byte)offset.GroupOpcode);
                buffer.WriteUInt64(offset.GroupStart);
                buffer.WriteUInt64(offset.GroupLengthBytes);
                break;
            case McapDataEnd end:
                buffer.WriteUInt32(end.DataSectionCrc);
                break;
        }
    }

    /// <summary>An attachment's fields up to its CRC, which covers them.</summary>
    public static void WriteAttachmentFields(ByteBuffer buffer, ulong logTimeNs, ulong createTimeNs, string name, string mediaType, ReadOnlySpan<byte> data)
    {
        buffer.WriteUInt64(logTimeNs);
        buffer.WriteUInt64(createTimeNs);
        buffer.WriteString(name);
        buffer.WriteString(mediaType);
        buffer.WriteUInt64((ulong)data.Length);
        buffer.WriteBytes(data);
    }

    private static byte[] ReadBlob(ref ByteCursor cursor, string what) => cursor.Take(cursor.ReadLength(what), what).ToArray();

    private static List<KeyValuePair<string, string>> ReadTexts(ref ByteCursor cursor)
    {
        var length = cursor.ReadLength("metadata");
        var entries = new ByteCursor(cursor.Take(length, "metadata"), cursor.Offset - length);
        var map = new List<KeyValuePair<string, string>>();
        while (entries.Remaining > 0) map.Add(new(entries.ReadString("key"), entries.ReadString("value")));
        return map;
    }

    private static List<KeyValuePair<ushort, ulong>> ReadNumbers(ref ByteCursor cursor, string what)
    {
        var length = cursor.ReadLength(what);
        var entries = new ByteCursor(cursor.Take(length, what), cursor.Offset - length);
        var map = new List<KeyValuePair<ushort, ulong>>(length / 10);
        while (entries.Remaining > 0) map.Add(new(entries.ReadUInt16(what), entries.ReadUInt64(what)));
        return map;
    }

    private static List<McapMessageIndexEntry> ReadEntries(ref ByteCursor cursor)
    {
        var length = cursor.ReadLength("message index");
        var entries = new ByteCursor(cursor.Take(length, "message index"), cursor.Offset - length);
        var list = new List<McapMessageIndexEntry>(length / 16);
        while (entries.Remaining > 0) list.Add(new(entries.ReadUInt64("log_time"), entries.ReadUInt64("offset")));
        return list;
    }

    private static void WriteTexts(ByteBuffer buffer, IReadOnlyList<KeyValuePair<string, string>> map)
    {
        var start = buffer.Length;
        buffer.WriteUInt32(0);
        foreach (var (key, value) in map)
        {
            buffer.WriteString(key);
            buffer.WriteString(value);
        }
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(buffer.Patch(start, 4), (uint)(buffer.Length - start - 4));
    }

    private static void WriteNumbers(ByteBuffer buffer, IReadOnlyList<KeyValuePair<ushort, ulong>> map)
    {
        buffer.WriteUInt32((uint)map.Count * 10);
        foreach (var (key, value) in map)
        {
            buffer.WriteUInt16(key);
            buffer.WriteUInt64(value);
        }
    }
}
