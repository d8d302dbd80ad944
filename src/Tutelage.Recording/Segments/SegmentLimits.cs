namespace Tutelage.Recording.Segments;

/// <summary>What a reader accepts of a segment it does not trust. A minute of a very busy person stays below a tenth of each.</summary>
public sealed record SegmentLimits
{
    /// <value>Input events; default 1,000,000.</value>
    public int MaxEvents { get; init; } = 1_000_000;

    /// <value>Texts, task marks and gaps together; default 100,000.</value>
    public int MaxRecords { get; init; } = 100_000;

    /// <value>Elements of all snapshots together; default 1,000,000.</value>
    public int MaxElements { get; init; } = 1_000_000;

    /// <value>JSON of all messages of a class together; in bytes, default 128 MiB.</value>
    public long MaxJsonBytes { get; init; } = 128 << 20;

    /// <value>Tiles as stored, all together; in bytes, default 256 MiB.</value>
    public long MaxTileBytes { get; init; } = 256 << 20;

    /// <value>Width and height of a screen; in pixels, default 16,384.</value>
    public int MaxScreenSide { get; init; } = 16_384;

    /// <value>Area of a screen; in pixels, default 64 Mi (three 5K screens side by side take 44 million).</value>
    public int MaxScreenPixels { get; init; } = 64 << 20;
}
