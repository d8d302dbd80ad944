using System.Text;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Vault.Grants;
using Tutelage.Vault.People;

namespace Tutelage.Vault.Release;

/// <summary><c>POST /v1/grants/{id}/run</c>: NDJSON, one line a step, the last one with <c>dataset</c>, <c>export</c> or <c>error</c>.</summary>
internal static class Runs
{
    public static void MapRuns(this WebApplication app)
    {
        var services = app.Services;
        var (book, registry, refusals) = (services.GetRequiredService<GrantBook>(), services.GetRequiredService<Registry>(), services.GetRequiredService<Refusals>());
        var run = services.GetRequiredService<GrantRun>();
        var time = services.GetRequiredService<TimeProvider>();
        app.MapSigned("POST", "/v1/grants/{id}/run", 16 * 1024, call =>
        {
            if (registry.Find(call.Key.Id) is not { } person) return GrantRoutes.NobodyKnown();
            if (book.Find(call.Route("id")) is not { } grant) return GrantRoutes.NoSuchGrant(call.Route("id"));
            if (grant.Requester.Key.Id != person.Key.Id) return Refuse(person, grant, "not-yours", $"grant {grant.Id} is run by who asked for it");

            // A lost answer is asked for again: a run that is done is told again, not done again.
            if (grant is { State: GrantState.Done, Result: { } result }) return Results.Text(result + "\n", "application/x-ndjson");
            if (grant.State == GrantState.Denied) return Refuse(person, grant, "denied", $"grant {grant.Id} was denied");
            if (grant.State == GrantState.Running) return Wire.Refuse(StatusCodes.Status409Conflict, "running", $"grant {grant.Id} runs already");
            var rules = book.Rules.InForce();
            if (rules.State != ProgrammeState.Running) return Refuse(person, grant, "halted", "the programme is halted; no keys are released until it is resumed");
            var reasons = grant.Decide(rules).Reasons.ToList();
            if (grant.EndsAt is { } ends && ends <= time.GetUtcNow()) reasons.Add($"it ended at {ends:O}; ask for a new one");
            if (reasons.Count > 0) return Refuse(person, grant, "rules", string.Join("; ", reasons));
            return book.TryBeginRun(grant.Id) ? new RunAnswer(grant, run) : Wire.Refuse(StatusCodes.Status409Conflict, "running", $"grant {grant.Id} runs already");
        });

        IResult Refuse(EnrolledPerson by, KeptGrant grant, string error, string message)
        {
            refusals.Tell(new Refusal(by, grant.Id, Refusal.RunStep, error, [message], grant.Request.Tags));
            return Wire.Refuse(StatusCodes.Status403Forbidden, error, message);
        }
    }

    /// <summary>Streams the lines of a run. If the client goes away the run is cancelled and its job ended.</summary>
    private sealed class RunAnswer(KeptGrant grant, GrantRun run) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = "application/x-ndjson";
            var last = await run.RunAsync(grant, line => WriteAsync(JsonSerializer.Serialize(line, Wire.Json)), httpContext.RequestAborted);
            if (!httpContext.RequestAborted.IsCancellationRequested) await WriteAsync(last);

            async Task WriteAsync(string line)
            {
                await response.WriteAsync(line + "\n", Encoding.UTF8, httpContext.RequestAborted);
                await response.Body.FlushAsync(httpContext.RequestAborted);
            }
        }
    }
}
