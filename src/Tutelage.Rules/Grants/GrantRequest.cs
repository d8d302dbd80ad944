using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Tutelage.Rules.Grants;

/// <summary>What somebody asks to have opened. Everything that matters is named; there is no way to write "all".</summary>
/// <param name="Tags">The persons whose recordings or shards it reaches, each 32 hex digits, at least one.</param>
/// <param name="DataSet">For exports: the data set's id.</param>
/// <param name="Holder">For exports: who will hold the plain files, in words.</param>
/// <param name="HolderRecipient">For exports: the age recipient that the export is sealed to.</param>
/// <param name="Minutes">How long keys may be released under it, 1 to 1440.</param>
public sealed record GrantRequest(
    Purpose Purpose, IReadOnlyList<DataClass> Classes, IReadOnlyList<string> Tags, JobKind Job, string? DataSet, string? Holder, string? HolderRecipient, int Minutes)
{
    /// <summary>For exports: what the files are written as; null for builds.</summary>
    public ExportFormat? Format { get; init; }

    /// <summary>How many file keys may be released under it altogether, 1 to <see cref="GrantRules.MostKeys"/>. A key that is released again counts again.</summary>
    public int Keys { get; init; } = GrantRules.KeysUnlessSaid;

    /// <summary>The exact effect in words, which approvers see and sign.</summary>
    public string Effect(string grantId, string requester)
    {
        var what = Job == JobKind.DatasetExport
            ? $"write data set {DataSet} as plain files ({(Format is { } format ? Spelling.Of(format) : "no format")}) for {Holder} (key {HolderRecipient}), outside our control from then on"
            : "build a sealed data set";
        return $"Grant {grantId}: {requester} may, for {Minutes} minutes, with at most {Keys} file keys and only to {Spelling.Of(Purpose)}, open {string.Join(", ", Classes.Order().Select(Spelling.Of))} of "
            + $"{Tags.Count} {(Tags.Count == 1 ? "person" : "persons")} ({string.Join(", ", Tags.Order(StringComparer.Ordinal))}) to {what}.";
    }

    /// <summary>SHA-256 over the request, its id and its requester in canonical form: what an approval names.</summary>
    public byte[] EffectDigest(string grantId, string requester)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, CanonicalJson.Options))
        {
            json.WriteStartObject();
            json.WriteNumber("tutelage-grant", 1);
            json.WriteString("grant", grantId);
            json.WriteString("requester", requester);
            json.WriteString("purpose", Spelling.Of(Purpose));
            json.WriteString("job", Spelling.Of(Job));
            json.WriteStartArray("classes");
            foreach (var kept in Classes.Order()) json.WriteStringValue(Spelling.Of(kept));
            json.WriteEndArray();
            json.WriteStartArray("tags");
            foreach (var tag in Tags.Order(StringComparer.Ordinal)) json.WriteStringValue(tag);
            json.WriteEndArray();
            json.WriteString("data-set", DataSet);
            json.WriteString("holder", Holder);
            json.WriteString("holder-recipient", HolderRecipient);
            json.WriteString("format", Format is { } format ? Spelling.Of(format) : null);
            json.WriteNumber("minutes", Minutes);
            json.WriteNumber("keys", Keys);
            json.WriteEndObject();
        }
        return SHA256.HashData(buffer.WrittenSpan);
    }
}
