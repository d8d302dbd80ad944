using System.IO.Compression;
using System.Text.Json;
using Tutelage.Recording.Events;

namespace Tutelage.Trajectories.Importing;

/// <summary>A demonstration of MiniWoB++: an utterance, and states of a page with the browser's key and mouse events between them.</summary>
/// <remarks>
/// Only events that a hand made become raw events: <c>click</c> and <c>dblclick</c> are the browser's conclusions (and a click on a label brings a
/// second, synthetic one on its checkbox), <c>scroll</c> has no amount. A release without a press is a pick from a native list. There are no moves.
/// </remarks>
public sealed class MiniWobDemonstration
{
    private MiniWobDemonstration(string utterance, bool? success, SessionTimeline timeline, MiniWobEvidence evidence) =>
        (Utterance, Success, Timeline, Evidence) = (utterance, success, timeline, evidence);

    public string Utterance { get; }

    /// <summary>The task's own judgement (<c>rawReward</c> is 1), null where it is missing.</summary>
    public bool? Success { get; }

    public SessionTimeline Timeline { get; }

    internal MiniWobEvidence Evidence { get; }

    /// <param name="json">The episode, gzip-compressed or not. At most 256 MB of JSON are read.</param>
    /// <param name="taskId">For the task's mark; the file's name without its ending.</param>
    /// <exception cref="ImportFormatException">Not an episode, damaged, or larger than the bound.</exception>
    public static MiniWobDemonstration Read(Stream json, string taskId)
    {
        try
        {
            using var document = JsonDocument.Parse(Unpack(json), new JsonDocumentOptions { MaxDepth = 512 });
            return new Reading(document.RootElement, taskId).Run();
        }
        catch (Exception fault) when (fault is JsonException or InvalidDataException or InvalidOperationException or KeyNotFoundException or OverflowException or EndOfStreamException or FormatException and not ImportFormatException)
        {
            throw new ImportFormatException("not a MiniWoB++ episode: its JSON is damaged or lacks what every episode has", -1, fault);
        }
    }

    private static ReadOnlyMemory<byte> Unpack(Stream source)
    {
        var bytes = ReadAtMost(source, MaxJsonBytes);
        if (bytes.Length < 2 || bytes.Span[0] != 0x1F || bytes.Span[1] != 0x8B) return bytes;
        using var unpacked = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        return ReadAtMost(unpacked, MaxJsonBytes);
    }

    private static ReadOnlyMemory<byte> ReadAtMost(Stream source, int limit)
    {
        var held = new MemoryStream();
        var buffer = new byte[81920];
        int read;
        while ((read = source.Read(buffer)) > 0)
        {
            if (held.Length + read > limit) throw new ImportFormatException($"more than {limit} bytes of JSON", -1);
            held.Write(buffer, 0, read);
        }

        return held.GetBuffer().AsMemory(0, (int)held.Length);
    }

    private const int MaxJsonBytes = 256 * 1024 * 1024;

    private sealed class Reading
    {
        private readonly JsonElement _episode;
        private readonly string _taskId;
        private readonly List<InputEvent> _input = [];
        private readonly List<Placed<TypedText>> _texts = [];
        private readonly List<Placed<ElementSnapshot>> _elements = [];
        private readonly MiniWobEvidence _evidence = new();
        private readonly TypingCollector _typing;
        private KeyModifiers _modifiers;
        private DomPage? _page;
        private string? _pendingKey;
        private bool _tabbed;
        private bool _buttonDown;

        public Reading(JsonElement episode, string taskId)
        {
            (_episode, _taskId) = (episode, taskId);
            _typing = new(_input, _texts) { OnRunEnded = RunEnded };
        }

        public MiniWobDemonstration Run()
        {
            var utterance = _episode.GetProperty("utterance") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
            bool? success = _episode.TryGetProperty("rawReward", out var reward) && reward.ValueKind == JsonValueKind.Number ? reward.GetDouble() == 1 : null;
            var last = new SessionTime(0);
            var number = 0;
            foreach (var state in _episode.GetProperty("states").EnumerateArray())
            {
                if (++number > MaxStates) throw new ImportFormatException($"more than {MaxStates} states", number);
                var time = new SessionTime(Math.Max(last.Milliseconds, (long)Math.Clamp(state.GetProperty("time").GetDouble(), 0, 1e12)));
                last = time;
                _page = DomPage.Read(state.GetProperty("dom"));
                _elements.Add(new(_input.Count, _page.ToSnapshot(time)));
                if (state.TryGetProperty("action", out var action) && action.ValueKind == JsonValueKind.Object && action.GetProperty("timing").GetInt32() != AfterEvent) Event(time, action);
            }

            FlushKey(last);
            _typing.EndRun();
            var assembly = new TimelineAssembly("import", new(_page?.Width ?? 0, _page?.Height ?? 0));
            foreach (var one in _input) assembly.Add(one);
            var begun = new Placed<TaskMark>(0, new(new(0), _taskId, utterance, Ended: false, null));
            var ended = new Placed<TaskMark>(_input.Count, new(last, _taskId, utterance, Ended: true, success));
            return new(utterance, success, assembly.InOrder(_texts, [begun, ended], _elements), _evidence);
        }

