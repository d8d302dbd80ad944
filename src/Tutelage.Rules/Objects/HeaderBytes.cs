using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Tutelage.Rules.Objects;

/// <summary>The canonical bytes of a header: one JSON line, keys in the order written here (docs/formats/object-header.md).</summary>
public static class HeaderBytes
{
    /// <summary>Longer headers are refused before they are parsed.</summary>
    public const int LongestHeader = 64 * 1024;

    public static byte[] Encode(ObjectHeader header)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, CanonicalJson.Options))
        {
            json.WriteStartObject();
            json.WriteNumber("tutelage-object", 1);
            json.WriteString("id", header.ObjectId);
            json.WriteString("kind", Spelling.Of(header.Kind));
            json.WriteString("tag", header.Tag);
            json.WriteNumber("epoch", header.Epoch);
            json.WriteString("redactor", header.Redactor);
            json.WriteString("manifest", header.Manifest);
            json.WriteString("device", header.Device);
            json.WriteStartArray("files");
            foreach (var file in header.Files)
            {
                json.WriteStartObject();
                json.WriteString("class", Spelling.Of(file.Class));
                json.WriteNumber("size", file.SizeBytes);
                json.WriteString("sha256", Convert.ToHexStringLower(file.Sha256.Span));
                json.WriteBase64String("outer", file.OuterHeader.Span);
                json.WriteBase64String("inner", file.InnerHeader.Span);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The header, or why these bytes are none. Only bytes that <see cref="Encode"/> would write are accepted.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ObjectHeader? header, [NotNullWhen(false)] out string? fault)
    {
        (header, fault) = (null, null);
        if (bytes.Length > LongestHeader) fault = $"the header has {bytes.Length} bytes; at most {LongestHeader} are read";
        else if (Parse(bytes, out fault) is { } parsed)
        {
            fault = FaultIn(parsed) ?? (Encode(parsed).AsSpan().SequenceEqual(bytes) ? null : "these are not the canonical bytes of the header that they describe");
            if (fault is null) header = parsed;
        }
        return header is not null;
    }

    private static ObjectHeader? Parse(ReadOnlySpan<byte> bytes, out string? fault)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 4 });
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            fault = null;
            if (root.GetProperty("tutelage-object").GetInt32() != 1)
            {
                fault = $"header version {root.GetProperty("tutelage-object").GetInt32()} is not known here; this program reads version 1";
                return null;
            }
            if (!Spelling.TryRead<ObjectKind>(root.GetProperty("kind").GetString(), out var kind))
            {
                fault = $"kind must be one of {Spelling.All<ObjectKind>()}";
                return null;
            }
            var files = new List<SealedFileHeader>();
            foreach (var file in root.GetProperty("files").EnumerateArray())
            {
                if (!Spelling.TryRead<DataClass>(file.GetProperty("class").GetString(), out var kept))
                {
                    fault = $"class must be one of {Spelling.All<DataClass>()}";
                    return null;
                }
                files.Add(new(kept.Value, file.GetProperty("size").GetInt64(), Convert.FromHexString(Text(file, "sha256")),
                    file.GetProperty("outer").GetBytesFromBase64(), file.GetProperty("inner").GetBytesFromBase64()));
            }
            return new(Text(root, "id"), kind.Value, Text(root, "tag"), root.GetProperty("epoch").GetInt64(), Text(root, "redactor"),
                Text(root, "manifest"), Text(root, "device"), files);
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            fault = "the header is not the JSON object that docs/formats/object-header.md describes";
            return null;
        }
    }

    private static string? FaultIn(ObjectHeader header)
    {
        if (!IsHex(header.ObjectId, 32)) return "id must be 32 lower-case hex digits";
        if (header.Kind != ObjectKind.Export && !IsHex(header.Tag, 32)) return "tag must be 32 lower-case hex digits";
        if (header.Tag.Length is 0 or > 64 || header.Device.Length is 0 or > 64) return "tag and device must have 1 to 64 characters";
        if (!header.Tag.All(IsIdLetter) || !header.Device.All(IsIdLetter)) return "tag and device are made of letters, digits, '-' and '_'";
        if (header.Manifest.Length > 0 && !IsHex(header.Manifest, 64)) return "manifest must be 64 lower-case hex digits or empty";
        if (header.Epoch < 0) return "epoch must not be negative";
        if (header.Redactor.Length > 64 || !header.Redactor.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-'))
            return "redactor must be at most 64 of a-z, 0-9, '.' and '-'";
        if (header.Files.Count is 0 or > 6 || header.Files.Select(file => file.Class).Distinct().Count() != header.Files.Count)
            return "files must name each class at most once, and at least one";
        return header.Files.Any(file => file.SizeBytes < 0 || file.Sha256.Length != 32) ? "size must not be negative and sha256 must have 64 hex digits" : null;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);

    private static bool IsIdLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';
}
