using System.Globalization;
using System.Text;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Vault.People;

namespace Tutelage.Vault.Record;

/// <summary>An entry with everything needed to check it offline.</summary>
/// <param name="Body">The exact text of the body; its UTF-8 bytes are what the commitment covers.</param>
/// <param name="Proof">c2sp.org/tlog-proof@v1 of the commitment.</param>
internal sealed record EntryAnswer(long Index, string Kind, string Body, byte[] Salt, string Proof);

/// <summary><c>GET /v1/entries</c> and <c>GET /v1/entries/{index}</c>: each person reads the entries about them, stewards and auditors those about the programme.</summary>
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
            if (!long.TryParse(call.Route("index"), NumberStyles.None, CultureInfo.InvariantCulture, out var index) || !Readable(person, ledger).Contains(index))
                return Wire.Refuse(StatusCodes.Status404NotFound, "no-such-entry", $"there is no entry {call.Route("index")} that you may read; GET /v1/entries lists yours");
            var entry = ledger.Read(index, 1)[0];
            return Wire.Ok(new EntryAnswer(index, entry.Kind, Encoding.UTF8.GetString(entry.Body), entry.Salt, ledger.Prove(index).Text));
        });
    }

    private static IReadOnlyList<long> Readable(EnrolledPerson person, VaultLedger ledger) => person.Role switch
    {
        Role.Participant => ledger.About(person.Tag),
        Role.Steward or Role.Auditor => ledger.About(null),
        Role.Researcher or Role.Operator => [],
    };

    private static IResult NobodyKnown() => Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "devices read no entries; ask with the person's key");
}
