using System.Buffers;
using System.Text.Json;
using Tutelage.Recording.Events;

namespace Tutelage.Trajectories.DataSets;

/// <summary>A trajectory as a shard's JSON entry (docs/formats/data-set.md); key order is fixed, so equal trajectories are equal bytes.</summary>
internal static class TrajectoryJson
{
    public const string Format = "tutelage-trajectory/1";

    /// <param name="images">Name of each step's image, null where it has none.</param>
    public static byte[] ToUtf8(Trajectory trajectory, ScreenSize screen, IReadOnlyList<string?> images)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ActionJson.Compact))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("task_id", trajectory.TaskId);
            json.WriteString("instruction", trajectory.Instruction);
            json.WriteBoolean("generated", trajectory.Generated);
            if (trajectory.Success is { } success) json.WriteBoolean("success", success);
            json.WriteNumber("start_ms", trajectory.Start.Milliseconds);
            json.WriteNumber("end_ms", trajectory.End.Milliseconds);
            json.WriteStartArray("screen");
            json.WriteNumberValue(screen.Width);
            json.WriteNumberValue(screen.Height);
            json.WriteEndArray();
            json.WriteStartArray("gaps");
            foreach (var reason in trajectory.Cut) json.WriteStringValue(GapNames.Of(reason));
            json.WriteEndArray();
            json.WriteStartArray("steps");
            var written = new Dictionary<ElementSnapshot, int>(ReferenceEqualityComparer.Instance);
            for (var step = 0; step < trajectory.Steps.Count; step++) WriteStep(json, trajectory.Steps[step], step, images[step], written);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="FormatException">A required key is missing or has another type.</exception>
    public static (Trajectory Trajectory, ScreenSize Screen, IReadOnlyList<string?> Images) Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 16 });
            var json = document.RootElement;
            if (json.GetProperty("format").GetString() != Format) throw new FormatException($"not {Format}; another version wrote it");
            var images = new List<string?>();
            var steps = new List<TrajectoryStep>();
            foreach (var step in json.GetProperty("steps").EnumerateArray())
            {
                images.Add(step.TryGetProperty("image", out var image) ? image.GetString() : null);
                steps.Add(new(ReadObservation(step, steps), ActionJson.Read(step.GetProperty("action"))));
            }

            var screen = json.GetProperty("screen");
            var trajectory = new Trajectory(
                json.GetProperty("task_id").GetString()!, json.GetProperty("instruction").GetString()!, json.GetProperty("generated").GetBoolean(),
                json.TryGetProperty("success", out var success) ? success.GetBoolean() : null, new(json.GetProperty("start_ms").GetInt64()), new(json.GetProperty("end_ms").GetInt64()),
                [.. json.GetProperty("gaps").EnumerateArray().Select(reason => ActionNames.Parse<GapReason>(reason.GetString(), GapNames.Of))], steps);
            return (trajectory, new(screen[0].GetInt32(), screen[1].GetInt32()), images);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new FormatException("not a trajectory: its JSON is damaged, or a key is missing or has another type", fault);
        }
    }

    private static void WriteStep(Utf8JsonWriter json, TrajectoryStep step, int number, string? image, Dictionary<ElementSnapshot, int> written)
    {
        json.WriteStartObject();
        if (step.Observation.Elements is { } snapshot)
        {
            if (written.TryGetValue(snapshot, out var earlier)) json.WriteNumber("elements_of", earlier);
            else WriteSnapshot(json, snapshot);
            written.TryAdd(snapshot, number);
        }

        if (step.Observation.Frame is { } frame) json.WriteNumber("frame_ms", frame.Time.Milliseconds);
        if (image is not null) json.WriteString("image", image);
        json.WritePropertyName("action");
        ActionJson.Write(json, step.Action);
        json.WriteEndObject();
    }

    private static Observation ReadObservation(JsonElement step, List<TrajectoryStep> earlier)
    {
        ElementSnapshot? snapshot = null;
        if (step.TryGetProperty("elements_of", out var of))
        {
            var index = of.GetInt32();
            if (index < 0 || index >= earlier.Count) throw new FormatException($"step {earlier.Count} takes its elements from step {index}, which does not come before it");
            snapshot = earlier[index].Observation.Elements;
        }
        else if (step.TryGetProperty("observation", out var observation))
        {
            snapshot = ReadSnapshot(observation);
        }

        return new(snapshot, step.TryGetProperty("frame_ms", out var time) ? new FrameReference(new(time.GetInt64()), -1) : null);
    }

    private static void WriteSnapshot(Utf8JsonWriter json, ElementSnapshot snapshot)
    {
        json.WriteStartObject("observation");
        json.WriteNumber("time_ms", snapshot.Time.Milliseconds);
        json.WriteString("app", snapshot.Context.App);
        if (snapshot.Context.Site is { } site) json.WriteString("site", site);
        if (snapshot.Context.Title is { } title) json.WriteString("title", title);
        ShapeJson.Write(json, "bounds", snapshot.Context.Bounds);
        json.WriteNumber("focused", snapshot.FocusedId);
        json.WriteStartArray("elements");
        foreach (var element in snapshot.Elements)
        {
            json.WriteStartObject();
            json.WriteNumber("id", element.Id);
            json.WriteNumber("parent", element.ParentId);
            json.WriteString("role", element.Role);
            if (element.Name is not null) json.WriteString("name", element.Name);
            if (element.NameShape is { } nameShape) ShapeJson.Write(json, "name_shape", nameShape);
            if (element.Value is not null) json.WriteString("value", element.Value);
            if (element.ValueShape is { } valueShape) ShapeJson.Write(json, "value_shape", valueShape);
            if (element.Hint is not null) json.WriteString("hint", element.Hint);
            json.WriteNumber("states", (int)element.States);
            ShapeJson.Write(json, "bounds", element.Bounds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static ElementSnapshot ReadSnapshot(JsonElement json) => new(
        new(json.GetProperty("time_ms").GetInt64()),
        new(json.GetProperty("app").GetString()!, Text(json, "site"), Text(json, "title"), ShapeJson.ReadRect(json.GetProperty("bounds"))),
        [.. json.GetProperty("elements").EnumerateArray().Select(element => new RecordedElement(
            element.GetProperty("id").GetInt32(), element.GetProperty("parent").GetInt32(), element.GetProperty("role").GetString()!, Text(element, "name"), Shape(element, "name_shape"),
            Text(element, "value"), Shape(element, "value_shape"), Text(element, "hint"), (ElementStates)element.GetProperty("states").GetInt32(), ShapeJson.ReadRect(element.GetProperty("bounds"))))],
        json.GetProperty("focused").GetInt32());

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static TextShape? Shape(JsonElement json, string name) => json.TryGetProperty(name, out var shape) ? ShapeJson.Read(shape) : null;
}
