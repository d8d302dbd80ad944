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
