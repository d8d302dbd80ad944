using System.Text;
using Tutelage.Hosting;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Halting;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.People;

/// <summary><c>POST /v1/leases</c>: permission for a participant's recorder to go on for a minute.</summary>
/// <remarks>Not logged: when somebody works is nobody's business. The checkpoint makes every participant a witness of the log.</remarks>
internal static class Leases
{
    /// <summary>A recorder without a lease stops visibly; 60 s is the longest a halt can take to reach it (architecture, promise 5).</summary>
    private const int ExpiresInMs = 60_000;

    public static void MapLeases(this WebApplication app)
    {
        var (registry, book, ledger) = (app.Services.GetRequiredService<Registry>(), app.Services.GetRequiredService<HaltBook>(), app.Services.GetRequiredService<VaultLedger>());
        var access = app.Services.GetRequiredService<GrantBook>().Rules;
        app.MapSigned("POST", "/v1/leases", 16 * 1024, call =>
        {
            if (registry.FindByDevice(call.Key.Id) is not { } person) return Wire.Refuse(StatusCodes.Status403Forbidden, "no-device", "leases are for enrolled devices");
            var state = book.State;
            if (!state.MayRecord) return Wire.Refuse(StatusCodes.Status403Forbidden, "halted", "the programme is halted; recorders stop until it is resumed");
            if (person.Tag is not { } tag || registry.RecipientsOf(tag).Count == 0) return Wire.Refuse(StatusCodes.Status403Forbidden, "no-keys", "this vault has no keys of this person any more, so what is recorded could never be opened; enrol anew");
            var rules = access.Since();
            return Wire.Ok(new { epoch = state.Epoch, expires_in_ms = ExpiresInMs, checkpoint = Encoding.UTF8.GetString(ledger.Log.Checkpoint), rules = new { rules.Rules.Digest, rules.Entry } });
        });
    }
}
