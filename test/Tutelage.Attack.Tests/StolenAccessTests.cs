using System.Net;
using System.Text.Json;
using Tutelage.Attack.Tests.Support;
using Tutelage.Identity;
using Tutelage.Rules;

namespace Tutelage.Attack.Tests;

/// <summary>Keys in the wrong hands, and people who want more than they were granted.</summary>
[Collection(nameof(AttackedProgramme))]
public sealed class StolenAccessTests(AttackedProgramme programme)
{
    [Fact]
    public async Task One_steward_counts_once_however_often_and_in_whatever_words()
    {
        var (grant, effect) = await programme.AskAsync(Build());
        for (var time = 0; time < 3; time++) await programme.ApproveAsync("steward", grant, effect);
        await RefusesToRunAsync(grant, "1 of 2");
    }

    [Theory]
    [InlineData("researcher")]
    [InlineData("participant")]
    [InlineData("participant's device")]
    [InlineData("auditor")]
    [InlineData("operator")]
    [InlineData("stranger")]
    public async Task Only_stewards_approve_and_never_their_own_request(string who)
    {
        var (grant, effect) = await programme.AskAsync(Build());
        await programme.ApproveAsync("steward", grant, effect);
        (await programme.ApproveAsync(who, grant, effect)).Status.ShouldBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized);
        await RefusesToRunAsync(grant, "1 of 2");
    }

    [Fact]
    public async Task An_approval_counts_for_its_grant_and_effect_and_its_signer_only()
    {
        var (first, firstEffect) = await programme.AskAsync(Build());
        var (second, secondEffect) = await programme.AskAsync(Build(minutes: 1440));
        await programme.ApproveAsync("steward", second, secondEffect);
        var steward = programme["second steward"];

        (await programme.ApproveAsync("second steward", first, firstEffect, under: second)).Status.ShouldBe(HttpStatusCode.BadRequest, "moved to another grant");
        (await programme.ApproveAsync("second steward", second, firstEffect)).Status.ShouldBe(HttpStatusCode.BadRequest, "another effect");
        var others = SignedStatement.Sign(programme["steward"].Key, "approval", new { grant = second, effect_sha256 = secondEffect }).ToJson();
        (await steward.PostAsync(programme.Vault.Address, $"v1/grants/{second}/approvals", others)).Status.ShouldBe(HttpStatusCode.BadRequest, "the other steward's statement, sent by this one");
        var kind = SignedStatement.Sign(steward.Key, "enrolment", new { grant = second, effect_sha256 = secondEffect }).ToJson();
        (await steward.PostAsync(programme.Vault.Address, $"v1/grants/{second}/approvals", kind)).Status.ShouldBe(HttpStatusCode.BadRequest, "a statement of another kind");
        var altered = JsonDocument.Parse(SignedStatement.Sign(steward.Key, "approval", new { grant = first, effect_sha256 = firstEffect }).ToJson()).RootElement;
        var payload = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new { grant = second, effect_sha256 = secondEffect })).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var forged = altered.EnumerateObject().ToDictionary(member => member.Name, member => member.Name == "payload" ? payload : member.Value.GetString());
        (await steward.PostAsync(programme.Vault.Address, $"v1/grants/{second}/approvals", forged)).Status.ShouldBe(HttpStatusCode.BadRequest, "an altered payload under an old signature");
        await RefusesToRunAsync(second, "1 of 2");
    }

    [Fact]
    public async Task A_grant_is_run_by_its_requester_and_not_after_a_denial()
    {
        var grant = await programme.GrantAsync(Build());
        foreach (var who in programme.Callers.Where(caller => caller.Name != "researcher"))
            (await who.PostAsync(programme.Vault.Address, $"v1/grants/{grant}/run", "{}")).Status.ShouldBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized);
        (await programme["second steward"].PostAsync(programme.Vault.Address, $"v1/grants/{grant}/denials", "{}")).Status.ShouldBe(HttpStatusCode.OK);
        await RefusesToRunAsync(grant, "denied");
    }

    [Theory]
    [InlineData("""{"purpose":"train","classes":["input"],"tags":["*"],"job":"dataset-build","minutes":5}""")]
    [InlineData("""{"purpose":"train","classes":["input"],"tags":[],"job":"dataset-build","minutes":5}""")]
    [InlineData("""{"purpose":"train","classes":["*"],"tags":["TAG"],"job":"dataset-build","minutes":5}""")]
    [InlineData("""{"purpose":"review","classes":["input"],"tags":["TAG"],"job":"dataset-build","minutes":5}""")]
    [InlineData("""{"purpose":"own-view","classes":["input"],"tags":["TAG"],"job":"dataset-build","minutes":5}""")]
    [InlineData("""{"purpose":"train","classes":["input"],"tags":["TAG","TAG"],"job":"dataset-build","minutes":5}""")]
    [InlineData("""{"purpose":"train","classes":["input"],"tags":["TAG"],"job":"dataset-build","minutes":1441}""")]
    [InlineData("""{"purpose":"train","classes":["input"],"tags":["TAG"],"job":"dataset-build","minutes":-5}""")]
    [InlineData("""{"purpose":"train","classes":["input"],"tags":["TAG"],"tags":["TAG"],"job":"dataset-build","minutes":5}""")]
    [InlineData("""{"purpose":"train","classes":["derived","frames"],"tags":["TAG"],"job":"dataset-export","dataset":"d","holder":"h","holder_recipient":"age1x","format":"webdataset","minutes":5}""")]
    [InlineData("""{"purpose":"train","classes":["input"],"tags":["TAG"],"job":"dataset-build","minutes":5,"holder":"me","holder_recipient":"age1me"}""")]
    public async Task What_reaches_too_far_has_no_spelling(string request) =>
        (await programme["researcher"].PostAsync(programme.Vault.Address, "v1/grants", request.Replace("TAG", programme.Tags[0], StringComparison.Ordinal))).Status
            .ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.Forbidden);

    [Fact]
    public async Task An_invitation_is_for_one_role_and_no_key_is_enrolled_twice()
    {
        using var key = SigningKey.Generate();
        var steward = (await File.ReadAllTextAsync(Path.Combine(programme.Data, "vault", "invitations", "steward"))).Trim();
        foreach (var role in Enum.GetValues<Role>().Where(role => role != Role.Steward))
            (await programme.RedeemAsync(key, Spelling.Of(role), steward, null)).Status.ShouldBe(HttpStatusCode.Forbidden, role.ToString());
        (await programme.RedeemAsync(programme["researcher"].Key, "steward", steward, null)).Status.ShouldBe(HttpStatusCode.Conflict, "a researcher does not become a steward, too");
        using var person = SigningKey.Generate();
        var participant = (await File.ReadAllTextAsync(Path.Combine(programme.Data, "vault", "invitations", "participant"))).Trim();
        var receipt = SignedStatement.Sign(person, "enrolment", new { manifest_sha256 = new string('a', 64), device_key = programme["participant's device"].Key.Public.Text });
        (await programme.RedeemAsync(person, "participant", participant, receipt)).Status.ShouldBe(HttpStatusCode.Conflict, "another person's device");
        (await programme.RedeemAsync(key, "participant", participant, receipt)).Status.ShouldBe(HttpStatusCode.BadRequest, "a receipt that somebody else signed");
    }

    /// <summary>A restored copy of the vault is a second custodian of the same keys: it may not get the auditor's half for what it makes up.</summary>
    [Fact]
    public async Task A_vault_from_a_stolen_backup_gets_no_outer_key_and_leaves_no_core_file()
    {
        var copy = programme.Steal("elsewhere");
        using (var thief = await programme.StartVaultAsync("thief", Path.Combine(copy, "vault")))
        {
            // The true vault goes on: its log and the copy's part ways.
            await programme.AskAsync(Build());
            await UntilAuditedAsync();

            // The thief runs a grant that was approved before the copy was taken, on the copied vault.
            var grant = await OnCopyAsync(thief);
            var (status, text) = await programme["researcher"].SendAsync(HttpMethod.Post, thief.Address, $"v1/grants/{grant}/run", "{}", static _ => Task.CompletedTask);
            (status is HttpStatusCode.OK ? text : "\"error\"").ShouldContain("\"error\"");
            text.ShouldNotContain("\"dataset\"");
            await thief.EndAsync("-SYS");
        }
        Directory.EnumerateFiles(programme.FolderOf("thief"), "*", SearchOption.AllDirectories).Select(Path.GetFileName).Where(name => name!.Contains("core", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_is_killed_leaves_no_core_file_and_an_unprotected_program_does()
    {
        var folder = programme.FolderOf("killed-job");
        using (var job = WatchedHost.Launch("Tutelage.Jobs", folder))
        {
            (await job.FirstOutput.ReadAsync(new byte[5])).ShouldBeGreaterThan(0, "its hello");
            await job.EndAsync("-SYS");
        }
        Directory.EnumerateFiles(Path.Combine(folder, "cwd")).ShouldBeEmpty();

        var unprotected = Directory.CreateDirectory(Path.Combine(programme.Root, "unprotected")).FullName;
        using var control = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", "ulimit -c unlimited; kill -SYS $$"]) { WorkingDirectory = unprotected })!;
        await control.WaitForExitAsync();
        if (!Directory.EnumerateFiles(unprotected, "core*").Any()) Console.WriteLine("this system writes no core files into working folders: the control saw none either");
    }

    private async Task<string> OnCopyAsync(WatchedHost thief)
    {
        var (status, text) = await programme["researcher"].PostAsync(thief.Address, "v1/grants", Build());
        status.ShouldBe(HttpStatusCode.OK, text);
        var (grant, effect) = (AttackedProgramme.Text(AttackedProgramme.Json(text), "grant"), AttackedProgramme.Text(AttackedProgramme.Json(text), "effect_sha256"));
        foreach (var steward in new[] { "steward", "second steward" }) // even with both stewards' keys
            (await programme[steward].PostAsync(thief.Address, $"v1/grants/{grant}/approvals", SignedStatement.Sign(programme[steward].Key, "approval", new { grant, effect_sha256 = effect }).ToJson())).Status.ShouldBe(HttpStatusCode.OK);
        return grant;
    }

    private async Task UntilAuditedAsync()
    {
        for (var asked = 0; asked < 20_000; asked++)
        {
            var status = AttackedProgramme.Json((await programme["nobody"].GetAsync(programme.Vault.Address, "v1/status")).Text);
            if (status.GetProperty("audited").GetInt64() == status.GetProperty("size").GetInt64()) return;
        }
        throw new TimeoutException("the auditor did not follow");
    }

    private object Build(int minutes = 5) => new { purpose = "train", classes = new[] { "input" }, tags = programme.Tags, job = "dataset-build", minutes };

    private async Task RefusesToRunAsync(string grant, string why)
    {
        var (status, text) = await programme["researcher"].PostAsync(programme.Vault.Address, $"v1/grants/{grant}/run", "{}");
        status.ShouldBe(HttpStatusCode.Forbidden, text);
        text.ShouldContain(why);
    }
}
