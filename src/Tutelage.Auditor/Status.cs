using Tutelage.Auditor.Halting;
using Tutelage.Auditor.Keys;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Rules;

namespace Tutelage.Auditor;

/// <summary>Answer of <c>GET /v1/status</c>, open to anybody.</summary>
/// <param name="Owner">Equal for two processes of one user on one machine.</param>
/// <param name="Read">Entries read and found right.</param>
/// <param name="Cosigned">Size of the newest checkpoint that it cosigned.</param>
/// <param name="Epoch">Count of halts, as the entries tell it.</param>
/// <param name="Refused">The entry after which it reads no further, and why; null if it reads on.</param>
/// <param name="Months">Months whose outer keys are here.</param>
internal sealed record AuditorStatus(string Service, string Version, string State, bool Rehearsal, string Owner, string Witness, string Log, long Read, long Cosigned, long Epoch, bool Halted, string Stage, EntryRefusal? Refused,
    RulesStatus Rules, IReadOnlyList<string> Months, IReadOnlyList<Unprotected> Unprotected);

/// <summary>The auditor's own copy of the rules.</summary>
/// <param name="Entry">By which they took effect; 0 for the default set.</param>
internal sealed record RulesStatus(string Programme, int Version, string Digest, long Entry);

internal static class Status
{
    public static void MapStatus(this WebApplication app)
    {
        var (options, keys, log) = (app.Services.GetRequiredService<AuditorOptions>(), app.Services.GetRequiredService<AuditorKeys>(), app.Services.GetRequiredService<AuditedLog>());
        var halt = app.Services.GetRequiredService<AuditorHalt>();
        var owner = ProcessGuard.Owner();
        app.MapGet("/v1/status", () =>
        {
            var (read, cosigned) = log.Extent;
            var (rules, since) = log.Rules;
            var state = halt.State;
            return Wire.Ok(new AuditorStatus("auditor", "0.1.0", state.MayRelease ? "ok" : "halted", options.Rehearsal, owner, keys.Witness.VerifierKey.Text, log.Origin, read, cosigned?.Size ?? 0, state.Epoch, !state.MayRelease, Spelling.Of(state.Stage), log.Refused,
                new RulesStatus(rules.Programme, rules.Version, rules.Digest, since),
                keys.Months, [.. HostMemory.Unprotected(), .. options.Rehearsal ? [new Unprotected("rehearsal", "one owner has both custodians; nothing is proven against that owner")] : Array.Empty<Unprotected>()]));
        });
    }

    public static void MapOuterRecipient(this WebApplication app)
    {
        var keys = app.Services.GetRequiredService<AuditorKeys>();
        app.MapGet("/v1/outer-recipient", () =>
        {
            var (month, recipient) = keys.OuterRecipient();
            return Wire.Ok(new { month, recipient = recipient.Text });
        });
    }
}
