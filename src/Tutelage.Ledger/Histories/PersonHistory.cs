using System.Buffers;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tutelage.Ledger;

/// <param name="Index">Where it stands in the log; a claim, except for the newest, whose inclusion is proven.</param>
/// <param name="Body">Exact text; its UTF-8 bytes are what the commitment covers.</param>
public sealed record HistoryEntry(long Index, string Body, byte[] Salt);

/// <summary>An hourly root, and one person's place under it.</summary>
/// <param name="Body">The entry of kind <c>heads</c>.</param>
/// <param name="Proof">That entry in the log.</param>
/// <param name="Position">The person's place among all persons, sorted by tag.</param>
public sealed record HeadsMembership(string Body, byte[] Salt, TlogProof Proof, long Position, IReadOnlyList<MerkleHash> Hashes);

/// <summary>Every entry about one person, in order, with what is needed to check offline that there are no others. One file: gzip of JSON (docs/formats/entries.md).</summary>
/// <param name="Heads">Null if no hourly root covers the person yet: then nothing says that these are all.</param>
/// <param name="Newest">The last entry in the log. The ones before it follow: each body names the commitment of the one before.</param>
public sealed record PersonHistory(string Tag, IReadOnlyList<HistoryEntry> Entries, HeadsMembership? Heads, TlogProof Newest)
{
    public const string FileExtension = ".tutelage-history";
    public const string MediaType = "application/vnd.tutelage.history";

    /// <summary>Unpacked; about 50,000 entries.</summary>
    public const int MaxSizeBytes = 32 << 20;

    public byte[] ToBytes()
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("tutelage-history", 1);
            json.WriteString("tag", Tag);
            json.WriteStartArray("entries");
            foreach (var entry in Entries)
            {
                json.WriteStartObject();
                json.WriteNumber("index", entry.Index);
                json.WriteString("body", entry.Body);
                json.WriteBase64String("salt", entry.Salt);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (Heads is { } heads)
            {
                json.WriteStartObject("heads");
                json.WriteString("body", heads.Body);
                json.WriteBase64String("salt", heads.Salt);
                json.WriteString("proof", heads.Proof.Text);
                json.WriteNumber("position", heads.Position);
                json.WriteStartArray("hashes");
                foreach (var hash in heads.Hashes) json.WriteStringValue(hash.ToString());
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteString("newest", Newest.Text);
            json.WriteEndObject();
        }

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize)) gzip.Write(text.WrittenSpan);
        return packed.ToArray();
    }

    /// <summary>Reads a history file, or null if the bytes are none. Reading proves nothing: <see cref="Verify"/> does.</summary>
    public static PersonHistory? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (Unpack(bytes) is not { } text) return null;
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.GetProperty("tutelage-history").GetInt32() != 1) return null;
            var entries = root.GetProperty("entries").EnumerateArray().Select(e => new HistoryEntry(e.GetProperty("index").GetInt64(), Text(e, "body"), e.GetProperty("salt").GetBytesFromBase64())).ToList();
            var heads = root.TryGetProperty("heads", out var h)
                ? new HeadsMembership(Text(h, "body"), h.GetProperty("salt").GetBytesFromBase64(), Proof(h, "proof"), h.GetProperty("position").GetInt64(), [.. h.GetProperty("hashes").EnumerateArray().Select(Hash)])
                : null;
            return new PersonHistory(Text(root, "tag"), entries, heads, Proof(root, "newest"));
        }
        catch (Exception broken) when (broken is JsonException or InvalidDataException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Checks everything with public keys alone.</summary>
    public HistoryVerdict Verify(LogPolicy policy) => HistoryCheck.Run(this, policy);

    private static ReadOnlyMemory<byte>? Unpack(ReadOnlySpan<byte> bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = gzip.Read(buffer)) > 0;)
        {
            if (text.Length + read > MaxSizeBytes) return null;
            text.Write(buffer, 0, read);
        }

        return text.GetBuffer().AsMemory(0, (int)text.Length);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");

    private static TlogProof Proof(JsonElement element, string name) => TlogProof.Parse(Text(element, name)) ?? throw new FormatException($"'{name}' is no proof");

    private static MerkleHash Hash(JsonElement element) => MerkleHash.TryParse(element.GetString(), out var hash) ? hash : throw new FormatException("no tree hash");
}
