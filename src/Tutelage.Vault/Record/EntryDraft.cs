using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tutelage.Vault.Record;

/// <summary>An entry about to be written: its kind, the persons it is about, and the members of its kind (docs/formats/entries.md).</summary>
/// <param name="About">Tags; none for entries about the programme.</param>
internal sealed record EntryDraft(string Kind, IReadOnlyList<string> About, Action<Utf8JsonWriter> Members)
{
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly JsonWriterOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="chain">Sequence number and previous commitment of each person that the entry is about.</param>
    public byte[] Body(DateTimeOffset time, IEnumerable<(string Tag, long Sequence, string Previous)> chain)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Canonical))
        {
            json.WriteStartObject();
            json.WriteNumber("tutelage-entry", 1);
            json.WriteString("kind", Kind);
            json.WriteString("time", time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteStartArray("about");
            foreach (var (tag, sequence, previous) in chain)
            {
                json.WriteStartObject();
                json.WriteString("tag", tag);
                json.WriteNumber("sequence", sequence);
                json.WriteString("previous", previous);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
