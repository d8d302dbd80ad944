using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tutelage.Rules;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Tests.Recovery;

/// <summary>An entry that the auditor refuses stops everything after it, and everybody can see which one it is and why.</summary>
public sealed class RefusedEntryTests
{
    [Fact]
    public async Task The_status_names_the_entry_its_kind_and_the_reason_and_no_key_is_released()
    {
        await using var programme = await Programme.StartAsync();
        var (ada, rita) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Researcher));
        await programme.UploadSegmentAsync(ada, "ada works");
        var grant = await programme.RequestBuildAsync(rita, ada);
        for (var i = 0; i < 2; i++) await programme.ApproveAsync(await programme.EnrolAsync(Role.Steward), grant);
        var size = await programme.CheckLedgerAsync();
        (await programme.Vault.StopAsync()).ShouldBe(0);
        Append(programme, "rewritten");
        await programme.BeginVaultAsync();

        var refused = default(JsonElement);
        using var http = new HttpClient();
        while (!(await http.GetFromJsonAsync<JsonElement>(new Uri(programme.Vault.Address, "v1/status"))).TryGetProperty("auditor_refuses", out refused)) continue;
        (refused.GetProperty("entry").GetInt64(), refused.GetProperty("kind").GetString()).ShouldBe((size, "rewritten"));
        refused.GetProperty("why").GetString()!.ShouldContain("kind 'rewritten' is not known");
        (await http.GetFromJsonAsync<JsonElement>(new Uri(programme.Auditor.Address, "v1/status"))).GetProperty("refused").GetProperty("entry").GetInt64().ShouldBe(size);
        var (status, answer) = await programme.RunAsync(rita, grant);
        (status, answer.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.OK, "auditor-refused"));
    }

    private static void Append(Programme programme, string kind)
    {
        var faults = new List<string>();
        using var keys = VaultKeys.Load(programme.VaultFolder, faults).ShouldNotBeNull();
        using var store = VaultStore.Open(programme.VaultFolder, faults).ShouldNotBeNull();
        using var ledger = VaultLedger.Open(programme.VaultFolder, store, keys, TimeProvider.System, faults).ShouldNotBeNull();
        ledger.Record(_ => true, new EntryDraft(kind, [], static _ => { }));
    }
}
