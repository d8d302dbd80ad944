using System.Text.Json;
using System.Text.Json.Serialization;
using Tutelage.Recording;

namespace Tutelage.Practice.Participants;

/// <summary>A rectangle as <c>[x, y, width, height]</c>.</summary>
internal sealed class RectJson : JsonConverter<ScreenRect>
{
    public override ScreenRect Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        GeometryJson.Read(ref reader, 4) is [var x, var y, var width, var height] ? new(x, y, width, height) : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, ScreenRect value, JsonSerializerOptions options) => GeometryJson.Write(writer, value.X, value.Y, value.Width, value.Height);
}

/// <summary>A point as <c>[x, y]</c>.</summary>
internal sealed class PointJson : JsonConverter<ScreenPoint>
{
    public override ScreenPoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        GeometryJson.Read(ref reader, 2) is [var x, var y] ? new(x, y) : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, ScreenPoint value, JsonSerializerOptions options) => GeometryJson.Write(writer, value.X, value.Y);
}

internal static class GeometryJson
{
    public static int[] Read(ref Utf8JsonReader reader, int count)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException();
        var numbers = new int[count];
        for (var i = 0; i < count; i++)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out numbers[i])) throw new JsonException();
        }
        return reader.Read() && reader.TokenType == JsonTokenType.EndArray ? numbers : throw new JsonException();
    }

    public static void Write(Utf8JsonWriter writer, params ReadOnlySpan<int> numbers)
    {
        writer.WriteStartArray();
        foreach (var number in numbers) writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
