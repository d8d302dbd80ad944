using System.Buffers;
using System.Text.Json;

namespace Tutelage.Rules.Capture;

/// <summary>The bytes that a steward signs and a receipt names: JSON without white space, keys in the order written here.</summary>
/// <remarks>Normative: docs/formats/manifest.md. The same manifest always has the same bytes, whatever its YAML looked like.</remarks>
public static class ManifestBytes
{
    public static byte[] Encode(CaptureManifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, CanonicalJson.Options))
        {
            json.WriteStartObject();
            json.WriteNumber("tutelage-manifest", 1);
            json.WriteString("programme", manifest.Programme);
            json.WriteNumber("version", manifest.Version);
            json.WriteNumber("timing-quantum-ms", manifest.QuantumMs);
            json.WriteNumber("hold-minutes", manifest.HoldMinutes);
            json.WriteNumber("offline-minutes", manifest.OfflineMinutes);
            json.WriteNumber("frames-per-second", manifest.FramesPerSecond);
            if (manifest.Quotas.Count > 0) WriteQuotas(json, manifest.Quotas);
            json.WriteStartArray("capture");
            foreach (var rule in manifest.Rules) Write(json, rule);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads signed bytes; JSON is YAML, so the same reader finds the same faults. Bytes that are not the canonical ones are a fault.</summary>
    public static ManifestReading Decode(ReadOnlySpan<byte> bytes)
    {
        var reading = ManifestText.Read(System.Text.Encoding.UTF8.GetString(bytes));
        return reading.Manifest is { } manifest && !Encode(manifest).AsSpan().SequenceEqual(bytes)
            ? new(null, [new(0, "these are not the canonical bytes of the manifest that they describe")])
            : reading;
    }

    private static void WriteQuotas(Utf8JsonWriter json, IReadOnlyList<SkillQuota> quotas)
    {
        json.WriteStartArray("quotas");
        foreach (var quota in quotas)
        {
            json.WriteStartObject();
            json.WriteString("skill", quota.Skill);
            json.WriteNumber("minutes", quota.Minutes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ManifestRule rule)
    {
        json.WriteStartObject();
        json.WriteString("app", rule.App);
        if (rule.Site is { } site) json.WriteString("site", site.ToString());
        if (rule.Title is { } title) json.WriteString("title-suffix", title);
        if (rule.Account is { } account)
        {
            json.WriteStartObject("account");
            json.WriteString("role", account.Role);
            json.WriteString("name", account.Pattern);
            json.WriteEndObject();
        }
        if (rule.Skill is { } skill) json.WriteString("skill", skill);
        json.WriteStartArray("classes");
        foreach (var kept in rule.Classes.Order()) json.WriteStringValue(Spelling.Of(kept));
        json.WriteEndArray();
        json.WriteStartArray("fields");
        foreach (var field in rule.Fields)
        {
            json.WriteStartObject();
            json.WriteString("role", field.Role);
            json.WriteString("name", field.Name);
            json.WriteString("text", Spelling.Of(field.Text));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
