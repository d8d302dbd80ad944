namespace Tutelage.Recording.Mcap;

/// <summary>Opens the chunks of one file; owned by its reader. Its one buffer grows to the largest chunk.</summary>
internal sealed class ChunkDecompressor : IDisposable
{
    private Zstd.DecompressContext? _zstd;
    private byte[] _target = [];

    /// <param name="sizeBytes">As the chunk states it, already checked against the reader's limit.</param>
    /// <returns>The reader's buffer; the first <paramref name="sizeBytes"/> bytes are the records, until the next call.</returns>
    /// <exception cref="McapCompressionUnavailableException">The library is missing.</exception>
    /// <exception cref="RecordingFormatException">The bytes are damaged, or hold more or less than the chunk states.</exception>
    public byte[] Decompress(McapCompression compression, ReadOnlySpan<byte> source, int sizeBytes, long offset)
    {
        if (!compression.IsAvailable()) throw new McapCompressionUnavailableException(compression);
        if (_target.Length < sizeBytes) _target = new byte[Math.Max(sizeBytes, Math.Min(_target.Length * 2, 1 << 24))];
        var target = _target.AsSpan(0, sizeBytes);
        var size = compression == McapCompression.Lz4 ? Lz4.Decompress(source, target) : Zstd.Decompress(_zstd ??= new(), source, target);
        return size == sizeBytes ? _target : throw new RecordingFormatException($"a {compression} chunk does not decompress to the {sizeBytes} bytes it states", offset);
    }

    public void Dispose() => _zstd?.Dispose();
}
