using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutelage.Hosting;

/// <summary>JSON on the wire: snake_case, absent instead of null, bounded depth; refusals as <c>{error, message}</c>.</summary>
internal static class Wire
{
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 16,
        AllowDuplicateProperties = false,
    };

    public static IResult Ok<T>(T answer) => Results.Json(answer, Json);

    /// <param name="message">What, which value, what to do; never captured content.</param>
    public static IResult Refuse(int status, string error, string message) => Results.Json(new { error, message }, Json, statusCode: status);

    /// <summary>Reads a body; null if it is not JSON of that shape.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> body) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
