using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Vault.Grants;
using Tutelage.Vault.People;

namespace Tutelage.Vault.Objects;

/// <summary><c>GET /v1/datasets</c>: which data sets there are, in counts, for those who may ask for grants on them or decide about these.</summary>
internal static class Datasets
{
    /// <summary>Of a record, what is shown. Lineage and card stay with the record.</summary>
    private static readonly string[] Shown = ["dataset", "grant", "purpose", "created", "trajectories", "actions", "frames", "gaps", "shards"];

    public static void MapDatasets(this WebApplication app)
    {
        var (registry, server) = (app.Services.GetRequiredService<Registry>(), app.Services.GetRequiredService<ObjectServer>());
        app.MapSigned("GET", "/v1/datasets", 0, async call =>
        {
            if (registry.Find(call.Key.Id) is not { } person) return GrantRoutes.NobodyKnown();
            if (person.Role is Role.Participant or Role.Representative or Role.Operator) return Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "data sets are listed for researchers, stewards and auditors");
            return Wire.Ok(new { datasets = (await server.DatasetsAsync(CancellationToken.None)).Select(record => Short(record, registry)) });
        });
    }

    /// <summary>Those members, and how many persons have deleted what the set was made of: their shards are dark, and <c>stale</c> says so.</summary>
    private static Dictionary<string, object> Short(JsonElement record, Registry registry)
    {
        var shown = Shown.Where(name => record.TryGetProperty(name, out _)).ToDictionary(name => name, name => (object)record.GetProperty(name), StringComparer.Ordinal);
        var made = record.TryGetProperty("lineage", out var lineage) && lineage.ValueKind == JsonValueKind.Array
            ? lineage.EnumerateArray().Select(from => (Tag: from.GetProperty("tag").GetString() ?? "", Object: from.GetProperty("object").GetString() ?? "")).ToList()
            : [];
        var gone = registry.PersonsGoneFrom(made);
        shown.Add("stale", gone > 0);
        shown.Add("persons_gone", gone);
        return shown;
    }
}
