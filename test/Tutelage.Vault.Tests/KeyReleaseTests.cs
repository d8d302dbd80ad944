using System.Net;
using System.Text;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Sealing;

namespace Tutelage.Vault.Tests;

/// <summary>The order of a key release against real processes: vault, auditor, server, and a job that opens what it is given.</summary>
public sealed class KeyReleaseTests
{
    [Fact]
    public async Task From_enrolment_to_export_every_step_needs_the_one_before_and_leaves_an_entry()
    {
        await using var programme = await Programme.StartAsync();
        var (ada, bob) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Participant));
        var (stella, steve) = (await programme.EnrolAsync(Role.Steward), await programme.EnrolAsync(Role.Steward));
        var rita = await programme.EnrolAsync(Role.Researcher);
        await programme.UploadSegmentAsync(ada, "ada works");
        await programme.UploadSegmentAsync(ada, "ada works on");
        await programme.UploadSegmentAsync(bob, "bob works");

        var grant = await programme.RequestBuildAsync(rita, ada, bob);
        (await programme.ApproveAsync(rita, grant)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await programme.ApproveAsync(ada, grant)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await programme.ApproveAsync(stella, grant, new string('0', 64))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await programme.ApproveAsync(stella, grant)).Status.ShouldBe(HttpStatusCode.OK);
        (await programme.ApproveAsync(stella, grant)).Answer.GetProperty("approvals").GetInt32().ShouldBe(1);

        var early = await programme.RunAsync(rita, grant);
        (early.Status, early.Answer.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.Forbidden, "rules"));
        (await KindsAboutAsync(programme, ada)).ShouldBe(["enrolled", "requested", "refused", "refused", "refused", "approved", "refused"]);

        (await programme.ApproveAsync(steve, grant)).Answer.GetProperty("state").GetString().ShouldBe("approved");
        (await programme.RunAsync(stella, grant)).Status.ShouldBe(HttpStatusCode.Forbidden);
        var (status, built) = await programme.RunAsync(rita, grant);
        status.ShouldBe(HttpStatusCode.OK);
        var dataset = DatasetOf(built);
        built.GetProperty("shards").GetArrayLength().ShouldBe(2);
        (await programme.RunAsync(rita, grant)).Answer.GetProperty("dataset").GetString().ShouldBe(dataset);
        (await KindsAboutAsync(programme, bob)).ShouldBe(["enrolled", "requested", "refused", "refused", "refused", "approved", "refused", "approved", "refused", "release", "built"]);

        using var holder = TagIdentity.Generate();
        var (asked, export) = await programme.CallAsync(rita.Key, HttpMethod.Post, "v1/grants", new
        {
            purpose = "train", classes = new[] { "derived" }, tags = new[] { ada.Tag }, job = "dataset-export", dataset, format = "agentnet", holder = "Rita of Research", holder_recipient = holder.Recipient.Text, minutes = 5,
        });
        asked.ShouldBe(HttpStatusCode.OK, export.ToString());
        var exportGrant = export.GetProperty("grant").GetString()!;
        await programme.ApproveAsync(stella, exportGrant);
        await programme.ApproveAsync(steve, exportGrant);
        var exported = (await programme.RunAsync(rita, exportGrant)).Answer;
        exported.TryGetProperty("export", out var stored).ShouldBeTrue(exported.ToString());
        var plaintext = await DownloadAsync(programme, rita, stored.GetString()!, holder);
        plaintext.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ShouldBe(["ada works Input", "ada works on Input"]);
        (await KindsAboutAsync(programme, bob)).ShouldNotContain("exported");

        // 1 programme + 5 enrolled, 1 requested, 2 approved, 5 refused, release, built; requested, 2 approved, release, exported.
        (await programme.CheckLedgerAsync()).ShouldBe(21);
        await AssertEveryEntryProvesItselfAsync(programme, ada);
        (await programme.CallAsync(rita.Key, HttpMethod.Get, "v1/entries/6")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Without_the_auditor_no_key_is_released_and_the_reason_is_said()
    {
        await using var programme = await Programme.StartAsync();
        var (rita, ada, grant) = await GrantedAsync(programme);
        await programme.AuditedSizeAsync();
        await programme.Auditor.KillAsync();
        var (status, away) = await programme.RunAsync(rita, grant);
        (status, away.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.OK, "auditor-away"));
        away.GetProperty("message").GetString()!.ShouldContain("no key is released");

        await programme.RestartAuditorAsync(isRunning: false);
        DatasetOf((await programme.RunAsync(rita, grant)).Answer).Length.ShouldBe(64);
        (await KindsAboutAsync(programme, ada)).TakeLast(3).ShouldBe(["refused", "release", "built"]);
        await programme.CheckLedgerAsync();
    }

    [Fact]
    public async Task Vault_and_auditor_killed_between_approval_and_run_go_on_where_they_were()
    {
        await using var programme = await Programme.StartAsync();
        var (rita, ada, grant) = await GrantedAsync(programme);
        await programme.RestartAuditorAsync(isRunning: true);
        await programme.RestartVaultAsync();
        DatasetOf((await programme.RunAsync(rita, grant)).Answer).Length.ShouldBe(64);
        await programme.CheckLedgerAsync();
        await AssertEveryEntryProvesItselfAsync(programme, ada);
    }

    [Fact]
    public async Task A_job_that_fails_leaves_no_output_and_the_failure_is_an_entry()
    {
        await using var programme = await Programme.StartAsync("fail");
        var (rita, ada, grant) = await GrantedAsync(programme);
        (await programme.RunAsync(rita, grant)).Answer.GetProperty("error").GetString().ShouldBe("job-nothing-usable");
        (await KindsAboutAsync(programme, ada)).TakeLast(2).ShouldBe(["release", "failed"]);
        Directory.EnumerateDirectories(Path.Combine(programme.VaultFolder, "runs")).ShouldBeEmpty();
        await programme.CheckLedgerAsync();
    }

    [Fact]
    public async Task A_denied_grant_stays_denied_and_says_so_in_the_ledger()
    {
        await using var programme = await Programme.StartAsync();
        var (rita, ada, grant) = await GrantedAsync(programme, approvals: 1);
        var steward = await programme.EnrolAsync(Role.Steward);
        (await programme.CallAsync(steward.Key, HttpMethod.Post, $"v1/grants/{grant}/denials", new { reason = "not this one" })).Answer.GetProperty("state").GetString().ShouldBe("denied");
        (await programme.ApproveAsync(steward, grant)).Status.ShouldBe(HttpStatusCode.Conflict);
        (await programme.RunAsync(rita, grant)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await KindsAboutAsync(programme, ada)).TakeLast(2).ShouldBe(["denied", "refused"]);
        await programme.CheckLedgerAsync();
    }

    [Fact]
    public async Task People_see_what_is_theirs_and_nobody_redeems_what_is_not()
    {
        await using var programme = await Programme.StartAsync();
        var (ada, bob) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Participant));
        (await programme.RedeemAsync(ada, Role.Participant)).Answer.GetProperty("tag").GetString().ShouldBe(ada.Tag);
        (await programme.RedeemAsync(ada, Role.Steward)).Status.ShouldBe(HttpStatusCode.Conflict);
        using var eve = new Somebody(SigningKey.Generate());
        (await programme.RedeemAsync(eve, Role.Steward, "guess")).Answer.GetProperty("error").GetString().ShouldBe("bad-invitation");

        (await programme.CallAsync(ada.Device, HttpMethod.Get, $"v1/recipients/{ada.Tag}")).Answer.GetProperty("recipients").GetProperty("frames").GetString().ShouldBe(ada.Recipients["frames"]);
        (await programme.CallAsync(bob.Key, HttpMethod.Get, $"v1/recipients/{ada.Tag}")).Status.ShouldBe(HttpStatusCode.Forbidden);
        var lease = (await programme.CallAsync(ada.Device, HttpMethod.Post, "v1/leases", new { })).Answer;
        lease.GetProperty("expires_in_ms").GetInt64().ShouldBe(60_000);
        Checkpoint.Open(Encoding.UTF8.GetBytes(lease.GetProperty("checkpoint").GetString()!), programme.Policy.Log).ShouldNotBeNull();
        (await programme.CallAsync(ada.Key, HttpMethod.Post, "v1/leases", new { })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await programme.CallAsync(eve.Key, HttpMethod.Get, "v1/grants")).Status.ShouldBe(HttpStatusCode.Unauthorized);

        using var http = new HttpClient();
        (await http.GetStringAsync(new Uri(programme.Vault.Address, "log/checkpoint"))).ShouldStartWith("tutelage.vault.");
        (await http.GetByteArrayAsync(new Uri(programme.Vault.Address, "log/tile/entries/000.p/1"))).Length.ShouldBe(34);
        (await http.GetStringAsync(new Uri(programme.Vault.Address, "v1/status"))).ShouldContain("\"rehearsal\":true");
    }

    [Fact]
    public async Task A_release_is_told_to_the_persons_whose_objects_it_opens_and_not_to_others_of_the_grant()
    {
        await using var programme = await Programme.StartAsync();
        var (ada, bob, rita) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Researcher));
        await programme.UploadSegmentAsync(ada, "ada works");
        var grant = await programme.RequestBuildAsync(rita, ada, bob);
        for (var i = 0; i < 2; i++) (await programme.ApproveAsync(await programme.EnrolAsync(Role.Steward), grant)).Status.ShouldBe(HttpStatusCode.OK);
        DatasetOf((await programme.RunAsync(rita, grant)).Answer);
        (await KindsAboutAsync(programme, ada)).ShouldBe(["enrolled", "requested", "approved", "approved", "release", "built"]);
        (await KindsAboutAsync(programme, bob)).ShouldBe(["enrolled", "requested", "approved", "approved", "built"]);
    }

    private static async Task<(Somebody Researcher, Somebody Participant, string Grant)> GrantedAsync(Programme programme, int approvals = 2)
    {
        var ada = await programme.EnrolAsync(Role.Participant);
        var rita = await programme.EnrolAsync(Role.Researcher);
        await programme.UploadSegmentAsync(ada, "ada works");
        var grant = await programme.RequestBuildAsync(rita, ada);
        for (var i = 0; i < approvals; i++) (await programme.ApproveAsync(await programme.EnrolAsync(Role.Steward), grant)).Status.ShouldBe(HttpStatusCode.OK);
        return (rita, ada, grant);
    }

    private static string DatasetOf(JsonElement last)
    {
        last.TryGetProperty("dataset", out var dataset).ShouldBeTrue(last.ToString());
        return dataset.GetString()!;
    }

    private static async Task<IReadOnlyList<string>> KindsAboutAsync(Programme programme, Somebody person)
    {
        var kinds = new List<string>();
        foreach (var index in (await programme.CallAsync(person.Key, HttpMethod.Get, "v1/entries")).Answer.GetProperty("entries").EnumerateArray())
            kinds.Add((await programme.CallAsync(person.Key, HttpMethod.Get, $"v1/entries/{index.GetInt64()}")).Answer.GetProperty("kind").GetString()!);
        return kinds;
    }

    /// <summary>As the person would: commitment, inclusion, cosignature, and a chain without holes.</summary>
    private static async Task AssertEveryEntryProvesItselfAsync(Programme programme, Somebody person)
    {
        var sequence = 0L;
        var previous = new string('0', 64);
        foreach (var index in (await programme.CallAsync(person.Key, HttpMethod.Get, "v1/entries")).Answer.GetProperty("entries").EnumerateArray())
        {
            var entry = (await programme.CallAsync(person.Key, HttpMethod.Get, $"v1/entries/{index.GetInt64()}")).Answer;
            var body = entry.GetProperty("body").GetString()!;
            var commitment = EntryCommitment.Of(entry.GetProperty("salt").GetBytesFromBase64(), Encoding.UTF8.GetBytes(body));
            TlogProof.Parse(entry.GetProperty("proof").GetString()!).ShouldNotBeNull().Verify(commitment, programme.Policy).ShouldBe(TlogProofVerdict.Proven);
            using var json = JsonDocument.Parse(body);
            var link = json.RootElement.GetProperty("about").EnumerateArray().First(l => l.GetProperty("tag").GetString() == person.Tag);
            link.GetProperty("sequence").GetInt64().ShouldBe(++sequence);
            link.GetProperty("previous").GetString().ShouldBe(previous);
            previous = Convert.ToHexStringLower(commitment);
        }

        sequence.ShouldBeGreaterThan(0);
    }

    private static async Task<string> DownloadAsync(Programme programme, Somebody holder, string export, TagIdentity identity)
    {
        using var http = new HttpClient(new SigningHandler(holder.Key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(programme.Server.Address, $"v1/exports/{export}"));
        request.Headers.Add("tutelage-key", holder.Key.Public.Text);
        using var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var reader = new StreamReader(AgeReader.Open(await answer.Content.ReadAsStreamAsync(), identity));
        return await reader.ReadToEndAsync();
    }
}
