namespace Tutelage.Recording.Mcap;

/// <summary>Compresses the chunks of one file; owned by its writer.</summary>
/// <param name="wanted">Falls back to none where its library is missing.</param>
internal sealed class ChunkCompressor(McapCompression wanted, int level) : IDisposable
{
    private readonly Zstd.CompressContext? _zstd = wanted == McapCompression.Zstd && Zstd.IsAvailable ? new() : null;
    private byte[] _target = [];

    public McapCompression Compression { get; } = wanted.IsAvailable() ? wanted : McapCompression.None;

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> records)
    {
        if (Compression == McapCompression.None) return records;
        var bound = _zstd is not null ? Zstd.CompressBound(records.Length) : Lz4.CompressBound(records.Length);
        if (_target.Length < bound) _target = new byte[bound];
        var size = _zstd is not null ? Zstd.Compress(_zstd, records, _target, level) : Lz4.Compress(records, _target);
        return size >= 0 ? _target.AsSpan(0, size) : throw new InvalidOperationException($"{Compression} did not compress {records.Length} bytes into its own bound of {bound}");
    }

    public void Dispose() => _zstd?.Dispose();
}
