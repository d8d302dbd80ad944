using System.Text.Json;
using Dapper;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.People;

/// <summary>Body of <c>POST /v1/agreements</c>.</summary>
/// <param name="Receipt">A statement of kind <c>agreement</c> by the caller, whose payload names <c>manifest_sha256</c> and <c>device_key</c>.</param>
internal sealed record AgreementRequest(JsonElement? Receipt);

/// <summary><c>POST /v1/agreements</c>: a participant agrees to another manifest and gets a certificate that names it.</summary>
/// <remarks>Earlier certificates stay good for what was recorded under them: a manifest binds what comes after it. Whether it is wider the person was shown on their own machine.</remarks>
internal static class Agreements
{
    private const int MaxBodyBytes = 32 * 1024;

    public static void MapAgreements(this WebApplication app)
    {
        var services = app.Services;
        var (store, ledger, keys, registry) = (services.GetRequiredService<VaultStore>(), services.GetRequiredService<VaultLedger>(), services.GetRequiredService<VaultKeys>(), services.GetRequiredService<Registry>());
        app.MapSigned("POST", "/v1/agreements", MaxBodyBytes, call =>
        {
            if (registry.Find(call.Key.Id) is not { Tag: { } tag } person) return Wire.Refuse(StatusCodes.Status403Forbidden, "no-participant", "agreements are for enrolled participants, signed with the key that they enrolled with");
            if (registry.FaultOf(tag) is { } fault) return Wire.Refuse(StatusCodes.Status403Forbidden, "no-consent", fault);
            if (SignedReceipt.Read(call.Read<AgreementRequest>()?.Receipt, person.Key, SignedReceipt.Agreement) is not { } receipt)
                return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", "the receipt is a statement of kind agreement, signed by the caller, with manifest_sha256 and device_key");
            if (receipt.Device.Id != person.DeviceId) return Wire.Refuse(StatusCodes.Status403Forbidden, "no-device", $"device {receipt.Device.Id} is not the one that was enrolled; enrol anew for another device");

            // A lost answer is asked for again: what was agreed to last is answered as before.
            if (registry.CertificateOf(tag) is { } last && NamedBy(last) == receipt.Manifest) return Wire.Ok(new { device_certificate = JsonSerializer.Deserialize<JsonElement>(last) });
            var certificate = SignedStatement.Sign(keys.Identity, ReleasedObject.CertificateKind, new DeviceCertificate(tag, receipt.Device.Text, receipt.Manifest)).ToJson();
            try
            {
                ledger.Record(
                    transaction =>
                    {
                        // The auditor refuses an agreement of somebody deleted, and everything after it: so the log must not have one.
                        if (registry.FaultOf(tag) is { } late) throw new RunRefusedException("no-consent", late);
                        return store.Database.Execute("UPDATE person SET manifest = @Manifest, certificate = @certificate WHERE tag = @tag", new { receipt.Manifest, certificate, tag }, transaction);
                    },
                    new EntryDraft("agreed", [tag], json =>
                    {
                        json.WriteString("manifest_sha256", receipt.Manifest);
                        json.WriteString("receipt", receipt.Json);
                    }));
            }
            catch (RunRefusedException refused)
            {
                return Wire.Refuse(StatusCodes.Status403Forbidden, "no-consent", refused.Message); // deleted just now
            }

            return Wire.Ok(new { device_certificate = JsonSerializer.Deserialize<JsonElement>(certificate) });
        });
    }

    private static string? NamedBy(string certificate) => SignedStatement.Parse(certificate).Read<DeviceCertificate>().Manifest;
}
