using Microsoft.AspNetCore.Http.Features;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Server.Halting;
using Tutelage.Server.Requests;
using Tutelage.Server.Store;

namespace Tutelage.Server.Ingest;

/// <summary>Takes one sealed object: checks who says what, streams it to disk, makes it an object in one step (docs/formats/ingest.md).</summary>
internal sealed class PostObject(ObjectStore store, Trust trust, Callers callers, IngestGate gate, TimeProvider time)
{
    /// <summary>Uploads at once; each holds one buffer of 128 KiB and one connection. Only those count whose device and request were found right: strangers keep nobody out.</summary>
    private const int AtOnce = 32;

    /// <summary>What we read of a refused body so that the client comes to read why: a minute of frames, not more.</summary>
    private const long DrainBytes = 64L << 20;

    /// <summary>Left free for the index and everybody else.</summary>
    private const long ReserveBytes = 1L << 20;

    private readonly SemaphoreSlim _uploads = new(AtOnce);

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        var cancellation = context.RequestAborted;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null; // every read below is bounded
        using var body = new UploadBody(context.Request.Body, time, cancellation);
        try
        {
            var answer = await TakeAsync(context, body, cancellation);
            if (answer is Refusal) await body.DrainAsync(DrainBytes);
            return answer;
        }
        catch (BadHttpRequestException)
        {
            return Refusal.Truncated("the body ended before the connection said it would; nothing was stored");
        }
        catch (BodyStalledException)
        {
            context.Response.Headers.Connection = "close";
            return new Refusal(408, "too-slow", "nothing came for ten seconds within the body; nothing was stored; send the whole object again");
        }
    }

    private async Task<IResult> TakeAsync(HttpContext context, UploadBody body, CancellationToken cancellation)
    {
        var preamble = await UploadPreamble.ReadAsync(body);
        if (preamble is null) return Refusal.BadRequest("the body does not begin with the three lines header, signature, certificate");
        var (signed, refusal) = preamble.Check(trust);
        if (signed is null) return refusal ?? Refusal.BadHeader("the header does not hold");
        var (header, id, signer) = signed;
        var (signedDigest, unsigned) = callers.Refuse(context.Request, null, signer);
        if (signedDigest is null) return unsigned ?? Refusal.BadRequest("the request's signature names no body");

        if (store.Deleted.Has(header.Tag, id.Text)) return Refusal.Deleted(id.Text);
        if (!await _uploads.WaitAsync(0, cancellation)) return Refusal.Busy();
        try
        {
            switch (store.Holds(id, preamble.Header))
            {
                case true:
                    await body.DrainAsync(header.Files.Sum(file => file.SizeBytes) + 1); // its sender comes to read the answer; more than the object is nobody's upload
                    return Answer(id, stored: false);
                case false: return IdTaken(id);
                case null when gate.Refuse(header) is { } closed: return closed;
                case null: return await StoreAsync(id, header, preamble, body, signedDigest, cancellation);
            }
        }
        catch (Exception fault) when (DiskFull.Is(fault))
        {
            return Refusal.DiskFull();
        }
        finally
        {
            _uploads.Release();
        }
    }

    private async Task<IResult> StoreAsync(ObjectId id, ObjectHeader header, UploadPreamble preamble, UploadBody body, byte[] signedDigest, CancellationToken cancellation)
    {
        var sizeBytes = header.Files.Sum(file => file.SizeBytes);
        if (new DriveInfo(store.Layout.Root).AvailableFreeSpace < sizeBytes + ReserveBytes) return Refusal.DiskFull();
        using var incoming = IncomingObject.Begin(store.Layout);
        incoming.Write(StoreLayout.HeaderName, preamble.Header);
        incoming.Write(StoreLayout.SignatureName, preamble.Signature);
        incoming.Write(StoreLayout.CertificateName, preamble.Certificate);
        foreach (var file in header.Files)
        {
            var name = Spelling.Of(file.Class);
            switch (await incoming.WriteAsync(file, body, cancellation))
            {
                case FileOutcome.Truncated: return Refusal.Truncated($"object {id}: the body ended within its file {name}; send the whole object again");
                case FileOutcome.Altered: return new Refusal(422, "altered", $"object {id}: the bytes of its file {name} are not those of the signed header; seal it anew or send it again");
                case FileOutcome.Whole: break;
            }
        }
        if (!await body.DrainAsync(1)) return new Refusal(400, "too-long", $"object {id}: bytes follow its last file");
        if (!body.Digest().AsSpan().SequenceEqual(signedDigest)) return new Refusal(401, "bad-signature", $"object {id}: the body is not the one that the request's signature names");
        if (gate.Refuse(header) is { } halted) return halted;
        switch (store.Commit(incoming, id, header, preamble.Header))
        {
            case CommitOutcome.IdTaken: return IdTaken(id);
            case CommitOutcome.Deleted: return Refusal.Deleted(id.Text);
            case CommitOutcome.WasThere: return Answer(id, stored: false);
            case CommitOutcome.Stored: break;
        }
        return Answer(id, stored: true);
    }

    private static Refusal IdTaken(ObjectId id) => new(409, "id-taken", $"the id {id} names another object; seal with a new random id");

    private static IResult Answer(ObjectId id, bool stored) => Results.Json(new StoredAnswer(id.Text, stored), ServerJson.Default.StoredAnswer);
}

internal sealed record StoredAnswer(string ObjectId, bool Stored);

internal static class IngestRegistration
{
    public static IServiceCollection AddIngest(this IServiceCollection services) => services.AddSingleton<ProgrammeWatch>().AddHostedService(found => found.GetRequiredService<ProgrammeWatch>()).AddSingleton<IngestGate>().AddSingleton<PostObject>();

    public static void MapIngest(this WebApplication app) => app.MapPost("/v1/objects", (HttpContext context, PostObject slice) => slice.HandleAsync(context));
}
