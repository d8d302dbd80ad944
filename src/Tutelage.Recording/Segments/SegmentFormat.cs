using Tutelage.Recording.Mcap;

namespace Tutelage.Recording.Segments;

/// <summary>Topics and encodings of docs/formats/segment.md.</summary>
internal static class SegmentFormat
{
    public const string Profile = "tutelage.segment.v1";
    public const string Library = "tutelage";
    public const string ClassKey = "class";
    public const string Json = "json";

    public const string OpeningTopic = "segment";
    public const string InputTopic = "input";
    public const string GapTopic = "gap";
    public const string HealthTopic = "health";
    public const string TextTopic = "text";
    public const string TaskTopic = "task";
    public const string ElementsTopic = "elements";
    public const string TileTopic = "tile";
    public const string FrameTopic = "frame";

    public const string BatchEncoding = "tutelage.batch.v1";
    public const string TileEncodingName = "tutelage.tile.v1";
    public const string FrameEncoding = "tutelage.frame.v1";

    public static string Name(this ContentClass contentClass) => contentClass switch
    {
        ContentClass.Input => "input",
        ContentClass.Text => "text",
        ContentClass.Elements => "elements",
        ContentClass.Frames => "frames",
    };

    /// <summary>Every gap has this length, whatever its reason: the size of a sealed file must not tell a pause from an app that is not recorded. The longest has 73.</summary>
    public const int GapBytes = 80;

    /// <summary>Every health record has this length as long as its six numbers have at most 73 digits together: how much was withheld is not in a size either.</summary>
    public const int HealthBytes = 128;

    /// <summary>
    /// Input and text stand unchunked: batches hardly compress, a chunk's own frame would cost more than they do, and each message is readable by itself.
    /// Snapshots of elements repeat each other, and so do tiles: they are compressed.
    /// </summary>
    public static McapWriterOptions LayoutOf(ContentClass contentClass, McapCompression compression) => new()
    {
        Profile = Profile,
        Library = Library,
        Chunked = contentClass is ContentClass.Elements or ContentClass.Frames,
        Compression = compression,
        MessageIndexes = contentClass != ContentClass.Frames,
    };
}
