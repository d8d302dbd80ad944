using System.Globalization;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Halting;
using Tutelage.Vault.Keys;
using Tutelage.Vault.People;

namespace Tutelage.Vault.Halting;

/// <summary><c>POST /v1/halt</c>, <c>GET /v1/halts</c>, <c>GET /v1/state</c>, and <c>/v1/resumption</c> (docs/formats/halt.md).</summary>
internal static class HaltRoutes
{
    /// <summary>Shorter than the patience of a recorder's requests (30 s).</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    /// <summary>Recorders that wait at once; one more is answered at once, which costs it a question a second.</summary>
    private const int MostWaiting = 4096;

    public static void MapHalting(this WebApplication app)
    {
        var services = app.Services;
        var (book, registry, keys, time) = (services.GetRequiredService<HaltBook>(), services.GetRequiredService<Registry>(), services.GetRequiredService<VaultKeys>(), services.GetRequiredService<TimeProvider>());
        var desk = services.GetRequiredService<ResumeDesk>();
        var waiting = 0;
        app.MapState(StateWords.Vault, keys.Identity, () => (book.State, book.State.MayRelease ? null : book.LastHalt?.Statement));

        // The statement itself says who halts: it needs no signature around it, and a second delivery changes nothing.
        app.MapPost("/v1/halt", async (HttpContext http) =>
        {
            if (await SignedCalls.ReadBodyAsync(http, HaltStatement.MaxBodyBytes) is not { } body) return Wire.Refuse(StatusCodes.Status413PayloadTooLarge, "too-large", $"a halt has at most {HaltStatement.MaxBodyBytes} bytes");
            if (HaltStatement.Read(body, book.PersonKey) is not { } halt) return Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "the body is not a statement of kind halt that somebody enrolled here has signed");
            return Answer(book.Halt(halt));
        });

        app.MapSigned("GET", "/v1/halts", 0, async call =>
        {
            if (!long.TryParse(call.Http.Request.Query["epoch"], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", "epoch must be the number that your lease names");
            var changed = book.Changed; // before the look: what comes after the look completes it
            if (Interlocked.Increment(ref waiting) <= MostWaiting && book.State is { MayRecord: true } now && now.Epoch == epoch)
                await Task.WhenAny(changed, Task.Delay(LongestWait, time, call.Aborted));
            Interlocked.Decrement(ref waiting);
            return Wire.Ok(StateOf(book.State));
        });

        app.MapSigned("GET", "/v1/resumption", 0, async call => Entitled(call) ? Wire.Ok(await desk.LookAsync(call.Aborted)) : NotEntitled());
        app.MapSigned("POST", "/v1/resumption", HaltStatement.MaxBodyBytes, async call =>
        {
            if (!Entitled(call)) return NotEntitled();
            if (ResumeStatement.Read(call.Body.Span, book.PersonKey) is not { } resume || !resume.Key.Equals(call.Key)) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-resume", "the body is not a statement of kind resume, signed by whoever sends it");
            return Answer(await desk.SignAsync(resume, call.Aborted));
        });

        bool Entitled(SignedCall call) => registry.Find(call.Key.Id) is { } person && HaltRules.MayHalt(person.Role);
    }

    private static IResult Answer(HaltOutcome outcome) => outcome.Error switch
    {
        "" => Wire.Ok(new { done = outcome.Done, message = outcome.Message, state = StateOf(outcome.State) }),
        "not-yours" => Wire.Refuse(StatusCodes.Status403Forbidden, outcome.Error, outcome.Message),
        _ => Results.Json(new { error = outcome.Error, message = outcome.Message, state = StateOf(outcome.State) }, Wire.Json, statusCode: StatusCodes.Status409Conflict),
    };

    private static IResult NotEntitled() => Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "stewards, auditors and representatives resume");

    private static object StateOf(ProgrammeStanding state) => new { epoch = state.Epoch, stage = Spelling.Of(state.Stage), admitted_from = state.AdmittedFrom };
}
