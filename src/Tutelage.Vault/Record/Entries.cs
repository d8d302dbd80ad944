using System.Globalization;
using System.Text;
using Tutelage.Hosting;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.People;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Record;

/// <summary>An entry with everything needed to check it offline.</summary>
/// <param name="Body">The exact text of the body; its UTF-8 bytes are what the commitment covers.</param>
/// <param name="Proof">c2sp.org/tlog-proof@v1 of the commitment.</param>
internal sealed record EntryAnswer(long Index, string Kind, string Body, byte[] Salt, string Proof);

/// <summary><c>GET /v1/entries</c>, <c>GET /v1/entries/{index}</c> and, for participants, <c>GET /v1/history</c>: each person reads the entries about them, stewards and auditors those about the programme.</summary>
internal static class Entries
{
    public static void MapEntries(this WebApplication app)
    {
        var (ledger, registry) = (app.Services.GetRequiredService<VaultLedger>(), app.Services.GetRequiredService<Registry>());
        app.MapSigned("GET", "/v1/entries", 0, call =>
            registry.Find(call.Key.Id) is { } person ? Wire.Ok(new { entries = Readable(person, ledger) }) : NobodyKnown());
        app.MapSigned("GET", "/v1/entries/{index}", 0, call =>
        {
            if (registry.Find(call.Key.Id) is not { } person) return NobodyKnown();
            if (!long.TryParse(call.Route("index"), NumberStyles.None, CultureInfo.InvariantCulture, out var index) || !(Readable(person, ledger).Contains(index) || IsOfRules(person, ledger, index)))
                return Wire.Refuse(StatusCodes.Status404NotFound, "no-such-entry", $"there is no entry {call.Route("index")} that you may read; GET /v1/entries lists yours");
            var entry = ledger.Read(index, 1)[0];
            return Wire.Ok(new EntryAnswer(index, entry.Kind, Encoding.UTF8.GetString(entry.Body), entry.Salt, ledger.Prove(index).Text));
        });
    }

    /// <summary>Roots over all heads that histories ask for come at most this often.</summary>
    private static readonly TimeSpan HeadsAtMostEvery = TimeSpan.FromMinutes(1);

    public static void MapHistory(this WebApplication app)
    {
        var (ledger, registry, auditor) = (app.Services.GetRequiredService<VaultLedger>(), app.Services.GetRequiredService<Registry>(), app.Services.GetRequiredService<AuditorLink>());
        app.MapSigned("GET", "/v1/history", 0, async call =>
        {
            if (registry.Find(call.Key.Id) is not { Role: Role.Participant, Tag: { } tag })
                return Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "only participants have a history; ask with the participant's key");
            if (ledger.IsNewerThanHeads(tag)) ledger.CommitHeads(HeadsAtMostEvery);
            try
            {
                await auditor.CatchUpAsync(call.Aborted);
            }
            catch (RunRefusedException)
            {
                // The history then says itself up to where it is audited.
            }

            return ledger.HistoryOf(tag) is { } history
                ? Results.Bytes(history.ToBytes(), PersonHistory.MediaType)
                : Wire.Refuse(StatusCodes.Status404NotFound, "no-such-entry", "no entry is about you");
        });
    }

    /// <summary>Who may ask to open what concerns whoever is recorded: they read how the rules came to be.</summary>
    private static bool IsOfRules(EnrolledPerson person, VaultLedger ledger, long index) =>
        person.Role is Role.Participant or Role.Representative && index < ledger.Log.Size && ledger.Read(index, 1) is [{ Kind: "rules-proposed" or "rules-approved" or "rules" }];

    private static IReadOnlyList<long> Readable(EnrolledPerson person, VaultLedger ledger) => person.Role switch
    {
        Role.Participant => ledger.About(person.Tag),
        Role.Steward or Role.Auditor => ledger.About(null),
        Role.Representative or Role.Researcher or Role.Operator => [],
    };

    private static IResult NobodyKnown() => Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "devices read no entries; ask with the person's key");
}
