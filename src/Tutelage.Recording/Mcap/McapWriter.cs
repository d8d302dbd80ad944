using System.Buffers.Binary;

namespace Tutelage.Recording.Mcap;

/// <summary>Writes an MCAP file front to back; it never seeks, so any stream will do.</summary>
/// <remarks>
/// Not thread-safe. The output stays the caller's and is never flushed or disposed here. What was written is in the output after
/// <see cref="FlushChunk"/>, and readable from there should nothing follow; <see cref="Complete"/> adds summary and footer.
/// </remarks>
public sealed class McapWriter : IDisposable
{
    /// <summary>Unchunked records wait until this many bytes are together.</summary>
    private const int PendingBytes = 64 << 10;

    private readonly Stream _output;
    private readonly McapWriterOptions _options;
    private readonly ChunkCompressor _compressor;
    private readonly ByteBuffer _pending = new();
    private readonly ByteBuffer _chunk;
    private readonly List<McapSchema> _schemas = [];
    private readonly List<McapChannel> _channels = [];
    private readonly List<ChannelIndex> _channelIndexes = [];
    private readonly List<McapRecord> _chunkIndexes = [];
    private readonly List<McapRecord> _attachmentIndexes = [];
    private readonly List<McapRecord> _metadataIndexes = [];
    private long _position;
    private uint _crc;
    private ulong _messages;
    private ulong _firstTimeNs = ulong.MaxValue;
    private ulong _lastTimeNs;
    private ulong _chunkFirstTimeNs = ulong.MaxValue;
    private ulong _chunkLastTimeNs;
    private bool _completed;

    public McapWriter(Stream output, McapWriterOptions options)
    {
        if (options.ChunkSizeBytes is < 1 or > 1 << 30)
            throw new ArgumentOutOfRangeException(nameof(options), options.ChunkSizeBytes, "ChunkSizeBytes is from 1 to 2^30");
        (_output, _options) = (output, options);
        _compressor = new(options.Compression, options.CompressionLevel);
        _chunk = new(options.Chunked ? Math.Min(options.ChunkSizeBytes, 1 << 20) + 4096 : 0);
        _pending.WriteBytes(McapFormat.Magic);
        McapRecordCodec.Encode(_pending, new McapHeader(options.Profile, options.Library));
    }

    /// <summary>Bytes written to the output so far; what still waits is not among them.</summary>
    public long PositionBytes => _position;

    /// <returns>The schema's id, from 1.</returns>
    public ushort AddSchema(string name, string encoding, ReadOnlySpan<byte> data)
    {
        RequireOpen();
        var schema = new McapSchema(checked((ushort)(_schemas.Count + 1)), name, encoding, data.ToArray());
        _schemas.Add(schema);
        Define(schema);
        return schema.Id;
    }

    /// <param name="schemaId">0 for none.</param>
    /// <returns>The channel's id, from 1.</returns>
    public ushort AddChannel(string topic, string messageEncoding, ushort schemaId = 0, IReadOnlyList<KeyValuePair<string, string>>? metadata = null)
    {
        RequireOpen();
        if (schemaId > _schemas.Count) throw new ArgumentOutOfRangeException(nameof(schemaId), schemaId, "no such schema was added");
        var channel = new McapChannel(checked((ushort)(_channels.Count + 1)), schemaId, topic, messageEncoding, metadata ?? []);
        _channels.Add(channel);
        _channelIndexes.Add(new());
        Define(channel);
        return channel.Id;
    }

    /// <summary>A message that was published when it was logged, numbered within its channel.</summary>
    public void WriteMessage(ushort channelId, ulong logTimeNs, ReadOnlySpan<byte> data) =>
        WriteMessage(channelId, (uint)Index(channelId).Messages, logTimeNs, logTimeNs, data);

