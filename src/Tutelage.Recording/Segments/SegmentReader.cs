using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;

namespace Tutelage.Recording.Segments;

public sealed class SegmentReader
{
    private SegmentReader(SegmentOpening opening) => Opening = opening;

    public SegmentOpening Opening { get; }
    public IReadOnlyList<InputEvent> Input => throw new NotImplementedException();
    public IReadOnlyList<TypedText> Texts => throw new NotImplementedException();
    public IReadOnlyList<TaskMark> Tasks => throw new NotImplementedException();
    public IReadOnlyList<ElementSnapshot> Elements => throw new NotImplementedException();
    public IReadOnlyList<Gap> Gaps => throw new NotImplementedException();

    /// <summary>Null if the segment is truncated, or if the class Input is not among the inputs.</summary>
    public SegmentHealth? Health => throw new NotImplementedException();
    public IReadOnlySet<ContentClass> MissingClasses => throw new NotImplementedException();

    /// <summary>Decoded one by one; each image belongs to the caller, who disposes it.</summary>
    public IEnumerable<(SessionTime Time, ScreenImage Image)> Frames => throw new NotImplementedException();

    /// <exception cref="RecordingFormatException">Not a segment, damaged, or (unless <paramref name="allowTruncated"/>) cut off.</exception>
    public static SegmentReader Open(IReadOnlyDictionary<ContentClass, Stream> inputs, bool allowTruncated = false) => throw new NotImplementedException();
}
