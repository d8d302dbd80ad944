using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Tutelage.Vault.Deletions;

/// <summary>A data set that was built from what is deleted: the person's shards in it go dark.</summary>
/// <param name="Shards">Object ids of its shards, also those of other persons.</param>
internal sealed record ReachedDataset(string Dataset, string Built, IReadOnlyList<string> Shards);

/// <summary>An export in which what is deleted was opened for somebody: its plain files are outside the programme's control.</summary>
internal sealed record ReachedExport(string Object, string Dataset, string Holder, string Exported);

/// <summary>What was made of a person's recordings, as this vault's own entries tell it: no server is asked, so none can hide any.</summary>
internal sealed record DeletionReach(IReadOnlyList<ReachedDataset> Datasets, IReadOnlyList<ReachedExport> Exports)
{
    public bool HasShards => Datasets.Count > 0;

    public IEnumerable<string> Shards => Datasets.SelectMany(dataset => dataset.Shards).Distinct(StringComparer.Ordinal);

    /// <summary>Reads under the store's gate.</summary>
    /// <param name="objects">Segments that go; null for all of this person.</param>
    /// <remarks>A data set whose lineage this database does not keep (it came from a backup) counts as made from them: doubt closes.</remarks>
    public static DeletionReach Of(SqliteConnection database, string tag, IReadOnlyList<string>? objects, SqliteTransaction? transaction = null)
    {
        var named = objects?.ToHashSet(StringComparer.Ordinal);
        var datasets = new List<ReachedDataset>();
        var exports = new List<ReachedExport>();
        foreach (var (kind, body) in database.Query<(string, byte[])>(
            "SELECT e.kind, e.body FROM entry_about a JOIN entry e ON e.position = a.position WHERE a.tag = @tag AND e.kind IN ('built', 'exported') ORDER BY e.position", new { tag }, transaction))
        {
            using var document = JsonDocument.Parse(body);
            var entry = document.RootElement;
            var (dataset, day) = (Text(entry, "dataset"), Text(entry, "time")[..10]);
            if (kind == "exported") exports.Add(new ReachedExport(Text(entry, "object"), dataset, Text(entry, "holder"), day));
            else if (named is null || UsedBy(database, Text(entry, "grant"), tag, named, transaction))
                datasets.Add(new ReachedDataset(dataset, day, [.. entry.GetProperty("shards").EnumerateArray().Select(shard => Text(shard, "object"))]));
        }

        var reached = datasets.Select(dataset => dataset.Dataset).ToHashSet(StringComparer.Ordinal);
        return new DeletionReach(datasets, [.. exports.Where(export => named is null || reached.Contains(export.Dataset))]);
    }

    private static bool UsedBy(SqliteConnection database, string grant, string tag, HashSet<string> objects, SqliteTransaction? transaction)
    {
        if (database.QuerySingleOrDefault<string?>("SELECT result FROM grant_request WHERE id = @grant", new { grant }, transaction) is not { } result) return true;
        using var line = JsonDocument.Parse(result);
        if (!line.RootElement.TryGetProperty("result", out var told) || !told.TryGetProperty("dataset", out var dataset) || !dataset.TryGetProperty("lineage", out var lineage) || lineage.ValueKind != JsonValueKind.Array) return true;
        return lineage.EnumerateArray().Any(made => Text(made, "tag") == tag && objects.Contains(Text(made, "object")));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
