using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Mcap;

namespace Tutelage.Recording.Segments;

/// <summary>Reads one segment from the files of its classes (docs/formats/segment.md); some may be missing, since grants name classes.</summary>
/// <remarks>
/// Memory is bounded by <see cref="SegmentLimits"/>. Everything but frames is read by <see cref="Open"/>. The inputs stay the caller's; that of the frames is used
/// while <see cref="Frames"/> is enumerated, more than once only if it can seek.
/// </remarks>
public sealed class SegmentReader
{
    private readonly List<InputEvent> _input = [];
    private readonly List<TypedText> _texts = [];
    private readonly List<TaskMark> _tasks = [];
    private readonly List<ElementSnapshot> _elements = [];
    private readonly List<Gap> _gaps = [];
    private readonly HashSet<ContentClass> _truncated = [];
    private readonly SegmentLimits _limits;
    private readonly bool _allowTruncated;
    private SegmentOpening? _opening;
    private Stream? _frames;
    private long _framesStart;
    private McapReader? _framesBegun;
    private long _elementCount;
    private long _jsonBytes;

    private SegmentReader(SegmentLimits limits, bool allowTruncated) => (_limits, _allowTruncated) = (limits, allowTruncated);

    public SegmentOpening Opening => _opening ?? throw new InvalidOperationException("only Open makes readers, and it needs an opening");

    /// <summary>In the order written.</summary>
    public IReadOnlyList<InputEvent> Input => _input;

    public IReadOnlyList<TypedText> Texts => _texts;

    public IReadOnlyList<TaskMark> Tasks => _tasks;

    public IReadOnlyList<ElementSnapshot> Elements => _elements;

    public IReadOnlyList<Gap> Gaps => _gaps;

    /// <summary>Null if the segment is truncated, or if the class input is missing.</summary>
    public SegmentHealth? Health { get; private set; }

    /// <summary>Classes that were not among the inputs: not observed, which is not the same as empty.</summary>
    public IReadOnlySet<ContentClass> MissingClasses { get; private set; } = new HashSet<ContentClass>();

    /// <summary>Classes whose file broke off; that of the frames joins once <see cref="Frames"/> has come to its end.</summary>
    public IReadOnlySet<ContentClass> TruncatedClasses => _truncated;

    /// <summary>Decoded one by one; each image belongs to the caller, who disposes it. Its X channel is 255, its damage bounds the tiles that changed.</summary>
    /// <exception cref="RecordingFormatException">While enumerating: damaged, or (unless that was allowed) cut off.</exception>
    /// <exception cref="InvalidOperationException">Enumerated again although the input cannot seek.</exception>
    public IEnumerable<(SessionTime Time, ScreenImage Image)> Frames => ReadFrames();

    /// <param name="inputs">Plaintext files by class; at least one.</param>
    /// <param name="allowTruncated">Read files that broke off up to their last whole record (<see cref="TruncatedClasses"/>).</param>
    /// <exception cref="RecordingFormatException">Not a segment, files of different segments, damaged, cut off, or cut off before any opening.</exception>
    public static SegmentReader Open(IReadOnlyDictionary<ContentClass, Stream> inputs, bool allowTruncated = false, SegmentLimits? limits = null)
    {
        var reader = new SegmentReader(limits ?? new(), allowTruncated);
        foreach (var (contentClass, input) in inputs)
        {
            if (contentClass == ContentClass.Frames) reader.PrepareFrames(input);
            else reader.Read(contentClass, input);
        }
        if (reader._opening is null) throw new RecordingFormatException("no file of the segment holds its opening: nothing of it can be read", -1);
        reader.MissingClasses = Enum.GetValues<ContentClass>().Where(contentClass => !inputs.ContainsKey(contentClass)).ToHashSet();
        return reader;
    }

    private void Read(ContentClass contentClass, Stream input)
    {
        _jsonBytes = 0;
        using var mcap = new McapReader(input, new() { AllowTruncated = _allowTruncated });
        var opened = false;
        while (mcap.TryReadMessage(out var message))
        {
            if (!opened) ReadOpening(contentClass, message);
            else ReadMessage(contentClass, message);
            opened = true;
        }
        if (mcap.Truncated) _truncated.Add(contentClass);
        else if (!opened) throw new RecordingFormatException($"the file of the class {contentClass.Name()} has no opening", mcap.Offset);
    }

    private void ReadOpening(ContentClass contentClass, McapMessageView message)
    {
        if (message.Channel.Topic != SegmentFormat.OpeningTopic) throw new RecordingFormatException("the first message is not a segment's opening", message.Offset);
        if (!message.Channel.Metadata.Contains(new(SegmentFormat.ClassKey, contentClass.Name())))
            throw new RecordingFormatException($"this file is not of the class {contentClass.Name()}", message.Offset);
        var opening = Parse(message, SegmentJson.Wire.SegmentOpening);
        if (opening.SessionId is null || opening.Manifest is null || opening.Redactor is null) throw new RecordingFormatException("an opening with fields missing", message.Offset);
        if (_opening is not null && _opening != opening) throw new RecordingFormatException("the files belong to different segments", message.Offset);
        _opening = opening;
    }

