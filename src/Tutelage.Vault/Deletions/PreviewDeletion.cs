using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Objects;
using Tutelage.Vault.People;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Deletions;

/// <summary>Body of <c>POST /v1/deletions/previews</c>.</summary>
/// <param name="Objects">Segments; null for everything.</param>
internal sealed record PreviewRequest(IReadOnlyList<string>? Objects);

/// <summary>What would go. Nothing is changed or told by asking.</summary>
/// <param name="Segments">Of those asked about, how many the server has; null if it does not answer.</param>
/// <param name="Datasets">Data sets in which the person's shards go dark.</param>
/// <param name="Exports">Plain copies that somebody else has: nobody can call them back.</param>
/// <param name="Models">Always empty: models are not built yet.</param>
/// <param name="Grants">Open grants that name the person; they are denied if everything goes, and a job that runs under one is ended.</param>
internal sealed record DeletionPreview(
    string Tag, bool Deleted, int? Segments, IReadOnlyList<PreviewedDataset> Datasets, IReadOnlyList<ReachedExport> Exports, IReadOnlyList<string> Models, IReadOnlyList<PreviewedGrant> Grants);

/// <inheritdoc cref="DeletionPreview"/>
internal sealed record PreviewedDataset(string Dataset, string Built);

/// <inheritdoc cref="DeletionPreview"/>
internal sealed record PreviewedGrant(string Grant, string State);

/// <summary><c>POST /v1/deletions/previews</c>: what a deletion would reach, told to its person before they sign it.</summary>
internal sealed class PreviewDeletion(DeletionBook book, GrantBook grants, ObjectServer server, Registry registry)
{
    /// <summary>A range may be several deletions; each is previewed with the others.</summary>
    private const int MaxBodyBytes = 4 << 20;

    public static void Map(WebApplication app) => app.MapSigned("POST", "/v1/deletions/previews", MaxBodyBytes, app.Services.GetRequiredService<PreviewDeletion>().HandleAsync);

    private async Task<IResult> HandleAsync(SignedCall call)
    {
        if (registry.Find(call.Key.Id) is not { Role: Role.Participant, Tag: { } tag }) return Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "only participants delete, and only what is theirs; ask with the participant's key");
        if (call.Read<PreviewRequest>() is not { } request || request.Objects?.Any(id => id is null) == true) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", "the body is not {objects?: [id]}");
        var reach = book.ReachOf(tag, request.Objects);
        var open = grants.All().Where(grant => grant.State is GrantState.Requested or GrantState.Approved or GrantState.Running && grant.Request.Tags.Contains(tag, StringComparer.Ordinal));
        return Wire.Ok(new DeletionPreview(
            tag, registry.DeletedAmong([tag]) is not null, await StoredAsync(tag, request.Objects, call.Aborted),
            [.. reach.Datasets.Select(dataset => new PreviewedDataset(dataset.Dataset, dataset.Built)).DistinctBy(dataset => dataset.Dataset)], reach.Exports, [], [.. open.Select(grant => new PreviewedGrant(grant.Id, grant.State))]));
    }

    private async Task<int?> StoredAsync(string tag, IReadOnlyList<string>? objects, CancellationToken cancellation)
    {
        try
        {
            var stored = await server.ListAsync(ObjectKind.Segment, tag, cancellation);
            return objects is null ? stored.Count : stored.Intersect(objects, StringComparer.Ordinal).Count();
        }
        catch (RunRefusedException)
        {
            return null;
        }
    }
}

internal static class DeletionRoutes
{
    public static void MapDeletions(this WebApplication app)
    {
        PostDeletion.Map(app);
        PreviewDeletion.Map(app);
    }

    public static void AddDeletions(this IServiceCollection services, DeletionBook book)
    {
        services.AddSingleton(book);
        services.AddSingleton<RunningGrants>();
        services.AddSingleton<DeletionSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<DeletionSweep>());
        services.AddSingleton<PostDeletion>();
        services.AddSingleton<PreviewDeletion>();
    }
}
