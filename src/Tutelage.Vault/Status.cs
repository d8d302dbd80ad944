using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Halting;
using Tutelage.Vault.Jobs;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault;

/// <summary>Answer of <c>GET /v1/status</c>, open to anybody.</summary>
/// <param name="Rehearsal">Vault and auditor have one owner: nothing is proven against that owner.</param>
/// <param name="Size">Entries in the log.</param>
/// <param name="Audited">Entries under the newest checkpoint that the auditor cosigned.</param>
/// <param name="Epoch">Count of halts; not the key epoch, which <paramref name="Keystore"/> names.</param>
/// <param name="AuditorFault">Why the auditor does not follow; null if it does.</param>
/// <param name="AuditorRefuses">The entry after which nothing is audited and no key released; null if there is none.</param>
/// <param name="Stage">What goes on (docs/formats/halt.md): <c>release</c> is everything.</param>
/// <param name="AuditorLeaseMs">Since the auditor's newest word was asked for; jobs and releases need one of the last 2,000 ms.</param>
/// <param name="JobConfinement">What the system puts around jobs: <c>bubblewrap</c>, or <c>none</c> and why.</param>
internal sealed record VaultStatus(
    string Service, string Version, string State, bool Rehearsal, string Owner, long Epoch, bool Halted, string Vault, string Log, long Size, long Audited, string? AuditorFault,
    KeystoreStatus Keystore, string JobConfinement, string Stage, long AdmittedFrom, HaltShown? Halt, long? AuditorLeaseMs, RefusedEntry? AuditorRefuses, RulesStatus Rules);

/// <summary>The halt in force, as anybody may see it.</summary>
/// <param name="Role">Of whoever halted; never who.</param>
internal sealed record HaltShown(string Role, string Why);

/// <summary>Which rules decide, for anybody to compare with the auditor's.</summary>
/// <param name="Default">Nobody has written any yet: the default set.</param>
/// <param name="Entry">Of kind <c>rules</c>, or 0.</param>
/// <param name="Since">Unix seconds.</param>
internal sealed record RulesStatus(string Programme, int Version, string Digest, bool Default, long Entry, long Since);

internal static class Status
{
    public static void MapStatus(this WebApplication app)
    {
        var services = app.Services;
        var (options, trust) = (services.GetRequiredService<VaultOptions>(), services.GetRequiredService<TrustFile>());
        var (book, lease) = (services.GetRequiredService<HaltBook>(), services.GetRequiredService<AuditorLease>());
        var (ledger, auditor) = (services.GetRequiredService<VaultLedger>(), services.GetRequiredService<AuditorLink>());
        var keys = services.GetRequiredService<KeyStore>();
        var sandbox = services.GetRequiredService<Sandbox>();
        var owner = ProcessGuard.Owner();
        var access = services.GetRequiredService<GrantBook>().Rules;
        app.MapGet("/v1/status", () =>
        {
            var state = book.State;
            var (epoch, halted) = (state.Epoch, !state.MayRelease);
            var rules = access.Since();
            var oneOwner = options.Rehearsal || auditor.Owner == owner;
            return Wire.Ok(new VaultStatus(
                "vault", "0.1.0", halted ? "halted" : "ok", oneOwner, owner, epoch, halted, trust.VaultKey.Id, trust.Log.Text, ledger.Log.Size, auditor.AuditedSize, auditor.Fault,
                KeystoreStatus.Of(keys, Owners(options, auditor)), sandbox.Words, Spelling.Of(state.Stage), state.AdmittedFrom,
                halted && book.LastHalt is { } halt ? new HaltShown(Spelling.Of(halt.Role), halt.Why) : null, (long?)lease.Age?.TotalMilliseconds, auditor.Refused,
                new RulesStatus(rules.Rules.Programme, rules.Rules.Version, rules.Rules.Digest, rules.IsDefault, rules.Entry, rules.Since)));
        });
    }

    /// <summary>What one owner of both custodians leaves unprotected.</summary>
    public static IReadOnlyList<Unprotected> Owners(VaultOptions options, AuditorLink auditor)
    {
        var list = new List<Unprotected>();
        if (auditor.Owner == ProcessGuard.Owner()) list.Add(new("one-user", "vault and auditor run as one user of one machine, who can read the keys of both; run the auditor elsewhere"));
        if (options.Rehearsal) list.Add(new("rehearsal", "one owner has both custodians; nothing is proven against that owner"));
        if (options.Clock is not null) list.Add(new("own-clock", "the time is set by a file; only for rehearsals"));
        return list;
    }
}
