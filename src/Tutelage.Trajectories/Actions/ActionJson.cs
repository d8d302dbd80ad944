using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tutelage.Trajectories;

/// <summary>An action as JSON (docs/formats/actions.md): unused keys are left out and the order of keys is fixed, so equal actions are equal bytes.</summary>
public static class ActionJson
{
    internal static JsonWriterOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line, no line feed.</summary>
    public static byte[] ToUtf8(RecordedAction action)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact)) Write(json, action);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Utf8JsonWriter json, RecordedAction action)
    {
        json.WriteStartObject();
        json.WriteNumber("index", action.Index);
        json.WriteString("kind", ActionNames.Of(action.Kind));
        if (action.Button is { } button) json.WriteString("button", ActionNames.Of(button));
        if (action.Count != 1) json.WriteNumber("count", action.Count);
        if (action.At is { } at) WritePoint(json, "x", "y", at);
        if (action.To is { } to) WritePoint(json, "end_x", "end_y", to);
        if (action.Kind == ActionKind.Scroll)
        {
            json.WriteNumber("dx", action.ScrollX);
            json.WriteNumber("dy", action.ScrollY);
        }

        if (action.Text is not null) json.WriteString("text", action.Text);
        if (action.Surrogate) json.WriteBoolean("surrogate", true);
        if (action.Shape is { } shape) ShapeJson.Write(json, "shape", shape);
        if (action.Corrected) json.WriteBoolean("corrected", true);
        if (action.Keys.Count > 0)
        {
            json.WriteStartArray("keys");
            foreach (var key in action.Keys) json.WriteStringValue(key);
            json.WriteEndArray();
        }

        if (action.Option is not null) json.WriteString("option", action.Option);
        json.WriteNumber("start_ms", action.Start.Milliseconds);
        json.WriteNumber("end_ms", action.End.Milliseconds);
        if (action.FirstEvent >= 0)
        {
            json.WriteNumber("first_event", action.FirstEvent);
            json.WriteNumber("last_event", action.LastEvent);
        }

        if (action.Trace is { } trace)
        {
            json.WriteStartArray("trace");
            json.WriteNumberValue(trace.First);
            json.WriteNumberValue(trace.Last);
            json.WriteEndArray();
        }

        if (action.Target is { } target) WriteTarget(json, target);
        if (action.Path.Count > 0)
        {
            json.WriteStartArray("path");
            foreach (var point in action.Path)
            {
                json.WriteNumberValue(point.X);
                json.WriteNumberValue(point.Y);
            }

            json.WriteEndArray();
        }

        if (action.Parts.Count > 0)
        {
            json.WriteStartArray("parts");
            foreach (var part in action.Parts) Write(json, part);
            json.WriteEndArray();
        }

        json.WriteString("status", ActionNames.Of(action.Status));
        json.WriteEndObject();
    }

    /// <summary>What <see cref="Write"/> wrote, less <see cref="RecordedAction.ElementsIndex"/> and <see cref="RecordedAction.FrameIndex"/>, which belong to a session.</summary>
    /// <exception cref="FormatException">A required key is missing or has another type.</exception>
    public static RecordedAction Read(JsonElement json)
    {
        try
        {
            return ReadChecked(json, depth: 0);
        }
        catch (Exception fault) when (fault is InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("not an action: a key is missing or has another type", fault);
        }
    }

    private static RecordedAction ReadChecked(JsonElement json, int depth)
    {
        if (depth > 1) throw new FormatException("parts of an action have parts themselves; only a select has parts");
        return new(
            json.GetProperty("index").GetInt32(), ActionNames.Parse<ActionKind>(json.GetProperty("kind").GetString(), ActionNames.Of),
            new(json.GetProperty("start_ms").GetInt64()), new(json.GetProperty("end_ms").GetInt64()), Number(json, "first_event", -1), Number(json, "last_event", -1))
        {
            Button = json.TryGetProperty("button", out var button) ? ActionNames.Parse<PointerButton>(button.GetString(), ActionNames.Of) : null,
            Count = Number(json, "count", 1),
            At = Point(json, "x", "y"),
            To = Point(json, "end_x", "end_y"),
            ScrollX = Number(json, "dx", 0),
            ScrollY = Number(json, "dy", 0),
            Text = Text(json, "text"),
            Surrogate = json.TryGetProperty("surrogate", out var surrogate) && surrogate.GetBoolean(),
            Shape = json.TryGetProperty("shape", out var shape) ? ShapeJson.Read(shape) : null,
            Corrected = json.TryGetProperty("corrected", out var corrected) && corrected.GetBoolean(),
            Keys = json.TryGetProperty("keys", out var keys) ? [.. keys.EnumerateArray().Select(key => key.GetString()!)] : [],
            Option = Text(json, "option"),
            Trace = json.TryGetProperty("trace", out var trace) && trace.GetArrayLength() == 2 ? new(trace[0].GetInt32(), trace[1].GetInt32()) : null,
            Target = json.TryGetProperty("target", out var target) ? ReadTarget(target) : null,
            Path = json.TryGetProperty("path", out var path) ? [.. path.EnumerateArray().Select(number => number.GetInt32()).Chunk(2).Where(pair => pair.Length == 2).Select(pair => new ScreenPoint(pair[0], pair[1]))] : [],
            Parts = json.TryGetProperty("parts", out var parts) ? [.. parts.EnumerateArray().Select(part => ReadChecked(part, depth + 1))] : [],
            Status = ActionNames.Parse<ActionStatus>(json.GetProperty("status").GetString(), ActionNames.Of),
        };
    }

    private static void WriteTarget(Utf8JsonWriter json, ActionTarget target)
    {
        json.WriteStartObject("target");
        json.WriteNumber("id", target.Id);
        json.WriteString("role", target.Role);
        if (target.Name is not null) json.WriteString("name", target.Name);
        if (target.NameShape is { } shape) ShapeJson.Write(json, "name_shape", shape);
        if (target.Hint is not null) json.WriteString("hint", target.Hint);
        ShapeJson.Write(json, "bounds", target.Bounds);
        json.WriteEndObject();
    }

    private static ActionTarget ReadTarget(JsonElement json) => new(
        json.GetProperty("id").GetInt32(), json.GetProperty("role").GetString()!, Text(json, "name"), json.TryGetProperty("name_shape", out var shape) ? ShapeJson.Read(shape) : null,
        Text(json, "hint"), ShapeJson.ReadRect(json.GetProperty("bounds")));

    private static void WritePoint(Utf8JsonWriter json, string x, string y, ScreenPoint point)
    {
        json.WriteNumber(x, point.X);
        json.WriteNumber(y, point.Y);
    }

    private static ScreenPoint? Point(JsonElement json, string x, string y) =>
        json.TryGetProperty(x, out var left) && json.TryGetProperty(y, out var top) ? new(left.GetInt32(), top.GetInt32()) : null;

    private static int Number(JsonElement json, string name, int absent) => json.TryGetProperty(name, out var number) ? number.GetInt32() : absent;

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var text) ? text.GetString() : null;
}
