using System.Buffers.Binary;

namespace Tutelage.Recording.Mcap;

/// <summary>Reads the messages of a file in the order they stand, forward only, with chunks opened and checked.</summary>
/// <remarks>Memory is bounded by <see cref="McapReaderOptions"/>. Not thread-safe. The stream stays the caller's.</remarks>
public sealed class McapReader(Stream input, McapReaderOptions? options = null) : IDisposable
{
    private readonly McapReaderOptions _options = options ?? new();
    private readonly McapScanner _scanner = new(input, options ?? new());
    private readonly ChunkDecompressor _decompressor = new();
    private readonly Dictionary<ushort, McapSchema> _schemas = [];
    private readonly Dictionary<ushort, McapChannel> _channels = [];
    private readonly List<McapMetadata> _metadata = [];
    private McapChunkRecords _chunk;
    private bool _inChunk;
    private bool _inSummary;
    private long _definitionBytes;
    private McapChannel? _lastChannel;

    /// <summary>Null until the first read.</summary>
    public McapHeader? Header { get; private set; }

    /// <summary>Those met so far, by id.</summary>
    public IReadOnlyDictionary<ushort, McapSchema> Schemas => _schemas;

    /// <summary>Those met so far, by id.</summary>
    public IReadOnlyDictionary<ushort, McapChannel> Channels => _channels;

    /// <summary>Those met so far.</summary>
    public IReadOnlyList<McapMetadata> Metadata => _metadata;

    /// <summary>The file broke off and <see cref="McapReaderOptions.AllowTruncated"/> let that pass.</summary>
    public bool Truncated => _scanner.Truncated;

    /// <summary>Place of the record, or of the chunk, that was read last.</summary>
    public long Offset => _scanner.Offset;

    /// <summary>Reads on to the next message. False at the end.</summary>
    /// <param name="message">Lies in the reader's buffer, valid until the next read.</param>
    /// <exception cref="RecordingFormatException">Not MCAP, cut off, damaged or over a limit.</exception>
    /// <exception cref="McapCompressionUnavailableException">The library for a chunk's compression is missing.</exception>
    public bool TryReadMessage(out McapMessageView message)
    {
        while (true)
        {
            while (_inChunk)
            {
                if (!_chunk.TryNext(out var inner))
                {
                    _inChunk = false;
                    break;
                }
                if (inner == McapOpcode.Message)
                {
                    message = View(_chunk.Body, _chunk.BodyOffset);
                    return true;
                }
                Define(inner, _chunk.Body, _chunk.BodyOffset);
            }

            if (!_scanner.TryNext(out var opcode))
            {
                message = default;
                return false;
            }
            if (Header is null && opcode != McapOpcode.Header) throw new RecordingFormatException("the first record is not a header", _scanner.Offset);
            switch (opcode)
            {
                case McapOpcode.Header when Header is null:
                    Header = (McapHeader)McapRecordCodec.Decode(opcode, _scanner.Body, _scanner.BodyOffset);
                    break;
                case McapOpcode.Header:
                    throw new RecordingFormatException("a second header", _scanner.Offset);
                case McapOpcode.DataEnd:
                    _inSummary = true;
                    break;
                case McapOpcode.Message or McapOpcode.Chunk when _inSummary:
                    throw new RecordingFormatException("a message behind the end of the data", _scanner.Offset);
                case McapOpcode.Message:
                    message = View(_scanner.Body, _scanner.BodyOffset);
                    return true;
                case McapOpcode.Chunk:
                    _chunk = McapChunkRecords.Open(_scanner.Buffer, _scanner.BodyStart, _scanner.BodyLength, _scanner.BodyOffset, _decompressor, _options);
                    _inChunk = true;
                    break;
                case McapOpcode.Metadata:
                    Charge(_scanner.BodyLength);
                    _metadata.Add((McapMetadata)McapRecordCodec.Decode(opcode, _scanner.Body, _scanner.BodyOffset));
                    break;
                default:
                    if (!_inSummary) Define(opcode, _scanner.Body, _scanner.BodyOffset);
                    break;
            }
        }
    }

    public void Dispose() => _decompressor.Dispose();

    private McapMessageView View(ReadOnlySpan<byte> body, long offset)
    {
        if (body.Length < McapFormat.MessagePrefixBytes) throw new RecordingFormatException($"a message of {body.Length} bytes, at least {McapFormat.MessagePrefixBytes} are needed", offset);
        var id = BinaryPrimitives.ReadUInt16LittleEndian(body);
        if (_lastChannel is null || _lastChannel.Id != id)
            _lastChannel = _channels.GetValueOrDefault(id) ?? throw new RecordingFormatException($"a message of channel {id}, which was not defined before", offset);
        return new(
            _lastChannel,
            BinaryPrimitives.ReadUInt32LittleEndian(body[2..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[6..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[14..]),
            body[McapFormat.MessagePrefixBytes..],
            offset + McapFormat.MessagePrefixBytes);
    }

    private void Define(McapOpcode opcode, ReadOnlySpan<byte> body, long offset)
    {
        if (opcode is not (McapOpcode.Schema or McapOpcode.Channel)) return;
        var record = McapRecordCodec.Decode(opcode, body, offset);
        if (record is McapSchema schema)
        {
            if (schema.Id == 0) throw new RecordingFormatException("a schema with id 0", offset);
            if (_schemas.TryGetValue(schema.Id, out var known))
            {
                if (known.Name == schema.Name && known.Encoding == schema.Encoding && known.Data.Span.SequenceEqual(schema.Data.Span)) return;
                throw new RecordingFormatException($"schema {schema.Id} is defined twice in different ways", offset);
            }
            Charge(body.Length);
            _schemas.Add(schema.Id, schema);
        }
        if (record is McapChannel channel)
        {
            if (_channels.TryGetValue(channel.Id, out var known))
            {
                if (known.SchemaId == channel.SchemaId && known.Topic == channel.Topic && known.MessageEncoding == channel.MessageEncoding && known.Metadata.SequenceEqual(channel.Metadata)) return;
                throw new RecordingFormatException($"channel {channel.Id} is defined twice in different ways", offset);
            }
            if (channel.SchemaId != 0 && !_schemas.ContainsKey(channel.SchemaId))
                throw new RecordingFormatException($"channel {channel.Id} names schema {channel.SchemaId}, which was not defined before", offset);
            Charge(body.Length);
            _channels.Add(channel.Id, channel);
        }
    }

    private void Charge(int bytes)
    {
        _definitionBytes += bytes;
        if (_definitionBytes > _options.MaxDefinitionBytes)
            throw new RecordingFormatException($"schemas, channels and metadata take more than the {_options.MaxDefinitionBytes} bytes that are accepted", _scanner.Offset);
    }
}
