using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Mcap;

namespace Tutelage.Recording.Segments;

/// <summary>Writes one segment: a file per class, each an MCAP file of its own (docs/formats/segment.md).</summary>
/// <remarks>
/// Not thread-safe. The outputs stay the caller's and are never flushed or disposed here. After <see cref="Flush"/> everything written so far is in them and
/// readable even if nothing follows. Writing a record of a class without an output throws; ask <see cref="Keeps"/>.
/// </remarks>
public sealed class SegmentWriter : IDisposable
{
    private readonly Dictionary<ContentClass, ClassFile> _files = [];
    private readonly SegmentOpening _opening;
    private readonly List<InputEvent> _waiting = [];
    private readonly ByteBuffer _batch = new();
    private readonly FrameWriter? _frames;
    private bool _completed;

    /// <param name="outputs">Class <see cref="ContentClass.Input"/> MUST be among them; it carries gaps and health.</param>
    /// <param name="compression">Of elements and frames; written as none where the library is missing.</param>
    public SegmentWriter(IReadOnlyDictionary<ContentClass, Stream> outputs, SegmentOpening opening, McapCompression compression = McapCompression.Zstd)
    {
        if (!outputs.ContainsKey(ContentClass.Input)) throw new ArgumentException("a segment needs an output for the class input", nameof(outputs));
        _opening = opening;
        foreach (var (contentClass, output) in outputs)
        {
            var file = new ClassFile(new(output, SegmentFormat.LayoutOf(contentClass, compression)), contentClass);
            _files.Add(contentClass, file);
            file.Write(SegmentFormat.OpeningTopic, default, opening, SegmentJson.Wire.SegmentOpening);
        }
        if (_files.TryGetValue(ContentClass.Frames, out var frames))
            _frames = new(frames.Mcap, frames.Channel(SegmentFormat.TileTopic, SegmentFormat.TileEncodingName), frames.Channel(SegmentFormat.FrameTopic, SegmentFormat.FrameEncoding));
    }

    /// <summary>True if this segment has an output for <paramref name="contentClass"/>.</summary>
    public bool Keeps(ContentClass contentClass) => _files.ContainsKey(contentClass);

    /// <summary>Adds an event to the open batch, which is written when it is full, spans a second, or at <see cref="Flush"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The event is outside the vocabulary; nothing was added.</exception>
    public void Write(InputEvent input)
    {
        RequireOpen();
        InputBatch.Require(input);
        if (_waiting.Count > 0 && (_waiting.Count == InputBatch.MaxEvents || Math.Abs(input.Time - _waiting[0].Time) >= InputBatch.MaxSpanMs)) WriteBatch();
        _waiting.Add(input);
    }

    public void Write(TypedText text) => File(ContentClass.Text).Write(SegmentFormat.TextTopic, text.Time, text, SegmentJson.Wire.TypedText);

    public void Write(TaskMark mark) => File(ContentClass.Text).Write(SegmentFormat.TaskTopic, mark.Time, mark, SegmentJson.Wire.TaskMark);

    public void Write(ElementSnapshot snapshot) => File(ContentClass.Elements).Write(SegmentFormat.ElementsTopic, snapshot.Time, snapshot, SegmentJson.Wire.ElementSnapshot);

    public void Write(Gap gap) => File(ContentClass.Input).Write(SegmentFormat.GapTopic, gap.Start, gap, SegmentJson.Wire.Gap, SegmentFormat.GapBytes);

    /// <summary>Writes a frame. Only tiles inside <see cref="ScreenImage.Damage"/> are compared with the frame before; the first frame is taken whole.</summary>
    /// <param name="redacted">Stays the caller's.</param>
    public void Write(SessionTime time, ScreenImage redacted)
    {
        File(ContentClass.Frames);
        _frames?.Write(time, redacted);
    }

    /// <summary>Closes the open batch and chunks.</summary>
    public void Flush()
    {
        RequireOpen();
        WriteBatch();
        foreach (var file in _files.Values) file.Mcap.FlushChunk();
    }

    /// <summary>Writes <paramref name="health"/> as the last record and ends every file. Nothing can be written afterwards.</summary>
    public void Complete(SegmentHealth health)
    {
        RequireOpen();
        WriteBatch();
        File(ContentClass.Input).Write(SegmentFormat.HealthTopic, health.Time, health, SegmentJson.Wire.SegmentHealth, SegmentFormat.HealthBytes);
        foreach (var file in _files.Values) file.Mcap.Complete();
        _completed = true;
    }

    /// <summary>Lets go of compression contexts; a segment that was not completed stays truncated.</summary>
    public void Dispose()
    {
        foreach (var file in _files.Values) file.Mcap.Dispose();
    }

    private void WriteBatch()
    {
        if (_waiting.Count == 0) return;
        _batch.Clear();
        InputBatch.Encode(_batch, _waiting, _opening.QuantumMs);
        var file = File(ContentClass.Input);
        file.Mcap.WriteMessage(file.Channel(SegmentFormat.InputTopic, SegmentFormat.BatchEncoding), _waiting[0].Time.Nanoseconds, _batch.Written);
        _waiting.Clear();
    }

    private ClassFile File(ContentClass contentClass)
    {
        RequireOpen();
        return _files.TryGetValue(contentClass, out var file)
            ? file
            : throw new InvalidOperationException($"this segment has no output for the class {contentClass.Name()}");
    }

    private void RequireOpen()
    {
        if (_completed) throw new InvalidOperationException("the segment is complete; nothing can be added to it");
    }

    /// <summary>One class's file; channels are defined when their first message comes.</summary>
    private sealed class ClassFile(McapWriter mcap, ContentClass contentClass)
    {
        private readonly Dictionary<string, ushort> _channels = [];

        public McapWriter Mcap => mcap;

        public ushort Channel(string topic, string encoding)
        {
            if (_channels.TryGetValue(topic, out var channel)) return channel;
            channel = mcap.AddChannel(topic, encoding, metadata: topic == SegmentFormat.OpeningTopic ? [new(SegmentFormat.ClassKey, contentClass.Name())] : []);
            _channels.Add(topic, channel);
            return channel;
        }

        /// <param name="leastBytes">Shorter JSON is filled with spaces behind it.</param>
        public void Write<T>(string topic, SessionTime time, T record, JsonTypeInfo<T> type, int leastBytes = 0)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(record, type);
            var length = json.Length;
            if (length < leastBytes)
            {
                Array.Resize(ref json, leastBytes);
                json.AsSpan(length).Fill((byte)' ');
            }
            mcap.WriteMessage(Channel(topic, SegmentFormat.Json), time.Nanoseconds, json);
        }
    }
}
