using System.Text.Json;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Server.Requests;
using Tutelage.Server.Store;

namespace Tutelage.Server.Datasets;

/// <summary>What is known of data sets outside the seal (docs/formats/data-set-store.md): put by the vault, read by the vault.</summary>
internal static class DatasetRecords
{
    private static readonly byte[] SignedPrefix = "tutelage-dataset/v1\n"u8.ToArray();
    private const int RecordBytes = 4 << 20;

    public static void MapDatasets(this WebApplication app)
    {
        app.MapPut("/v1/datasets/{id}", PutAsync);
        app.MapGet("/v1/datasets", ListAsync);
        app.MapGet("/v1/datasets/{id}", Get);
    }

    private static async Task<IResult> PutAsync(HttpContext context, Callers callers, ObjectStore store, Trust trust, ILogger<ObjectStore> log, string id)
    {
        using var body = new UploadBodyBuffer(RecordBytes);
        if (await body.ReadAsync(context.Request.Body, context.RequestAborted) is not { } bytes) return new Refusal(413, "too-large", $"a record is over {RecordBytes} bytes");
        if (callers.RefuseUnlessVault(context.Request, System.Security.Cryptography.SHA256.HashData(bytes)) is { } refusal) return refusal;
        if (DatasetId.Read(id) is not { } known) return Refusal.BadRequest("a data set's id is 64 lower-case hex digits");
        if (Fault(bytes, known, store, trust) is { } fault) return Refusal.BadRequest(fault);
        var stored = Write(store.Layout, known, bytes);
        if (stored) log.Recorded(known.Text);
        return Results.Json(new DatasetAnswer(known.Text, stored), ServerJson.Default.DatasetAnswer);
    }

    private static IResult Get(HttpRequest request, Callers callers, ObjectStore store, string id)
    {
        if (callers.RefuseUnlessVault(request) is { } refusal) return refusal;
        return DatasetId.Read(id) is { } known && File.Exists(store.Layout.Dataset(known))
            ? Results.File(store.Layout.Dataset(known), "application/json")
            : new Refusal(404, "no-such-dataset", "there is no data set of this id");
    }

    private static async Task ListAsync(HttpContext context, Callers callers, ObjectStore store)
    {
        if (callers.RefuseUnlessVault(context.Request) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }
        context.Response.ContentType = "application/json";
        var body = context.Response.Body;
        await body.WriteAsync("{\"datasets\":["u8.ToArray(), context.RequestAborted);
        var first = true;
        foreach (var path in Directory.EnumerateFiles(store.Layout.Datasets, "*.json").Order(StringComparer.Ordinal))
        {
            if (!first) await body.WriteAsync(","u8.ToArray(), context.RequestAborted);
            first = false;
            await body.WriteAsync(await File.ReadAllBytesAsync(path, context.RequestAborted), context.RequestAborted);
        }
        await body.WriteAsync("]}"u8.ToArray(), context.RequestAborted);
    }

    private static string? Fault(byte[] bytes, DatasetId id, ObjectStore store, Trust trust)
    {
        try
        {
            var record = JsonSerializer.Deserialize(bytes, ServerJson.Default.DatasetRecord);
            if (record is not { Payload: { } signed, Signature: { Length: 64 } signature } || !trust.Vault.Verify([.. SignedPrefix, .. signed], signature))
                return "the record is not signed by this server's vault";
            var payload = JsonSerializer.Deserialize(signed, ServerJson.Default.DatasetPayload);
            if (payload?.Version != 1) return $"the record is of version {payload?.Version}; this server knows 1";
            if (payload.Dataset != id.Text) return "the record is of another data set than its address";
            if (payload.Shards is not { Count: > 0 } shards) return "the record names no shards";
            foreach (var shard in shards)
            {
                if (ObjectId.Read(shard?.Object) is not { } known || store.Index.Find(known) is not { } row || row.Kind != Spelling.Of(ObjectKind.Shard) || row.Tag != shard?.Tag)
                    return $"shard {ObjectId.Read(shard?.Object)?.Text ?? "without an id"} is not stored under this tag; store every shard first";
            }
            return null;
        }
        catch (JsonException)
        {
            return "the record is not the JSON of docs/formats/data-set-store.md";
        }
    }

    /// <returns>False if there was one: the first record stays.</returns>
    private static bool Write(StoreLayout layout, DatasetId id, byte[] bytes)
    {
        var path = layout.Dataset(id);
        var part = Path.Combine(layout.Datasets, Guid.NewGuid().ToString("N") + ".part");
        try
        {
            using (var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.SetLastWriteTimeUtc(part, DateTime.UnixEpoch);
            // If we crash here, the part is removed at the next start and the vault puts the record again.
            if (File.Exists(path)) return false;
            File.Move(part, path, overwrite: false);
            DurableFolder.Synchronise(layout.Datasets);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false; // another request with the same id came first
        }
        finally
        {
            File.Delete(part);
        }
    }
}

internal sealed record DatasetAnswer(string Dataset, bool Stored);

/// <summary>A record as it travels and lies on disk: the payload's exact bytes and the vault's signature over them.</summary>
internal sealed record DatasetRecord(byte[]? Payload, byte[]? Signature);

/// <summary>The members of a record's payload that the server itself looks at.</summary>
internal sealed record DatasetPayload(int Version, string? Dataset, IReadOnlyList<DatasetShard?>? Shards);

internal sealed record DatasetShard(string? Object, string? Tag);
