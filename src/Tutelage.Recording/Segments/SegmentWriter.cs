using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;

namespace Tutelage.Recording.Segments;

public sealed class SegmentWriter
{
    public SegmentWriter(IReadOnlyDictionary<ContentClass, Stream> outputs, SegmentOpening opening) { }
    public void Write(InputEvent input) => throw new NotImplementedException();
    public void Write(TypedText text) => throw new NotImplementedException();
    public void Write(TaskMark mark) => throw new NotImplementedException();
    public void Write(ElementSnapshot snapshot) => throw new NotImplementedException();
    public void Write(SessionTime time, ScreenImage redacted) => throw new NotImplementedException();
    public void Write(Gap gap) => throw new NotImplementedException();
    public void Flush() => throw new NotImplementedException();
    public void Complete(SegmentHealth health) => throw new NotImplementedException();
}
