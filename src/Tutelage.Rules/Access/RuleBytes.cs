using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Tutelage.Rules.Access;

/// <summary>The bytes that approvals and digests cover: JSON without white space, keys in the order written here (docs/formats/rules.md).</summary>
public static class RuleBytes
{
    public static byte[] Encode(RuleSet rules)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, CanonicalJson.Options))
        {
            json.WriteStartObject();
            json.WriteNumber("tutelage-rules", 1);
            json.WriteString("programme", rules.Programme);
            json.WriteNumber("version", rules.Version);
            json.WriteStartArray("people");
            foreach (var person in rules.People)
            {
                json.WriteStartObject();
                json.WriteString("name", person.Name);
                json.WriteString("key", person.KeyId);
                json.WriteString("role", Spelling.Of(person.Role));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("groups");
            foreach (var group in rules.Groups)
            {
                json.WriteStartObject();
                json.WriteString("name", group.Name);
                Write(json, "people", group.Members);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("ceiling");
            foreach (var kept in Enum.GetValues<DataClass>()) json.WriteNumber(Spelling.Of(kept), rules.Ceilings[kept]);
            json.WriteEndObject();
            json.WriteStartArray("rules");
            foreach (var sentence in rules.Sentences)
            {
                json.WriteStartObject();
                Write(json, Spelling.Of(sentence.Kind), sentence.Audience);
                Write(json, "to", sentence.Purposes.Select(Spelling.Of));
                Write(json, "from", sentence.Classes.Select(Spelling.Of));
                json.WriteString(sentence.Kind == SentenceKind.Allow ? "up-to" : "at-least", Spelling.Of(sentence.Bound));
                Write(json, "while", sentence.States.Select(Spelling.Of));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads approved bytes; JSON is YAML, so the same reader finds the same faults. Bytes that are not the canonical ones are a fault.</summary>
    public static RuleReading Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > RuleText.LongestText) return new(null, [new(0, $"the rules have {bytes.Length} bytes; at most {RuleText.LongestText} are read", "These are no approved rules.")]);
        var reading = RuleText.Read(Encoding.UTF8.GetString(bytes), hasLines: false);
        return reading.Rules is { } rules && !Encode(rules).AsSpan().SequenceEqual(bytes)
            ? new(null, [new(0, "these are not the canonical bytes of the rules that they describe", "`tutelage rules check` reads YAML; approved rules are taken as they were approved.")])
            : reading;
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }
}
