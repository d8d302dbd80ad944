using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Server.Datasets;
using Tutelage.Server.Requests;
using Tutelage.Server.Store;

namespace Tutelage.Server.Deletions;

/// <summary>Body of <c>POST /v1/deletions</c>.</summary>
/// <param name="Objects">Segments and shards of this tag; null for all, also what is yet to come.</param>
/// <param name="Exports">Sealed exports that hold some of it; their tag is their holder's.</param>
internal sealed record DeletionRequest(string? Tag, IReadOnlyList<string>? Objects, IReadOnlyList<string>? Exports);

internal sealed record DeletionAnswer(long Removed);

/// <summary><c>POST /v1/deletions</c>, from the vault: removes a person's objects, or those named, and refuses them from then on. May be said again until it is answered.</summary>
internal static class DeleteObjects
{
    /// <summary>Some hundred thousand ids: shards of years and a thousand segments.</summary>
    private const int BodyBytes = 16 << 20;

    public static void MapDeletions(this WebApplication app) => app.MapPost("/v1/deletions", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, Callers callers, ObjectStore store, ILogger<ObjectStore> log)
    {
        using var body = new UploadBodyBuffer(BodyBytes);
        if (await body.ReadAsync(context.Request.Body, context.RequestAborted) is not { } bytes) return new Refusal(413, "too-large", $"a deletion is over {BodyBytes} bytes");
        if (callers.RefuseUnlessVault(context.Request, SHA256.HashData(bytes)) is { } refusal) return refusal;
        if (Read(bytes) is not { } request) return Refusal.BadRequest("the body is not {tag, objects?, exports?} with tag and ids of 32 lower-case hex digits");
        var removed = store.Delete(request.Tag!, request.Objects, request.Exports ?? []); // Read has seen the tag
        log.Deleted(removed);
        return Results.Json(new DeletionAnswer(removed), ServerJson.Default.DeletionAnswer);
    }

    private static DeletionRequest? Read(byte[] bytes)
    {
        try
        {
            var request = JsonSerializer.Deserialize(bytes, ServerJson.Default.DeletionRequest);
            // A tag is made like an object's id.
            return request is not null && ObjectId.Read(request.Tag) is not null && (request.Objects ?? []).Concat(request.Exports ?? []).All(id => ObjectId.Read(id) is not null) ? request : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
