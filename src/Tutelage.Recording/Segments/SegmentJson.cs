using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tutelage.Recording.Events;

namespace Tutelage.Recording.Segments;

/// <summary>The JSON messages of a segment (docs/formats/segment.md): names in snake_case, times in ms, rectangles as [x, y, width, height], absent fields left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters =
    [
        typeof(SessionTimeJson), typeof(ScreenRectJson), typeof(ScreenSizeJson), typeof(ElementStatesJson),
        typeof(SnakeCaseEnumJson<GapReason>), typeof(SnakeCaseEnumJson<TextKind>), typeof(SnakeCaseEnumJson<TextSource>),
    ])]
[JsonSerializable(typeof(SegmentOpening))]
[JsonSerializable(typeof(SegmentHealth))]
[JsonSerializable(typeof(Gap))]
[JsonSerializable(typeof(TypedText))]
[JsonSerializable(typeof(TaskMark))]
[JsonSerializable(typeof(ElementSnapshot))]
internal sealed partial class SegmentJson : JsonSerializerContext
{
    /// <summary>
    /// Letters stand as UTF-8, escaped only where JSON demands it: the default would write <c>+</c>, <c>&amp;</c> or <c>é</c> as escapes, which hides
    /// them from a search of the opened bytes for what must not be there.
    /// </summary>
    public static SegmentJson Wire => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

internal sealed class SnakeCaseEnumJson<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

internal sealed class SessionTimeJson : JsonConverter<SessionTime>
{
    public override SessionTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var time = reader.GetInt64();
        return time is >= 0 and <= InputBatch.MaxTimeMs ? new(time) : throw new JsonException("a time outside of any session");
    }

    public override void Write(Utf8JsonWriter writer, SessionTime value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Milliseconds);
}

internal sealed class ScreenRectJson : JsonConverter<ScreenRect>
{
    public override ScreenRect Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<int> numbers = stackalloc int[4];
        JsonNumbers.Read(ref reader, numbers);
        return new(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    public override void Write(Utf8JsonWriter writer, ScreenRect value, JsonSerializerOptions options) =>
        JsonNumbers.Write(writer, [value.X, value.Y, value.Width, value.Height]);
}

internal sealed class ScreenSizeJson : JsonConverter<ScreenSize>
{
    public override ScreenSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<int> numbers = stackalloc int[2];
        JsonNumbers.Read(ref reader, numbers);
        return new(numbers[0], numbers[1]);
    }

    public override void Write(Utf8JsonWriter writer, ScreenSize value, JsonSerializerOptions options) => JsonNumbers.Write(writer, [value.Width, value.Height]);
}

/// <summary>Flags as an array of their names; names that this version does not know are passed over.</summary>
internal sealed class ElementStatesJson : JsonConverter<ElementStates>
{
    private static readonly (string Name, ElementStates State)[] States =
        [.. Enum.GetValues<ElementStates>().Where(state => state != ElementStates.None).Select(state => (JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString()), state))];

    public override ElementStates Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("states are an array");
        var states = ElementStates.None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String) throw new JsonException("a state is a name");
            foreach (var (name, state) in States) if (reader.ValueTextEquals(name)) states |= state;
        }
        return states;
    }

    public override void Write(Utf8JsonWriter writer, ElementStates value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var (name, state) in States) if (value.HasFlag(state)) writer.WriteStringValue(name);
        writer.WriteEndArray();
    }
}

internal static class JsonNumbers
{
    public static void Read(ref Utf8JsonReader reader, scoped Span<int> numbers)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException($"an array of {numbers.Length} numbers is expected");
        for (var i = 0; i < numbers.Length; i++)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number) throw new JsonException($"an array of {numbers.Length} numbers is expected");
            numbers[i] = reader.GetInt32();
        }
        if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray) throw new JsonException($"an array of {numbers.Length} numbers is expected");
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<int> numbers)
    {
        writer.WriteStartArray();
        foreach (var number in numbers) writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
