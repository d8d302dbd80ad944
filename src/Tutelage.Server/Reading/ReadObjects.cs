using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Server.Requests;
using Tutelage.Server.Store;

namespace Tutelage.Server.Reading;

/// <summary>Hands out ciphertext and headers: to the vault, and an export to its holder.</summary>
internal static class ReadObjects
{
    private const int PageLength = 10_000;

    public static void MapReading(this WebApplication app)
    {
        app.MapGet("/v1/objects", List);
        app.MapGet("/v1/objects/{id}/header", Header);
        app.MapGet("/v1/objects/{id}/files/{name}", OneFile);
        app.MapGet("/v1/exports/{id}", Export);
    }

    private static IResult List(HttpRequest request, Callers callers, ObjectStore store, string? kind, string? tag, string? after)
    {
        if (callers.RefuseUnlessVault(request) is { } refusal) return refusal;
        if (kind is not null && !Spelling.TryRead<ObjectKind>(kind, out _)) return Refusal.BadRequest($"kind must be one of {Spelling.All<ObjectKind>()}");
        var rows = store.Index.List(kind, tag, after, PageLength);
        var objects = rows.Select(row => new ListedObject(row.ObjectId, row.Kind, row.Tag, row.Epoch, row.SizeBytes, row.Classes.Split(','))).ToList();
        return Results.Json(new ObjectList(objects, rows.Count == PageLength ? rows[^1].ObjectId : null), ServerJson.Default.ObjectList);
    }

    private static IResult Header(HttpRequest request, Callers callers, ObjectStore store, string id)
    {
        if (callers.RefuseUnlessVault(request) is { } refusal) return refusal;
        if (ObjectId.Read(id) is not { } known || store.Index.Find(known) is null) return Refusal.NoSuchObject();
        using var lines = new MemoryStream();
        foreach (var name in (string[])[StoreLayout.HeaderName, StoreLayout.SignatureName, StoreLayout.CertificateName])
        {
            lines.Write(File.ReadAllBytes(Path.Combine(store.Layout.Folder(known), name)));
            lines.WriteByte((byte)'\n');
        }
        return Results.Bytes(lines.ToArray(), "text/plain; charset=utf-8");
    }

    private static IResult OneFile(HttpContext context, Callers callers, ObjectStore store, string id, string name) =>
        callers.RefuseUnlessVault(context.Request) is { } refusal ? refusal
        : ObjectId.Read(id) is { } known && Spelling.TryRead<DataClass>(name, out var kept) ? Ciphertext(context, store, known, kept.Value)
        : Refusal.NoSuchObject();

    /// <summary>Whoever holds the key that the export's tag names; to everybody else it does not exist.</summary>
    private static IResult Export(HttpContext context, Callers callers, ObjectStore store, string id)
    {
        var (holder, refusal) = callers.Possessor(context.Request);
        if (holder is null) return refusal ?? Refusal.NoSuchObject();
        return ObjectId.Read(id) is { } known && store.Index.Find(known) is { } row && row.Kind == Spelling.Of(ObjectKind.Export) && row.Tag == holder.Id
            ? Ciphertext(context, store, known, DataClass.Derived)
            : Refusal.NoSuchObject();
    }

    private static IResult Ciphertext(HttpContext context, ObjectStore store, ObjectId id, DataClass kept)
    {
        if (store.Index.FindFile(id, kept) is not { } file) return Refusal.NoSuchObject();
        context.Response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(file.Sha256)}:";
        return Results.File(store.Layout.File(id, kept), "application/octet-stream");
    }
}

internal sealed record ListedObject(string ObjectId, string Kind, string Tag, long Epoch, long SizeBytes, IReadOnlyList<string> Classes);

internal sealed record ObjectList(IReadOnlyList<ListedObject> Objects, string? Next);
