using System.Globalization;
using Tutelage.Auditor.Keys;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Ledger;

namespace Tutelage.Auditor.Witnessing;

/// <summary><c>POST /add-checkpoint</c> of c2sp.org/tlog-witness, with one condition more: the root must be the one over entries that were read.</summary>
/// <remarks>It needs no request signature: the log's signature on the checkpoint is what counts, and answering twice is harmless.</remarks>
internal static class AddCheckpoint
{
    private const string TreeSizeType = "text/x.tlog.size";

    public static void MapAddCheckpoint(this WebApplication app)
    {
        var (log, keys, time) = (app.Services.GetRequiredService<AuditedLog>(), app.Services.GetRequiredService<AuditorKeys>(), app.Services.GetRequiredService<TimeProvider>());
        app.MapPost("/add-checkpoint", async (HttpContext http) =>
        {
            if (await SignedCalls.ReadBodyAsync(http, AddCheckpointRequest.MaxSizeBytes) is not { } body) return Results.Text($"a request has at most {AddCheckpointRequest.MaxSizeBytes} bytes\n", "text/plain", statusCode: (int)WitnessVerdict.BadRequest);
            var (answer, refusal) = log.Witness(body);
            var status = (int)answer.Verdict;
            if (answer is { Verdict: WitnessVerdict.Cosign, Accepted: { } accepted })
                return Results.Text(keys.Witness.Cosign(accepted.Note.Text, time.GetUtcNow()).Line, "text/plain", statusCode: status);
            return answer.Verdict == WitnessVerdict.WrongOldSize
                ? Results.Text(answer.KnownSize.ToString(CultureInfo.InvariantCulture) + "\n", TreeSizeType, statusCode: status)
                : Results.Text((refusal ?? Words(answer.Verdict)) + "\n", "text/plain", statusCode: status);
        });
    }

    private static string Words(WitnessVerdict verdict) => verdict switch
    {
        WitnessVerdict.BadRequest => "not an add-checkpoint request, or its old size lies beyond the checkpoint",
        WitnessVerdict.NoTrustedSignature => "the checkpoint is not signed by the log's key",
        WitnessVerdict.UnknownOrigin => "this auditor does not witness that log",
        WitnessVerdict.BadProof => "the proof does not lead from the checkpoint cosigned last to this one",
        WitnessVerdict.Cosign or WitnessVerdict.WrongOldSize => "",
    };
}