        private void Event(SessionTime time, JsonElement action)
        {
            var type = action.GetProperty("type").GetString();
            if (type != "keypress") FlushKey(time);
            switch (type)
            {
                case "mousedown" or "mouseup":
                    var down = type == "mousedown";
                    if (down && _page!.Target is { IsText: true } field) _typing.Clicked(field.Ref, field.Value, 1);
                    else _typing.EndRun();
                    if (down) _evidence.Presses.Add(new(_input.Count, _page!.Target?.Ref));
                    else if (!_buttonDown) _evidence.Picks.Add(_input.Count);
                    _buttonDown = down;
                    _input.Add(new ButtonChanged(time, PointerButton.Left, down, Point(action), _modifiers));
                    break;
                case "click":
                    if (_evidence.Presses.Count > 0) _evidence.Presses[^1].Clicks.Add((time, _page!.Target?.Tag, _page.Target?.Ref));
                    break;
                case "dblclick":
                    if (_evidence.Presses.Count > 0) _evidence.Presses[^1].Double = true;
                    if (_page!.Target is { IsText: true } word) _typing.Clicked(word.Ref, word.Value, 2);
                    break;
                case "keydown":
                    _pendingKey = DomKeys.NameOf(action.GetProperty("keyCode").GetInt32());
                    if (KeyNames.ModifierOf(_pendingKey) is var modifier and not KeyModifiers.None)
                    {
                        FlushKey(time);
                        _modifiers |= modifier;
                    }

                    break;
                case "keypress":
                    var code = action.GetProperty("charCode").GetInt32();
                    var key = _pendingKey ?? "unknown";
                    _pendingKey = null;
                    Key(time, key, code is >= 32 and not 127 and <= char.MaxValue && (_modifiers & (KeyModifiers.Control | KeyModifiers.Alt)) == KeyModifiers.None ? ((char)code).ToString() : null);
                    break;
                case "keyup":
                    var name = DomKeys.NameOf(action.GetProperty("keyCode").GetInt32());
                    _modifiers &= ~KeyNames.ModifierOf(name);
                    _typing.Up(time, name, _modifiers);
                    break;
            }
        }

        private void FlushKey(SessionTime time)
        {
            if (_pendingKey is not { } key) return;
            _pendingKey = null;
            Key(time, key, null);
        }

        private void Key(SessionTime time, string key, string? letters)
        {
            var field = _page?.Focused;
            if (_tabbed && field is { IsText: true }) _typing.Tabbed(field.Ref, field.Value);
            _tabbed = key == "tab";
            _typing.Down(time, key, letters, _modifiers, field?.Ref ?? -1, field is { IsText: true } ? field.Value ?? "" : null, field is { IsText: true });
        }

        private void RunEnded(int index, FieldEdit edit)
        {
            if (_input[index] is TypedRun run && _page?.Find(run.ElementId) is { IsText: true } field) _evidence.Runs.Add(new(index, edit.Value, field.Value, edit.Typed));
        }

        private static ScreenPoint Point(JsonElement action) =>
            new((int)Math.Clamp(action.GetProperty("x").GetDouble(), -1e6, 1e6), (int)Math.Clamp(action.GetProperty("y").GetDouble(), -1e6, 1e6));

        private const int AfterEvent = 3;
        private const int MaxStates = 100_000;
    }
}

/// <summary>What the browser itself concluded, for measuring the reducer against.</summary>
internal sealed class MiniWobEvidence
{
    public List<MiniWobPress> Presses { get; } = [];

    /// <summary>Releases without a press: picks from a native list.</summary>
    public List<int> Picks { get; } = [];

    public List<MiniWobRun> Runs { get; } = [];
}

/// <param name="Index">Of the press among the raw events.</param>
/// <param name="Target">The event's element as recorded.</param>
internal sealed record MiniWobPress(int Index, int? Target)
{
    public List<(SessionTime Time, string? Tag, int? Ref)> Clicks { get; } = [];
    public bool Double { get; set; }
}

/// <param name="Resolved">The field's text as the keys say.</param>
/// <param name="Observed">The field's text as the page says.</param>
internal sealed record MiniWobRun(int Index, string Resolved, string? Observed, string Typed);
