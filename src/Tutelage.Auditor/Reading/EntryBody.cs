using System.Globalization;
using System.Text.Json;

namespace Tutelage.Auditor.Reading;

/// <summary>A person's link in an entry: their how-manieth entry it is, and the commitment of the one before.</summary>
internal sealed record ChainLink(string Tag, long Sequence, string Previous);

/// <summary>An entry's body as docs/formats/entries.md lays it out: what is common to all kinds, and the rest as it came.</summary>
/// <remarks>Read here from the bytes alone, by code of the auditor's own: a body that two readers could read in two ways is refused.</remarks>
internal sealed record EntryBody(string Kind, DateTimeOffset Time, IReadOnlyList<ChainLink> About, JsonElement Members)
{
    public const int MaxSizeBytes = 256 * 1024;

    /// <summary>Persons that one entry may name.</summary>
    public const int MaxAbout = 1000;

    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static EntryBody? Parse(ReadOnlyMemory<byte> body, out string fault)
    {
        fault = "";
        if (body.Length > MaxSizeBytes)
        {
            fault = $"the body has {body.Length} bytes, at most {MaxSizeBytes} are read";
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.GetProperty("tutelage-entry").GetInt32() != 1)
            {
                fault = "the body is of a version that this auditor does not know";
                return null;
            }

            var about = root.GetProperty("about").EnumerateArray()
                .Select(link => new ChainLink(Text(link, "tag"), link.GetProperty("sequence").GetInt64(), Text(link, "previous"))).ToList();
            if (about.Count > MaxAbout || about.Select(l => l.Tag).Distinct(StringComparer.Ordinal).Count() != about.Count || about.Exists(l => !IsHex(l.Tag, 32) || !IsHex(l.Previous, 64)))
            {
                fault = "'about' names a person twice, too many persons, or something that is no person";
                return null;
            }

            var time = DateTimeOffset.ParseExact(Text(root, "time"), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            return new EntryBody(Text(root, "kind"), time, about, root.Clone());
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            fault = "the body is not the JSON object of docs/formats/entries.md";
            return null;
        }
    }

    /// <exception cref="FormatException">There is no such text.</exception>
    public string Text(string name) => Text(Members, name);

    public string? TextOrNull(string name) => Members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()! // a string value is not null
            : throw new FormatException($"'{name}' is missing or no text");
}
