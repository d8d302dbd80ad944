using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Testing.Hosts;

namespace Tutelage.Vault.Tests.Recovery;

/// <summary>The vault's machine is lost; a backup, the root key, the escrow copy and the auditor are left. Real processes.</summary>
public sealed class RestoredVaultTests
{
    [Fact]
    public async Task A_vault_from_a_backup_gets_what_it_lacks_from_the_auditor_and_goes_on_and_deleted_people_stay_dark()
    {
        await using var programme = await Programme.StartAsync();
        var (ada, dora) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Participant));
        var (rita, stella, steve) = (await programme.EnrolAsync(Role.Researcher), await programme.EnrolAsync(Role.Steward), await programme.EnrolAsync(Role.Steward));
        await programme.UploadSegmentAsync(ada, "ada works");
        var backup = Path.Combine(programme.Root, "backup");
        await KeystoreAsync("backup", "--data", programme.VaultFolder, "--folder", backup);

        // What the backup does not know: somebody new, other rules, a release, a deletion.
        var bob = await programme.EnrolAsync(Role.Participant);
        var proposed = (await programme.ProposeRulesAsync(await programme.EnrolAsync(Role.Representative), RuleChangeTests.Rules(1, rita))).Answer;
        foreach (var steward in (Somebody[])[stella, steve])
            (await programme.ApproveRulesAsync(steward, proposed.GetProperty("change").GetString()!, proposed.GetProperty("effect_sha256").GetString()!)).Status.ShouldBe(HttpStatusCode.OK);
        var grant = await programme.RequestBuildAsync(rita, ada);
        foreach (var steward in (Somebody[])[stella, steve]) (await programme.ApproveAsync(steward, grant)).Status.ShouldBe(HttpStatusCode.OK);
        var dataset = (await programme.RunAsync(rita, grant)).Answer.GetProperty("dataset").GetString();
        await DeleteAsync(programme, dora);
        (await RequestAsync(programme, rita, dora)).ShouldBe((HttpStatusCode.Forbidden, "no-consent"));
        var size = await programme.CheckLedgerAsync();
        (await programme.Vault.StopAsync()).ShouldBe(0);

        var lost = programme.VaultFolder + "-lost";
        Directory.Move(programme.VaultFolder, lost);
        await KeystoreAsync("restore", "--data", programme.VaultFolder, "--folder", backup, "--root", Path.Combine(lost, "root.key"), "--keyring", Path.Combine(lost, "escrow", "keyring.escrow"));
        var doras = WrappedKeys(programme, dora);
        doras.Count.ShouldBe(6);

        // Without the auditor it would write a second history, so it does not start.
        await programme.Auditor.KillAsync();
        var (exit, _, errors) = await HostProcess.RunAsync("Tutelage.Vault", programme.VaultArguments("127.0.0.1:0"));
        (exit, errors.Contains("came back from a backup", StringComparison.Ordinal)).ShouldBe((4, true), errors);
        (exit, _, errors) = await HostProcess.RunAsync("Tutelage.Vault", "keystore", "rotate", "--data", programme.VaultFolder);
        (exit, errors.Contains("start the vault first", StringComparison.Ordinal)).ShouldBe((4, true), errors);
        await programme.RestartAuditorAsync(isRunning: false);
        await programme.BeginVaultAsync();

        // Whole: every entry of before, one that tells of the restoring, all cosigned, and each person's history proves itself.
        (await programme.CheckLedgerAsync()).ShouldBe(size + 1);
        foreach (var person in (Somebody[])[ada, bob, dora]) (await HistoryAsync(programme, person)).Verify(programme.Policy).Fault.ShouldBeNull();
        (await HistoryAsync(programme, ada)).Entries.Count.ShouldBe(6); // enrolled, requested, 2 approved, release, built
        (await programme.RunAsync(rita, grant)).Answer.GetProperty("dataset").GetString().ShouldBe(dataset);

        // The same rules as before, by the vault's replay and by the auditor's reading.
        var (vaults, auditors, told) = await programme.RulesAsync(ada);
        (vaults, auditors, told.GetProperty("changes")[0].GetProperty("state").GetString()).ShouldBe((RuleChangeTests.Rules(1, rita).Digest, RuleChangeTests.Rules(1, rita).Digest, "in-force"));

        // Dark: no key of the deleted person in any file, and nobody may ask for them.
        WrappedKeys(programme, dora).ShouldBeEmpty();
        foreach (var path in Directory.EnumerateFiles(programme.VaultFolder, "vault.db*"))
            foreach (var key in doras) (ReadShared(path).AsSpan().IndexOf(key) < 0).ShouldBeTrue(path);
        (await RequestAsync(programme, rita, dora)).ShouldBe((HttpStatusCode.Forbidden, "no-consent"));

        // Who enrolled since is known and has no key: their recorder stops, and says why.
        (await programme.CallAsync(bob.Device, HttpMethod.Post, "v1/leases", new { })).Answer.GetProperty("error").GetString().ShouldBe("no-keys");
        (await programme.CallAsync(ada.Device, HttpMethod.Post, "v1/leases", new { })).Status.ShouldBe(HttpStatusCode.OK);

        // And it goes on: a new release, and another start needs nobody.
        var next = await programme.RequestBuildAsync(rita, ada);
        foreach (var steward in (Somebody[])[stella, steve]) await programme.ApproveAsync(steward, next);
        (await programme.RunAsync(rita, next)).Answer.TryGetProperty("dataset", out _).ShouldBeTrue();
        await programme.RestartVaultAsync();
        await programme.CheckLedgerAsync();
    }

    private static async Task DeleteAsync(Programme programme, Somebody person)
    {
        var statement = SignedStatement.Sign(person.Key, SignedDeletion.Kind, new DeletionPayload(person.Tag, DeletionScope.Person, [], "2026-11-22", new string('0', 32)));
        var (status, answer) = await programme.CallAsync(person.Key, HttpMethod.Post, "v1/deletions", statement.ToJson());
        (status, answer.GetProperty("server").GetString()).ShouldBe((HttpStatusCode.OK, "done"));
    }

    private static async Task<(HttpStatusCode, string?)> RequestAsync(Programme programme, Somebody researcher, Somebody person)
    {
        var (status, answer) = await programme.CallAsync(researcher.Key, HttpMethod.Post, "v1/grants", new { purpose = "train", classes = new[] { "input" }, tags = new[] { person.Tag }, job = "dataset-build", minutes = 30 });
        return (status, answer.GetProperty("error").GetString());
    }

    private static async Task<PersonHistory> HistoryAsync(Programme programme, Somebody person)
    {
        using var http = new HttpClient(new SigningHandler(person.Key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() });
        return PersonHistory.Parse(await http.GetByteArrayAsync(new Uri(programme.Vault.Address, "v1/history"))).ShouldNotBeNull();
    }

    private static List<byte[]> WrappedKeys(Programme programme, Somebody person)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(programme.VaultFolder, "vault.db")};Pooling=False");
        database.Open();
        return database.Query<byte[]>("SELECT wrapped FROM person_key WHERE tag = @Tag", new { person.Tag }).AsList();
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static async Task KeystoreAsync(string verb, params string[] arguments)
    {
        var (exit, output, errors) = await HostProcess.RunAsync("Tutelage.Vault", ["keystore", verb, .. arguments]);
        exit.ShouldBe(0, output + errors);
    }
}