    private void ReadMessage(ContentClass contentClass, McapMessageView message)
    {
        if (Health is not null && contentClass == ContentClass.Input) throw new RecordingFormatException("a message behind the health record", message.Offset);
        switch (contentClass, message.Channel.Topic)
        {
            case (ContentClass.Input, SegmentFormat.InputTopic) when message.Channel.MessageEncoding == SegmentFormat.BatchEncoding:
                InputBatch.Decode(message.Data, message.Offset, _input);
                if (_input.Count > _limits.MaxEvents) throw new RecordingFormatException($"more than {_limits.MaxEvents} input events", message.Offset);
                break;
            case (ContentClass.Input, SegmentFormat.GapTopic):
                _gaps.Add(Parse(message, SegmentJson.Wire.Gap));
                break;
            case (ContentClass.Input, SegmentFormat.HealthTopic):
                Health = Parse(message, SegmentJson.Wire.SegmentHealth);
                break;
            case (ContentClass.Text, SegmentFormat.TextTopic):
                var text = Parse(message, SegmentJson.Wire.TypedText);
                _texts.Add(text.Text is not null ? text : throw new RecordingFormatException("a text without letters", message.Offset));
                break;
            case (ContentClass.Text, SegmentFormat.TaskTopic):
                var mark = Parse(message, SegmentJson.Wire.TaskMark);
                _tasks.Add(mark.TaskId is not null && mark.Instruction is not null ? mark : throw new RecordingFormatException("a task mark with fields missing", message.Offset));
                break;
            case (ContentClass.Elements, SegmentFormat.ElementsTopic):
                AddSnapshot(Parse(message, SegmentJson.Wire.ElementSnapshot), message.Offset);
                break;
            default:
                // Topics of later versions are passed over; the ones known here keep their meaning.
                break;
        }
        if (_texts.Count + _tasks.Count + _gaps.Count + _elements.Count > _limits.MaxRecords) throw new RecordingFormatException($"more than {_limits.MaxRecords} records", message.Offset);
    }

    private void AddSnapshot(ElementSnapshot snapshot, long offset)
    {
        if (snapshot.Context?.App is null || snapshot.Elements is null || snapshot.Elements.Any(element => element?.Role is null))
            throw new RecordingFormatException("a snapshot with fields missing", offset);
        _elementCount += snapshot.Elements.Count;
        if (_elementCount > _limits.MaxElements) throw new RecordingFormatException($"more than {_limits.MaxElements} elements", offset);
        _elements.Add(snapshot);
    }

    private T Parse<T>(McapMessageView message, JsonTypeInfo<T> type)
        where T : class
    {
        _jsonBytes += message.Data.Length;
        if (_jsonBytes > _limits.MaxJsonBytes) throw new RecordingFormatException($"messages of more than {_limits.MaxJsonBytes} bytes", message.Offset);
        try
        {
            return JsonSerializer.Deserialize(message.Data, type) ?? throw new RecordingFormatException("a message that is null", message.Offset);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException and not RecordingFormatException)
        {
            // The inner exception may quote the message: it is captured content and stays out.
            throw new RecordingFormatException($"a message that is not a {type.Type.Name}", message.Offset);
        }
    }

    /// <summary>Reads the opening of the frames' file and leaves the rest to the first enumeration.</summary>
    private void PrepareFrames(Stream input)
    {
        _frames = input;
        _framesStart = input.CanSeek ? input.Position : -1;
        var mcap = OpenFrames();
        if (mcap.TryReadMessage(out var message)) ReadOpening(ContentClass.Frames, message);
        else if (mcap.Truncated) _truncated.Add(ContentClass.Frames);
        else throw new RecordingFormatException("the file of the class frames has no opening", mcap.Offset);
        _framesBegun = mcap;
    }

    private McapReader OpenFrames() => new(_frames ?? Stream.Null, new() { AllowTruncated = _allowTruncated });

    private IEnumerable<(SessionTime Time, ScreenImage Image)> ReadFrames()
    {
        if (_frames is null) yield break;
        var begun = Interlocked.Exchange(ref _framesBegun, null);
        if (begun is null)
        {
            if (_framesStart < 0) throw new InvalidOperationException("the frames were enumerated before and their input cannot seek back");
            _frames.Position = _framesStart;
        }
        using var mcap = begun ?? OpenFrames();
        using var frames = new FrameReader(_limits);
        while (TryReadFrame(mcap, frames, out var time) is { } image) yield return (time, image);
        if (mcap.Truncated) _truncated.Add(ContentClass.Frames);
    }

    private static ScreenImage? TryReadFrame(McapReader mcap, FrameReader frames, out SessionTime time)
    {
        while (mcap.TryReadMessage(out var message))
        {
            if (message.Channel.Topic == SegmentFormat.TileTopic) frames.AddTile(message.Data, message.Offset);
            if (message.Channel.Topic != SegmentFormat.FrameTopic) continue;
            time = SessionTime.FromNanoseconds(message.LogTimeNs);
            return frames.Read(message.Data, message.Offset);
        }
        time = default;
        return null;
    }
}
