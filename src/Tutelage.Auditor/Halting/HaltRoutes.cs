using System.Text;
using Tutelage.Auditor.Keys;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Halting;

namespace Tutelage.Auditor.Halting;

/// <summary>Body of <c>POST /v1/resumption</c>.</summary>
internal sealed record ResumptionRequest(IReadOnlyList<string?>? Statements);

/// <summary><c>POST /v1/halt</c>, <c>GET /v1/state</c>, and for the vault <c>GET /v1/checks</c> and <c>POST /v1/resumption</c> (docs/formats/halt.md).</summary>
internal static class HaltRoutes
{
    public static void MapHalting(this WebApplication app)
    {
        var (halt, log, keys, identity) = (app.Services.GetRequiredService<AuditorHalt>(), app.Services.GetRequiredService<AuditedLog>(), app.Services.GetRequiredService<AuditorKeys>(), app.Services.GetRequiredService<SigningKey>());
        app.MapState(StateWords.Auditor, identity, () => (halt.State, halt.Statement));
        app.MapPost("/v1/halt", async (HttpContext http) =>
        {
            if (await SignedCalls.ReadBodyAsync(http, HaltStatement.MaxBodyBytes) is not { } body) return Wire.Refuse(StatusCodes.Status413PayloadTooLarge, "too-large", $"a halt has at most {HaltStatement.MaxBodyBytes} bytes");
            if (HaltStatement.Read(body, id => log.PersonOf(id)?.Key) is not { } statement) return Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "the body is not a statement of kind halt by somebody whose enrolment this auditor has read");
            var (state, error, message) = halt.Halt(statement);
            return error switch
            {
                "" => Wire.Ok(new { done = true, state = Shown(state) }),
                "not-yours" => Wire.Refuse(StatusCodes.Status403Forbidden, error, message),
                _ => Results.Json(new { error, message, state = Shown(state) }, Wire.Json, statusCode: StatusCodes.Status409Conflict),
            };
        });
        app.MapSigned("GET", "/v1/checks", 0, _ => Wire.Ok(new { checks = Checks(log, keys).Select(check => new { name = check.Name, fault = check.Fault }) }));
        app.MapSigned("POST", "/v1/resumption", 2 * HaltStatement.MaxBodyBytes, call =>
        {
            var signed = (call.Read<ResumptionRequest>()?.Statements ?? []).Select(text => ResumeStatement.Read(Encoding.UTF8.GetBytes(text ?? ""), id => log.PersonOf(id)?.Key)).ToList();
            if (signed is not [{ } one, { } other]) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-resume", "the body is not {statements} with two of kind resume by people whose enrolments this auditor has read");
            var (state, faults) = halt.Resume(one, other, () => [.. Checks(log, keys).Where(check => !check.IsGreen).Select(check => $"{check.Name}: {check.Fault}")]);
            return faults.Count == 0 ? Wire.Ok(new { state = Shown(state) }) : Wire.Refuse(StatusCodes.Status409Conflict, "not-now", string.Join("; ", faults));
        });
    }

    private static IReadOnlyList<ResumeCheck> Checks(AuditedLog log, AuditorKeys keys)
    {
        var (read, cosigned) = log.Extent;
        return [.. ResumeChecks.OfAuditor.Select(name => new ResumeCheck(StateWords.Auditor, name, name switch
        {
            "no-refused-entry" => log.Refused?.Why,
            "caught-up" => (cosigned?.Size ?? 0) == read ? null : $"{read} entries are read and {cosigned?.Size ?? 0} cosigned; wait a moment",
            "outer-keys" => keys.Months.Count > 0 || keys.OuterRecipient().Month.Length > 0 ? null : "there is no outer key",
            _ => "this auditor does not know the check",
        }))];
    }

    private static object Shown(ProgrammeStanding state) => new { epoch = state.Epoch, stage = Spelling.Of(state.Stage), admitted_from = state.AdmittedFrom };
}
