using Tutelage.Hosting;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.Record;

namespace Tutelage.Vault;

/// <summary>Answer of <c>GET /v1/status</c>, open to anybody.</summary>
/// <param name="Rehearsal">Vault and auditor have one owner: nothing is proven against that owner.</param>
/// <param name="Size">Entries in the log.</param>
/// <param name="Audited">Entries under the newest checkpoint that the auditor cosigned.</param>
/// <param name="AuditorFault">Why the auditor does not follow; null if it does.</param>
internal sealed record VaultStatus(
    string Service, string Version, string State, bool Rehearsal, string Owner, long Epoch, bool Halted, string Vault, string Log, long Size, long Audited, string? AuditorFault);

internal static class Status
{
    public static void MapStatus(this WebApplication app)
    {
        var services = app.Services;
        var (options, trust, store) = (services.GetRequiredService<VaultOptions>(), services.GetRequiredService<TrustFile>(), services.GetRequiredService<VaultStore>());
        var (ledger, auditor) = (services.GetRequiredService<VaultLedger>(), services.GetRequiredService<AuditorLink>());
        var owner = ProcessGuard.Owner();
        app.MapGet("/v1/status", () =>
        {
            var (epoch, halted) = store.Programme();
            var oneOwner = options.Rehearsal || auditor.Owner == owner;
            return Wire.Ok(new VaultStatus(
                "vault", "0.1.0", halted ? "halted" : "ok", oneOwner, owner, epoch, halted, trust.VaultKey.Id, trust.Log.Text, ledger.Log.Size, auditor.AuditedSize, auditor.Fault));
        });
    }
}
