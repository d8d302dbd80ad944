using System.Text;
using System.Text.Json.Nodes;
using Tutelage.Cli.Demo.Reporting;
using Tutelage.Ledger;

namespace Tutelage.Cli.Tests.Reporting;

/// <summary>A real log with real commitments, a real cosignature and real proofs, of entries as the vault writes them.</summary>
internal static class SampleLog
{
    private const string Origin = "sample.invalid/log";
    private static readonly DateTimeOffset Noon = new(2030, 5, 6, 12, 0, 0, TimeSpan.Zero);

    public static ReportLedger Of(IReadOnlyList<string> tags, Func<string, string>? alterBody = null)
    {
        var folder = Directory.CreateTempSubdirectory("tutelage-report-").FullName;
        try
        {
            using var signer = LogSigner.Generate(Origin);
            using var auditor = Cosigner.Generate("sample.invalid/auditor");
            using var log = TileLog.Open(folder, Origin, signer);
            var entries = Write(log, tags);
            var policy = new LogPolicy(signer.VerifierKey, [auditor.VerifierKey], 1);
            var opened = policy.Open(log.Checkpoint, out _)!;
            var note = opened.Note.With(auditor.Cosign(opened.Checkpoint.Text, Noon));
            log.AttachCosignatures(policy.Open(note.ToBytes(), out _)!);
            return new(
                Origin, log.Size, log.Size, Encoding.UTF8.GetString(log.Checkpoint), opened.Checkpoint.Root.ToString(),
                entries.Select((_, index) => Convert.ToHexStringLower(log.ReadEntry(index).Span)).ToList(),
                entries.Select((entry, index) => new ReportEntry(
                    index, entry.Kind, alterBody?.Invoke(entry.Body) ?? entry.Body, Convert.ToBase64String(entry.Salt),
                    new TlogProof(index, log.ProveInclusion(index, log.Size), log.Checkpoint).Text)).ToList());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<(string Kind, string Body, byte[] Salt)> Write(TileLog log, IReadOnlyList<string> tags)
    {
        var entries = new List<(string Kind, string Body, byte[] Salt)>();
        var heads = tags.ToDictionary(tag => tag, _ => (Sequence: 0, Leaf: new string('0', 64)));
        Add("programme", [], ("vault_key", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"), ("log", Origin));
        Add("enrolled", [], ("role", "steward"), ("key", "Vj9mJQ2qzC4t0Wb7XyLrDA"));
        Add("enrolled", [], ("role", "steward"), ("key", "p0Qe3nUuT1aYk8sZbGdWxw"));
        Add("enrolled", [], ("role", "researcher"), ("key", "aB5kVd9sLw2yTqXeR7uHcg"));
        foreach (var tag in tags) Add("enrolled", [tag], ("role", "participant"), ("receipt", "{\"manifest\":\"practice site only — 日本\"}"));
        foreach (var grant in new[] { "dataset-build", "dataset-export" })
        {
            Add("requested", tags, ("grant", grant), ("effect_sha256", new string('a', 64)));
            Add("approved", tags, ("grant", grant), ("approver", "Vj9mJQ2qzC4t0Wb7XyLrDA"));
            Add("approved", tags, ("grant", grant), ("approver", "p0Qe3nUuT1aYk8sZbGdWxw"));
            Add("release", tags, ("grant", grant), ("purpose", "train"), ("classes", "input,elements,frames"));
            Add(grant == "dataset-build" ? "built" : "exported", tags, ("grant", grant), ("dataset", "ds-5f0e"));
        }
        return entries;

        void Add(string kind, IReadOnlyList<string> about, params (string Name, string Value)[] members)
        {
            var body = new JsonObject
            {
                ["tutelage-entry"] = 1, ["kind"] = kind, ["time"] = $"2030-05-06T12:00:{entries.Count:00}Z",
                ["about"] = new JsonArray(about.Select(tag => (JsonNode)new JsonObject { ["tag"] = tag, ["sequence"] = heads[tag].Sequence + 1, ["previous"] = heads[tag].Leaf }).ToArray()),
            };
            foreach (var (name, value) in members) body[name] = value;
            var text = body.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            var salt = Enumerable.Range(0, EntryCommitment.SaltSizeBytes).Select(at => (byte)(7 * at + entries.Count)).ToArray();
            var leaf = EntryCommitment.Of(salt, Encoding.UTF8.GetBytes(text));
            log.Append([leaf]);
            foreach (var tag in about) heads[tag] = (heads[tag].Sequence + 1, Convert.ToHexStringLower(leaf));
            entries.Add((kind, text, salt));
        }
    }
}
