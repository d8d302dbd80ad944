namespace Tutelage.Recording.Mcap;

/// <summary>How a file is laid out.</summary>
public sealed record McapWriterOptions
{
    /// <value>Name of the convention that topics and schemas follow; default none.</value>
    public string Profile { get; init; } = "";

    /// <value>Who wrote it; default <c>tutelage</c>.</value>
    public string Library { get; init; } = "tutelage";

    /// <value>Messages go into chunks; default true. Without chunks there is no compression and each message stands for itself.</value>
    public bool Chunked { get; init; } = true;

    /// <value>A chunk is closed once its records, uncompressed, reach this; in bytes, 1 to 2^30, default 1 MiB.</value>
    public int ChunkSizeBytes { get; init; } = 1 << 20;

    /// <value>Default none. A compression whose system library is missing is written as none.</value>
    public McapCompression Compression { get; init; } = McapCompression.None;

    /// <value>Zstandard's level, 1 to 19; default 3.</value>
    public int CompressionLevel { get; init; } = 3;

    /// <value>Checksums of data, chunks, attachments and summary; default true.</value>
    public bool Checksums { get; init; } = true;

    /// <value>An index of messages behind each chunk; default true.</value>
    public bool MessageIndexes { get; init; } = true;

    /// <value>Chunk, attachment and metadata indexes in the summary; default true.</value>
    public bool Indexes { get; init; } = true;

    /// <value>Schemas again in the summary; default true.</value>
    public bool RepeatSchemas { get; init; } = true;

    /// <value>Channels again in the summary; default true.</value>
    public bool RepeatChannels { get; init; } = true;

    /// <value>Counts in the summary; default true.</value>
    public bool Statistics { get; init; } = true;

    /// <value>Offsets of the groups of the summary; default true.</value>
    public bool SummaryOffsets { get; init; } = true;
}
