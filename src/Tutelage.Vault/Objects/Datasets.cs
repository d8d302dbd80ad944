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
            return Wire.Ok(new { datasets = (await server.DatasetsAsync(CancellationToken.None)).Select(Short) });
        });
    }

    private static Dictionary<string, JsonElement> Short(JsonElement record) =>
        Shown.Where(name => record.TryGetProperty(name, out _)).ToDictionary(name => name, record.GetProperty, StringComparer.Ordinal);
}
