namespace Tutelage.Recording.Mcap;

/// <summary>How a file is laid out.</summary>
public sealed record McapWriterOptions
{
    /// <value>Name of the convention that topics and schemas follow; default none.</value>
    public string Profile { get; init; } = "";

    /// <value>Who wrote it; default <c>tutelage</c>.</value>
    public string Library { get; init; } = "tutelage";

    /// <value>Default none. A compression whose system library is missing is written as none.</value>
    public McapCompression Compression { get; init; } = McapCompression.None;
}
