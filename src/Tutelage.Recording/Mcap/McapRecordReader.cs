namespace Tutelage.Recording.Mcap;

/// <summary>Reads a file record by record, as it stands: chunks stay closed. For tools; programs that want messages take <see cref="McapReader"/>.</summary>
public sealed class McapRecordReader(Stream input, McapReaderOptions? options = null)
{
    private readonly McapScanner _scanner = new(input, options ?? new());

    /// <summary>Of the record last read, in bytes from the beginning.</summary>
    public long Offset => _scanner.Offset;

    /// <summary>The file broke off and <see cref="McapReaderOptions.AllowTruncated"/> let that pass.</summary>
    public bool Truncated => _scanner.Truncated;

    /// <summary>The next record, null at the end.</summary>
    /// <exception cref="RecordingFormatException">Not MCAP, cut off, damaged or over a limit.</exception>
    public McapRecord? Read() => _scanner.TryNext(out var opcode) ? McapRecordCodec.Decode(opcode, _scanner.Body, _scanner.BodyOffset) : null;

    /// <summary>The records inside a chunk.</summary>
    /// <exception cref="RecordingFormatException">Damaged, or over a limit; offsets count within the chunk.</exception>
    /// <exception cref="McapCompressionUnavailableException">The library for its compression is missing.</exception>
    public static IReadOnlyList<McapRecord> Open(McapChunk chunk, McapReaderOptions? options = null)
    {
        var records = new List<McapRecord>();
        using var decompressor = new ChunkDecompressor();
        var chunkRecords = McapChunkRecords.Open(chunk, decompressor, options ?? new());
        while (chunkRecords.TryNext(out var opcode)) records.Add(McapRecordCodec.Decode(opcode, chunkRecords.Body, chunkRecords.BodyOffset));
        return records;
    }
}