    public void WriteMessage(ushort channelId, uint sequence, ulong logTimeNs, ulong publishTimeNs, ReadOnlySpan<byte> data)
    {
        RequireOpen();
        var index = Index(channelId);
        var target = _options.Chunked ? _chunk : _pending;
        var offset = (ulong)target.Length;

        var record = target.Append(McapFormat.RecordPrefixBytes + McapFormat.MessagePrefixBytes + data.Length);
        record[0] = (byte)McapOpcode.Message;
        BinaryPrimitives.WriteUInt64LittleEndian(record[1..], (ulong)(McapFormat.MessagePrefixBytes + data.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(record[9..], channelId);
        BinaryPrimitives.WriteUInt32LittleEndian(record[11..], sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(record[15..], logTimeNs);
        BinaryPrimitives.WriteUInt64LittleEndian(record[23..], publishTimeNs);
        data.CopyTo(record[31..]);

        index.Messages++;
        _messages++;
        _firstTimeNs = Math.Min(_firstTimeNs, logTimeNs);
        _lastTimeNs = Math.Max(_lastTimeNs, logTimeNs);
        if (_options.Chunked)
        {
            _chunkFirstTimeNs = Math.Min(_chunkFirstTimeNs, logTimeNs);
            _chunkLastTimeNs = Math.Max(_chunkLastTimeNs, logTimeNs);
            if (_options.MessageIndexes) index.Entries.Add(new(logTimeNs, offset));
            if (_chunk.Length >= _options.ChunkSizeBytes) CloseChunk();
        }
        else if (_pending.Length >= PendingBytes)
        {
            Drain();
        }
    }

    public void WriteMetadata(string name, IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        RequireOpen();
        CloseChunk();
        var start = _pending.Length;
        McapRecordCodec.Encode(_pending, new McapMetadata(name, metadata));
        _metadataIndexes.Add(new McapMetadataIndex((ulong)(_position + start), (ulong)(_pending.Length - start), name));
        Drain();
    }

    public void WriteAttachment(ulong logTimeNs, ulong createTimeNs, string name, string mediaType, ReadOnlySpan<byte> data)
    {
        RequireOpen();
        CloseChunk();
        var start = _pending.Length;
        _pending.WriteByte((byte)McapOpcode.Attachment);
        _pending.WriteUInt64(0);
        McapRecordCodec.WriteAttachmentFields(_pending, logTimeNs, createTimeNs, name, mediaType, data);
        var fields = start + McapFormat.RecordPrefixBytes;
        _pending.WriteUInt32(_options.Checksums ? Crc32.Of(_pending.Written[fields..]) : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(_pending.Patch(start + 1, 8), (ulong)(_pending.Length - fields));
        _attachmentIndexes.Add(new McapAttachmentIndex(
            (ulong)(_position + start), (ulong)(_pending.Length - start), logTimeNs, createTimeNs, (ulong)data.Length, name, mediaType));
        Drain();
    }

    /// <summary>Closes the open chunk: everything written so far is in the output.</summary>
    public void FlushChunk()
    {
        RequireOpen();
        CloseChunk();
        Drain();
    }

    /// <summary>Writes data end, summary and footer. Nothing can be written afterwards.</summary>
    public void Complete()
    {
        RequireOpen();
        CloseChunk();
        Drain();
        McapRecordCodec.Encode(_pending, new McapDataEnd(_options.Checksums ? _crc : 0));
        Drain();
        WriteSummary();
        _completed = true;
        Dispose();
    }

    public void Dispose() => _compressor.Dispose();

    private void WriteSummary()
    {
        _crc = 0;
        var start = _position;
        var offsets = new List<McapRecord>();
        Group(_options.RepeatSchemas ? _schemas : []);
        Group(_options.RepeatChannels ? _channels : []);
        Group(_options.Statistics ? [Count()] : []);
        Group(_options.Indexes ? _chunkIndexes : []);
        Group(_options.Indexes ? _attachmentIndexes : []);
        Group(_options.Indexes ? _metadataIndexes : []);
        var summaryBytes = _pending.Length;
        if (_options.SummaryOffsets) foreach (var offset in offsets) McapRecordCodec.Encode(_pending, offset);

        var footer = new McapFooter(
            summaryBytes == 0 ? 0 : (ulong)start, summaryBytes == 0 || !_options.SummaryOffsets ? 0 : (ulong)(start + summaryBytes), 0);
        var footerStart = _pending.Length;
        McapRecordCodec.Encode(_pending, footer);
        if (_options.Checksums)
        {
            var covered = footerStart + McapFormat.RecordPrefixBytes + 16;
            BinaryPrimitives.WriteUInt32LittleEndian(_pending.Patch(covered, 4), Crc32.Of(_pending.Written[..covered]));
        }
        _pending.WriteBytes(McapFormat.Magic);
        Drain();

        void Group(IEnumerable<McapRecord> records)
        {
            var before = _pending.Length;
            var opcode = McapOpcode.None;
            foreach (var record in records)
            {
                opcode = McapRecordCodec.OpcodeOf(record);
                McapRecordCodec.Encode(_pending, record);
            }
            if (opcode != McapOpcode.None) offsets.Add(new McapSummaryOffset(opcode, (ulong)(start + before), (ulong)(_pending.Length - before)));
        }
    }

    private McapStatistics Count() => new(
        _messages, (ushort)_schemas.Count, (uint)_channels.Count, (uint)_attachmentIndexes.Count, (uint)_metadataIndexes.Count, (uint)_chunkIndexes.Count,
        _messages == 0 ? 0 : _firstTimeNs, _lastTimeNs,
        [.. _channels.Where(channel => Index(channel.Id).Messages > 0).Select(channel => KeyValuePair.Create(channel.Id, Index(channel.Id).Messages))]);

    private void Define(McapRecord record)
    {
        McapRecordCodec.Encode(_options.Chunked ? _chunk : _pending, record);
        if (!_options.Chunked && _pending.Length >= PendingBytes) Drain();
    }

    private void CloseChunk()
    {
        if (_chunk.Length == 0) return;
        var stored = _compressor.Compress(_chunk.Written);
        var name = _compressor.Compression.Name();
        var (first, last) = (_chunkFirstTimeNs == ulong.MaxValue ? 0 : _chunkFirstTimeNs, _chunkLastTimeNs);
        Drain();

        var chunkStart = _position;
        _pending.WriteByte((byte)McapOpcode.Chunk);
        _pending.WriteUInt64((ulong)(40 + name.Length + stored.Length));
        _pending.WriteUInt64(first);
        _pending.WriteUInt64(last);
        _pending.WriteUInt64((ulong)_chunk.Length);
        _pending.WriteUInt32(_options.Checksums ? Crc32.Of(_chunk.Written) : 0);
        _pending.WriteString(name);
        _pending.WriteUInt64((ulong)stored.Length);
        Drain();
        Emit(stored);
        var chunkBytes = _position - chunkStart;

        var indexes = new List<KeyValuePair<ushort, ulong>>();
        for (var id = 0; id < _channelIndexes.Count; id++)
        {
            var entries = _channelIndexes[id].Entries;
            if (entries.Count == 0) continue;
            indexes.Add(new((ushort)(id + 1), (ulong)(_position + _pending.Length)));
            McapRecordCodec.Encode(_pending, new McapMessageIndex((ushort)(id + 1), entries));
            entries.Clear();
        }
        _chunkIndexes.Add(new McapChunkIndex(
            first, last, (ulong)chunkStart, (ulong)chunkBytes, indexes, (ulong)_pending.Length, name, (ulong)stored.Length, (ulong)_chunk.Length));
        Drain();
        _chunk.Clear();
        (_chunkFirstTimeNs, _chunkLastTimeNs) = (ulong.MaxValue, 0);
    }

    private ChannelIndex Index(ushort channelId) => channelId - 1 is var index && (uint)index < (uint)_channelIndexes.Count
        ? _channelIndexes[index]
        : throw new ArgumentOutOfRangeException(nameof(channelId), channelId, "no such channel was added");

    private void Drain()
    {
        if (_pending.Length == 0) return;
        Emit(_pending.Written);
        _pending.Clear();
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        if (_options.Checksums) _crc = Crc32.Append(_crc, bytes);
        _output.Write(bytes);
        _position += bytes.Length;
    }

    private void RequireOpen()
    {
        if (_completed) throw new InvalidOperationException("the file is complete; nothing can be added to it");
    }

    private sealed class ChannelIndex
    {
        public ulong Messages;
        public readonly List<McapMessageIndexEntry> Entries = [];
    }
}
