namespace Tutelage.Recording.Mcap;

/// <summary>How the records of a chunk are compressed.</summary>
public enum McapCompression
{
    None,

    /// <summary>LZ4 frame format, by liblz4.so.1.</summary>
    Lz4,

    /// <summary>Zstandard, by libzstd.so.1.</summary>
    Zstd,
}

/// <summary>A chunk cannot be opened because the library for its compression is not on this machine.</summary>
public sealed class McapCompressionUnavailableException(McapCompression compression)
    : NotSupportedException($"the file has {compression} chunks, and the library for them is missing: install {(compression == McapCompression.Lz4 ? "liblz4-1" : "libzstd1")}")
{
    public McapCompression Compression { get; } = compression;
}

internal static class McapCompressionNames
{
    public static bool IsAvailable(this McapCompression compression) => compression switch
    {
        McapCompression.None => true,
        McapCompression.Lz4 => Lz4.IsAvailable,
        McapCompression.Zstd => Zstd.IsAvailable,
    };

    /// <summary>As a chunk names it.</summary>
    public static string Name(this McapCompression compression) => compression switch
    {
        McapCompression.None => "",
        McapCompression.Lz4 => "lz4",
        McapCompression.Zstd => "zstd",
    };

    public static McapCompression? Find(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? McapCompression.None : name.SequenceEqual("lz4"u8) ? McapCompression.Lz4 : name.SequenceEqual("zstd"u8) ? McapCompression.Zstd : null;
}
