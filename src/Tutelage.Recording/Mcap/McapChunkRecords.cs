using System.Buffers.Binary;

namespace Tutelage.Recording.Mcap;

/// <summary>Walks the records inside one opened chunk.</summary>
internal struct McapChunkRecords
{
    private readonly byte[] _records;
    private readonly int _begin;
    private readonly int _end;
    private readonly long _offset;
    private int _next;
    private int _bodyStart;

    private McapChunkRecords(byte[] records, int start, int length, long offset) =>
        (_records, _begin, _next, _end, _offset) = (records, start, start, start + length, offset);

    public readonly ReadOnlySpan<byte> Body => _records.AsSpan(_bodyStart, _next - _bodyStart);

    /// <summary>Of a record in an uncompressed chunk its place in the file; else the chunk's own place.</summary>
    public readonly long BodyOffset => _offset + (_bodyStart - _begin);

    /// <param name="buffer">Holds the chunk record's body from <paramref name="start"/>; it must stay until the chunk is read.</param>
    public static McapChunkRecords Open(byte[] buffer, int start, int length, long offset, ChunkDecompressor decompressor, McapReaderOptions options)
    {
        var cursor = new ByteCursor(buffer.AsSpan(start, length), offset);
        cursor.Take(16, "chunk times");
        var size = cursor.ReadUInt64("uncompressed_size");
        var crc = cursor.ReadUInt32("uncompressed_crc");
        var name = cursor.Take(cursor.ReadLength("compression"), "compression");
        var compression = McapCompressionNames.Find(name)
            ?? throw cursor.Fault($"a chunk's compression is a name of {name.Length} bytes that is not known; '', lz4 and zstd are");
        var stored = cursor.Take(cursor.ReadLongLength("records"), "records");
        if (size > (ulong)options.MaxChunkBytes) throw cursor.Fault($"a chunk of {size} bytes, at most {options.MaxChunkBytes} are accepted");
        if (compression == McapCompression.None && size != (ulong)stored.Length) throw cursor.Fault($"a chunk states {size} bytes and holds {stored.Length}");

        var storedOffset = cursor.Offset - stored.Length;
        var records = compression == McapCompression.None
            ? new McapChunkRecords(buffer, start + (int)(storedOffset - offset), stored.Length, storedOffset)
            : new(decompressor.Decompress(compression, stored, (int)size, offset), 0, (int)size, storedOffset);
        if (options.VerifyChecksums && crc != 0 && Crc32.Of(records.All) is var found && found != crc)
            throw new RecordingFormatException($"a chunk's checksum is {found:x8}, it states {crc:x8}", offset);
        return records;
    }

    public static McapChunkRecords Open(McapChunk chunk, ChunkDecompressor decompressor, McapReaderOptions options)
    {
        var buffer = new ByteBuffer();
        McapRecordCodec.Encode(buffer, chunk);
        var body = buffer.Written[McapFormat.RecordPrefixBytes..].ToArray();
        return Open(body, 0, body.Length, 0, decompressor, options);
    }

    private readonly ReadOnlySpan<byte> All => _records.AsSpan(_begin, _end - _begin);

    public bool TryNext(out McapOpcode opcode)
    {
        opcode = McapOpcode.None;
        if (_next == _end) return false;
        var at = _offset + (_next - _begin);
        if (_end - _next < McapFormat.RecordPrefixBytes) throw new RecordingFormatException("a chunk ends in the middle of a record", at);
        opcode = (McapOpcode)_records[_next];
        var length = BinaryPrimitives.ReadUInt64LittleEndian(_records.AsSpan(_next + 1));
        _bodyStart = _next + McapFormat.RecordPrefixBytes;
        if (length > (ulong)(_end - _bodyStart)) throw new RecordingFormatException($"a record of {length} bytes reaches past the end of its chunk", at);
        if (opcode is McapOpcode.Schema or McapOpcode.Channel or McapOpcode.Message || opcode > McapOpcode.DataEnd)
        {
            _next = _bodyStart + (int)length;
            return true;
        }
        throw new RecordingFormatException($"a record of opcode {(byte)opcode} inside a chunk: only schemas, channels and messages stand there", at);
    }
}
