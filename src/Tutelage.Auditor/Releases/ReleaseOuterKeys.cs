using Tutelage.Auditor.Halting;
using Tutelage.Auditor.Keys;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Rules.Grants;

namespace Tutelage.Auditor.Releases;

/// <summary>Body of <c>POST /v1/releases</c>.</summary>
internal sealed record ReleaseRequest(long EntryIndex, IReadOnlyList<ReleasedObjectRequest>? Objects, string? JobRecipient);

/// <summary><c>POST /v1/releases</c>: outer file keys, sealed to a job, if an entry that this auditor has read and cosigned authorises exactly this.</summary>
internal static class ReleaseOuterKeys
{
    /// <summary>256 headers of at most 64 KiB with their certificates.</summary>
    private const int MaxBodyBytes = 32 << 20;

    public static void MapReleaseOuterKeys(this WebApplication app)
    {
        var services = app.Services;
        var (log, keys) = (services.GetRequiredService<AuditedLog>(), services.GetRequiredService<AuditorKeys>());
        var release = new OuterRelease(log, keys.NewestFirst, services.GetRequiredService<AuditorHalt>(), services.GetRequiredService<TrustFile>(), services.GetRequiredService<TimeProvider>());
        app.MapSigned("POST", "/v1/releases", MaxBodyBytes, call =>
        {
            if (call.Read<ReleaseRequest>() is not { Objects.Count: > 0 and <= GrantRules.KeysPerRelease, JobRecipient: not null } request)
                return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", $"the body is not {{entry_index, objects, job_recipient}} with 1 to {GrantRules.KeysPerRelease} objects");
            var answer = release.Answer(request);
            return answer.Sealed is { } bundle ? Wire.Ok(new { @sealed = bundle }) : Wire.Refuse(answer.Status, answer.Error, answer.Message);
        });
    }
}
