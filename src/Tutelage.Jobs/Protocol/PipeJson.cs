using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutelage.Jobs.Protocol;

/// <summary>JSON of every frame: snake_case, absent instead of null, at most 16 levels.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(WorkOrderRequest))]
[JsonSerializable(typeof(KeyBundleRequest))]
[JsonSerializable(typeof(HelloMessage))]
[JsonSerializable(typeof(NeedMessage))]
[JsonSerializable(typeof(FetchMessage))]
[JsonSerializable(typeof(BlobEndMessage))]
[JsonSerializable(typeof(OutputBeginMessage))]
[JsonSerializable(typeof(OutputEndMessage))]
[JsonSerializable(typeof(ProgressMessage))]
[JsonSerializable(typeof(RefusedMessage))]
[JsonSerializable(typeof(ErrorMessage))]
[JsonSerializable(typeof(BuildResult))]
[JsonSerializable(typeof(ExportResult))]
internal sealed partial class PipeJson : JsonSerializerContext
{
    /// <exception cref="PipeProtocolException">Not JSON, or not of this shape. The text is never repeated.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new PipeProtocolException($"{what} is null");
        }
        catch (JsonException)
        {
            throw new PipeProtocolException($"{what} is not JSON of its shape");
        }
    }
}
