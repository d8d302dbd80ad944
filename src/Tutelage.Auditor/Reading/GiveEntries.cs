using System.Globalization;
using Tutelage.Hosting;

namespace Tutelage.Auditor.Reading;

/// <summary><c>GET /v1/entries?first=N</c>: a vault that came back from a backup gets the entries it lacks, under the checkpoint that was cosigned last. For the vault's key only.</summary>
/// <remarks>Only what is under a checkpoint that the vault itself signed: anything else would let the auditor write history for it.</remarks>
internal static class GiveEntries
{
    private const int MostEntries = 1024;
    private const int MostBodyBytes = 8 << 20;

    public static void MapGiveEntries(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<AuditedLog>();
        app.MapSigned("GET", "/v1/entries", 0, call =>
        {
            if (!long.TryParse(call.Http.Request.Query["first"], NumberStyles.None, CultureInfo.InvariantCulture, out var first))
                return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", "say from which entry on: ?first=N");
            var (checkpoint, read, entries) = log.Since(first, MostEntries, MostBodyBytes);
            return Wire.Ok(new { first, entries, checkpoint, read });
        });
    }
}
