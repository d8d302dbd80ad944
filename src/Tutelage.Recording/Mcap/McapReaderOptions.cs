namespace Tutelage.Recording.Mcap;

/// <summary>What a reader accepts of bytes it does not trust.</summary>
public sealed record McapReaderOptions
{
    /// <value>Read a file that is cut off up to its last whole record; default false, which makes it an error.</value>
    public bool AllowTruncated { get; init; }

    /// <value>Largest record, chunks as stored included; in bytes, default 64 MiB. Larger attachments are passed over.</value>
    public int MaxRecordBytes { get; init; } = 64 << 20;

    /// <value>Largest chunk once decompressed; in bytes, default 64 MiB.</value>
    public int MaxChunkBytes { get; init; } = 64 << 20;

    /// <value>Most that schemas, channels and metadata together may take; in bytes, default 16 MiB.</value>
    public int MaxDefinitionBytes { get; init; } = 16 << 20;

    /// <value>Compare checksums where the file has them; default true.</value>
    public bool VerifyChecksums { get; init; } = true;
}
