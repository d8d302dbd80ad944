using System.Text.Json;

namespace Tutelage.Trajectories;

/// <summary>Text shapes and rectangles as JSON (docs/formats/actions.md).</summary>
internal static class ShapeJson
{
    public static void Write(Utf8JsonWriter json, string name, TextShape shape)
    {
        json.WriteStartObject(name);
        json.WriteNumber("length", shape.Length);
        json.WriteString("kind", ActionNames.Of(shape.Kind));
        if (shape.Source != TextSource.Unknown)
        {
            json.WriteString("source", ActionNames.Of(shape.Source));
            json.WriteNumber("source_start", shape.SourceStart);
            json.WriteNumber("source_count", shape.SourceCount);
        }

        json.WriteEndObject();
    }

    public static TextShape Read(JsonElement json) => json.TryGetProperty("source", out var source)
        ? new(json.GetProperty("length").GetInt32(), Kind(json), ActionNames.Parse<TextSource>(source.GetString(), ActionNames.Of), json.GetProperty("source_start").GetInt32(), json.GetProperty("source_count").GetInt32())
        : new(json.GetProperty("length").GetInt32(), Kind(json));

    public static void Write(Utf8JsonWriter json, string name, ScreenRect rect)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(rect.X);
        json.WriteNumberValue(rect.Y);
        json.WriteNumberValue(rect.Width);
        json.WriteNumberValue(rect.Height);
        json.WriteEndArray();
    }

    public static ScreenRect ReadRect(JsonElement json) => json.GetArrayLength() == 4
        ? new(json[0].GetInt32(), json[1].GetInt32(), json[2].GetInt32(), json[3].GetInt32())
        : throw new FormatException($"a rectangle has four numbers, this one {json.GetArrayLength()}");

    private static TextKind Kind(JsonElement json) => ActionNames.Parse<TextKind>(json.GetProperty("kind").GetString(), ActionNames.Of);
}
