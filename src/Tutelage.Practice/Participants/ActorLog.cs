using System.Text.Json;
using System.Text.Json.Serialization;
using Tutelage.Practice.Plants;
using Tutelage.Recording;

namespace Tutelage.Practice.Participants;

/// <summary>What a synthetic participant really did and saw: the truth that demo and tests score a recording against. Layout: docs/formats/practice.md.</summary>
/// <remarks>It holds every plant in the clear. It is never given to the product, and a search for leaks leaves this file out by name. Thread-safe.</remarks>
public sealed class ActorLog
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new RectJson(), new PointJson() },
    };

    // Owned by _lock.
    private readonly List<ActorAction> _actions = [];
    private readonly List<ActorTask> _tasks = [];
    private readonly Dictionary<string, PlantSighting> _plants = [];
    private readonly Lock _lock = new();

    public ActorLog(string participant) => Participant = participant;

    public string Participant { get; }

    public IReadOnlyList<ActorAction> Actions { get { lock (_lock) return [.. _actions]; } }

    public IReadOnlyList<ActorTask> Tasks { get { lock (_lock) return [.. _tasks]; } }

    public IReadOnlyList<PlantSighting> Plants { get { lock (_lock) return [.. _plants.Values]; } }

    public void Add(ActorAction action)
    {
        lock (_lock) _actions.Add(action with { Index = _actions.Count });
    }

    /// <summary>Adds a task mark, or replaces the one that began at the same time.</summary>
    public void Mark(ActorTask task)
    {
        lock (_lock)
        {
            _tasks.RemoveAll(known => known.Task == task.Task && known.Seed == task.Seed && known.StartMs == task.StartMs);
            _tasks.Add(task);
        }
    }

    /// <summary>The plant was typed or seen at these places. It is the same moment as the one before if the places are the same and that one reached until <paramref name="sinceMs"/>.</summary>
    public void Saw(Plant plant, PlantMoment moment, long sinceMs)
    {
        lock (_lock)
        {
            var known = _plants.GetValueOrDefault(plant.Id) ?? new PlantSighting(plant.Id, plant.Kind, plant.Format, plant.Value, plant.Place, []);
            if (known.Moments.LastOrDefault() is { } last && last.EndMs >= sinceMs && last.Boxes.SequenceEqual(moment.Boxes))
                known = known with { Moments = [.. known.Moments.SkipLast(1), last with { EndMs = moment.EndMs }] };
            else
                known = known with { Moments = [.. known.Moments, moment] };
            _plants[plant.Id] = known;
        }
    }

    public void Save(string path)
    {
        using var file = File.Create(path);
        lock (_lock) JsonSerializer.Serialize(file, new Content(1, Participant, _tasks, _actions, [.. _plants.Values]), s_json);
    }

    /// <exception cref="InvalidDataException">The file is no actor log of version 1.</exception>
    public static ActorLog Load(string path)
    {
        Content? content;
        try
        {
            using var file = File.OpenRead(path);
            content = JsonSerializer.Deserialize<Content>(file, s_json);
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{path} is not an actor log: line {fault.LineNumber}", fault);
        }
        if (content is not { Version: 1 }) throw new InvalidDataException($"{path} is an actor log of version {content?.Version}; only version 1 is known");
        var log = new ActorLog(content.Participant);
        log._tasks.AddRange(content.Tasks);
        log._actions.AddRange(content.Actions);
        foreach (var plant in content.Plants) log._plants[plant.Id] = plant;
        return log;
    }

    private sealed record Content(
        int Version, string Participant, IReadOnlyList<ActorTask> Tasks, IReadOnlyList<ActorAction> Actions, IReadOnlyList<PlantSighting> Plants);
}

/// <summary>One task worked on. Times are milliseconds of the boot clock.</summary>
/// <param name="EndMs">Null while it has not ended.</param>
/// <param name="Success">The page's own verdict, null while it has not ended.</param>
/// <param name="Reason">Why it failed, null otherwise.</param>
public sealed record ActorTask(string Task, int Seed, string Instruction, long StartMs, long? EndMs = null, bool? Success = null, string? Reason = null)
{
    /// <summary>As a recording's task marks name it.</summary>
    [JsonIgnore]
    public string Id => $"{Task}/{Seed}";
}

/// <summary>One action done. Times are milliseconds of the boot clock, from the first event of the action itself (its approach excluded) to the last.</summary>
/// <param name="Task">Empty between tasks.</param>
/// <param name="Index">Counts from 0 within the log.</param>
/// <param name="Text">What was typed, slips corrected; null where nothing was or the field is protected.</param>
/// <param name="TextLength">Length of what was typed, also where <paramref name="Text"/> is null because the field is protected.</param>
/// <param name="Option">Chosen option of a dropdown.</param>
/// <param name="Keys">Canonical names, modifiers first, as in <c>control</c>, <c>s</c>.</param>
/// <param name="Count">How often the key was pressed in a row.</param>
/// <param name="Point">Where the button went down.</param>
/// <param name="ToPoint">Where a drag ended.</param>
/// <param name="Notches">Of a scroll; positive is down.</param>
/// <param name="Parts">Clicks and keys that a <see cref="ActorActionKind.Select"/> was made of; null for other kinds.</param>
/// <param name="InOtherApp">Done in a window outside the allow-list: a recording must show a gap here, never the action.</param>
public sealed record ActorAction(
    string Task, int Seed, int Index, ActorActionKind Kind, ActorTarget Target, long StartMs, long EndMs, string? Text = null, int? TextLength = null, string? Option = null,
    IReadOnlyList<string>? Keys = null, int Count = 1, ScreenPoint? Point = null, ScreenPoint? ToPoint = null, int? Notches = null,
    IReadOnlyList<ActorAction>? Parts = null, bool InOtherApp = false);

/// <summary>Element acted on, as accessibility names it.</summary>
/// <param name="Role">ARIA role.</param>
/// <param name="Box">Its outline on the screen when the action began; null outside the page.</param>
public sealed record ActorTarget(string Role, string Name, ScreenRect? Box = null);

public enum ActorActionKind
{
    Click, DoubleClick, Drag, Scroll, Type, Key, Select,
}

/// <summary>Everything seen of one plant.</summary>
public sealed record PlantSighting(string Id, PlantKind Kind, string Format, string Value, PlantPlace Place, IReadOnlyList<PlantMoment> Moments);

/// <summary>The plant stood at <paramref name="Boxes"/> (screen pixels, one for each line of text; none if it is in no page) from start to end of the boot clock, as far as was looked.</summary>
public sealed record PlantMoment(long StartMs, long EndMs, IReadOnlyList<ScreenRect> Boxes);
