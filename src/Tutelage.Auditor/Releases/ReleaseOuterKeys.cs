using Tutelage.Auditor.Keys;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Auditor.Releases;

/// <summary>Body of <c>POST /v1/releases</c>.</summary>
internal sealed record ReleaseRequest(long EntryIndex, IReadOnlyList<ReleasedObjectRequest>? Objects, string? JobRecipient);

/// <summary><c>POST /v1/releases</c>: outer file keys, sealed to a job, if an entry that this auditor has read and cosigned authorises exactly this.</summary>
/// <remarks>This is one of the two locks on every recording. It believes nothing that the vault says here: only the entry, read before, and the headers' own signatures.</remarks>
internal static class ReleaseOuterKeys
{
    private const int MaxBodyBytes = 96 << 20;

    /// <summary>Objects of one release: as many as one work order holds (docs/formats/job-pipe.md).</summary>
    private const int MaxObjects = 20_000;

    public static void MapReleaseOuterKeys(this WebApplication app)
    {
        var (log, keys) = (app.Services.GetRequiredService<AuditedLog>(), app.Services.GetRequiredService<AuditorKeys>());
        var (trust, time) = (app.Services.GetRequiredService<TrustFile>(), app.Services.GetRequiredService<TimeProvider>());
        app.MapSigned("POST", "/v1/releases", MaxBodyBytes, call =>
        {
            if (call.Read<ReleaseRequest>() is not { Objects.Count: > 0 and <= MaxObjects, JobRecipient: not null } request)
                return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", "the body is not {entry_index, objects, job_recipient}");
            if (log.AuthorisedRelease(request.EntryIndex) is not { } release)
                return Wire.Refuse(StatusCodes.Status403Forbidden, "not-audited", $"entry {request.EntryIndex} is no release entry that this auditor has read and cosigned");

            var objects = new List<ReleasedObject>(request.Objects.Count);
            foreach (var asked in request.Objects)
            {
                if (ReleasedObject.Check(asked, trust.VaultKey, log.IsDeviceOf, out var fault) is not { } signed)
                    return Wire.Refuse(StatusCodes.Status403Forbidden, "bad-object", fault);
                objects.Add(signed);
            }

            if (Refusal(release, objects, request.JobRecipient, time.GetUtcNow()) is { } refusal) return refusal;
            if (!log.UseOnce(release)) return Wire.Refuse(StatusCodes.Status409Conflict, "nonce-used", $"the release of entry {release.Index} was used; append a new one");
            return SealKeys(release, objects, keys);
        });
    }

    private static IResult? Refusal(KnownRelease release, List<ReleasedObject> objects, string recipient, DateTimeOffset now)
    {
        var grant = release.Grant;
        if (recipient != release.Recipient) return Forbid("wrong-recipient", "the entry names another job");
        if (now > release.ExpiresAt) return Forbid("expired", $"the release ended at {release.ExpiresAt:O}; append a new one");
        if (grant.Denied || !grant.Decide().Allowed) return Forbid("rules", $"grant {grant.Id} is not allowed any more");
        if (objects.Select(o => o.Header.ObjectId).Distinct(StringComparer.Ordinal).Count() != objects.Count) return Forbid("bad-object", "an object is named twice");
        if (objects.Find(o => !grant.Request.Tags.Contains(o.Header.Tag, StringComparer.Ordinal)) is { } foreign)
            return Forbid("wrong-person", $"object {foreign.Header.ObjectId} belongs to nobody that grant {grant.Id} names");
        if (objects.Find(o => o.Classes.Except(release.Classes).Any()) is { } wide) return Forbid("wrong-class", $"object {wide.Header.ObjectId}: a class was not granted");
        if (objects.Find(o => o.Header.Kind == ObjectKind.Export) is { } export) return Forbid("bad-object", $"object {export.Header.ObjectId} is an export; nobody opens those here");
        return objects.Count == release.Objects && ReleasedObject.Root(objects).ToString() == release.ObjectsRoot
            ? null
            : Forbid("wrong-objects", "these are not exactly the objects and classes that the entry commits to");

        static IResult Forbid(string error, string message) => Wire.Refuse(StatusCodes.Status403Forbidden, error, message);
    }

    private static IResult SealKeys(KnownRelease release, List<ReleasedObject> objects, AuditorKeys keys)
    {
        var failing = "";
        try
        {
            var bundle = SealedKeys.Seal(release.Grant.Id, "outer", objects, (released, name) =>
            {
                failing = $"object {released.Header.ObjectId}, {name}";
                var file = released.Header.Files.First(f => f.Class == name);
                return keys.Unwrap(file.OuterHeader.Span) ?? throw new NoMatchingIdentityException("no outer key of this auditor");
            }, AgeRecipient.Parse(release.Recipient));
            return Wire.Ok(new { @sealed = bundle });
        }
        catch (Exception broken) when (broken is NoMatchingIdentityException or AgeFormatException)
        {
            return Wire.Refuse(StatusCodes.Status403Forbidden, "bad-object", $"{failing}: its outer header is not sealed to this auditor");
        }
    }
}
