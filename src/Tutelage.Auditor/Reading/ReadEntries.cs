using Tutelage.Hosting;

namespace Tutelage.Auditor.Reading;

/// <summary>Body of <c>POST /v1/entries</c>.</summary>
internal sealed record ReadEntriesRequest(long First, IReadOnlyList<HandedEntry>? Entries);

/// <summary><c>POST /v1/entries</c>: the vault hands over entries, the auditor reads each one.</summary>
/// <remarks>200 <c>{next}</c>; 409 <c>{next}</c> if it wants another index first; 422 with the reason if an entry is refused, and then nothing after it is read either.</remarks>
internal static class ReadEntries
{
    private const int MaxBodyBytes = 32 << 20;

    public static void MapReadEntries(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<AuditedLog>();
        app.MapSigned("POST", "/v1/entries", MaxBodyBytes, call =>
        {
            if (call.Read<ReadEntriesRequest>() is not { Entries: not null } request) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", "the body is not {first, entries: [{body, salt}]}");
            var (next, refusal) = log.Read(request.First, request.Entries);
            if (refusal is null) return Wire.Ok(new { next });
            var status = request.First > next ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity;
            return Results.Json(new { error = status == 409 ? "gap" : "entry-refused", message = refusal, next }, Wire.Json, statusCode: status);
        });
    }
}
