using Tutelage.Rules.Halting;
using Tutelage.Server.Halting;
using Tutelage.Server.Requests;

namespace Tutelage.Server.Pages;

/// <summary>A page that says what this is. It shows no counts: how much is recorded, and when, is not for passers-by.</summary>
internal static class StatusPage
{
    private const string Html = """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tutelage server</title><link rel="stylesheet" href="/status.css"></head>
        <body>
        <main>
        <h1>Tutelage server</h1>
        <p>This machine keeps sealed recordings and data sets. It holds no key that opens them, and shows none of their content.</p>
        <p>Its state for programs: <a href="/v1/status">/v1/status</a></p>
        </main>
        </body>
        </html>
        """;

    private const string Css = "body{font:1rem/1.5 system-ui,sans-serif;margin:3rem auto;max-width:40rem;padding:0 1rem;color:#222;background:#fff}";

    public static void MapStatus(this WebApplication app)
    {
        app.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
            return Results.Text(Html, "text/html; charset=utf-8");
        });
        app.MapGet("/status.css", () => Results.Text(Css, "text/css; charset=utf-8"));
        app.MapGet("/v1/status", (Trust trust, ProgrammeWatch watch) =>
        {
            var state = watch.State;
            var ingest = state is null ? "no-word" : state.MayIngest ? "open" : "halted";
            return Results.Json(
                new StatusAnswer("server", typeof(StatusPage).Assembly.GetName().Version?.ToString(3) ?? "0", "ok", trust.Vault.Id, ingest, state?.Epoch, watch.AgeMs(StateWords.Vault), watch.AgeMs(StateWords.Auditor)),
                ServerJson.Default.StatusAnswer);
        });
    }
}
