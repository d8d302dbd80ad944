using System.Net;
using System.Text.Json;
using Tutelage.Rules;

namespace Tutelage.Vault.Tests;

/// <summary>Real hosts that are halted, frozen and killed, and what it takes to go on.</summary>
public sealed class HaltTests
{
    [Fact]
    public async Task One_person_halts_the_vault_alone_and_the_auditor_hears_of_it_and_two_people_resume_in_stages()
    {
        await using var programme = await Programme.StartAsync("linger");
        var (rita, ada, steward, other, grant) = await WorkAsync(programme);
        using var run = await RunToKeysAsync(programme, rita, grant);
        var halt = Programme.HaltBy(steward, 0, "too many people");
        (await Programme.HaltAsync(programme.Vault.Address, halt)).Status.ShouldBe(HttpStatusCode.OK);
        (await LastAsync(run)).GetProperty("error").GetString().ShouldBe("halted"); // the answer ends after the job

        var status = await programme.StatusAsync(programme.Vault.Address);
        (status.GetProperty("halted").GetBoolean(), status.GetProperty("epoch").GetInt64(), status.GetProperty("stage").GetString()).ShouldBe((true, 1, "halted"));
        status.GetProperty("halt").GetProperty("why").GetString().ShouldBe("too many people");
        status.GetProperty("halt").GetProperty("role").GetString().ShouldBe("steward");
        (await programme.CallAsync(ada.Device, HttpMethod.Post, "v1/leases", new { })).Answer.GetProperty("error").GetString().ShouldBe("halted");
        await programme.AwaitStatusAsync(programme.Auditor.Address, "stage", "halted");
        await programme.CheckLedgerAsync();

        // Killed and started again, both are where they were.
        await programme.RestartAuditorAsync(isRunning: true);
        await programme.RestartVaultAsync();
        (await programme.StatusAsync(programme.Vault.Address)).GetProperty("stage").GetString().ShouldBe("halted");
        (await programme.StatusAsync(programme.Auditor.Address)).GetProperty("stage").GetString().ShouldBe("halted");
        (await programme.RunAsync(rita, grant)).Answer.GetProperty("error").GetString().ShouldBe("halted");
        await programme.AuditedSizeAsync();

        // One person alone never; each stage is signed by itself.
        (await programme.ResumeAsync(steward)).Answer.GetProperty("state").GetProperty("stage").GetString().ShouldBe("halted");
        (await programme.ResumeAsync(steward)).Answer.GetProperty("state").GetProperty("stage").GetString().ShouldBe("halted");
        (await programme.CallAsync(rita.Key, HttpMethod.Get, "v1/resumption")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await programme.ResumeAsync(other)).Answer.GetProperty("state").GetProperty("stage").GetString().ShouldBe("recording");
        (await programme.CallAsync(ada.Device, HttpMethod.Post, "v1/leases", new { })).Answer.GetProperty("epoch").GetInt64().ShouldBe(1);
        (await programme.RunAsync(rita, grant)).Answer.GetProperty("error").GetString().ShouldBe("halted");
        foreach (var stage in (string[])["ingest", "release"])
        {
            await programme.AuditedSizeAsync();
            (await programme.ResumeAsync(other)).Status.ShouldBe(HttpStatusCode.OK);
            (await programme.ResumeAsync(steward)).Answer.GetProperty("state").GetProperty("stage").GetString().ShouldBe(stage);
        }

        // A halt that was given once stops nothing twice; the keys go on being released to who was granted them.
        (await Programme.HaltAsync(programme.Vault.Address, halt)).Answer.GetProperty("error").GetString().ShouldBe("old-halt");
        (await Programme.HaltAsync(programme.Auditor.Address, halt)).Answer.GetProperty("error").GetString().ShouldBe("old-halt");
        using (await RunToKeysAsync(programme, rita, grant))
            (await Programme.HaltAsync(programme.Vault.Address, Programme.HaltBy(other, 1))).Answer.GetProperty("state").GetProperty("epoch").GetInt64().ShouldBe(2);
        (await programme.AuditedSizeAsync()).ShouldBeGreaterThan(0);
        await programme.CheckLedgerAsync();
    }

    [Fact]
    public async Task A_halt_that_only_the_auditor_heard_of_ends_jobs_and_is_written_down_by_the_vault()
    {
        await using var programme = await Programme.StartAsync("linger");
        var (rita, ada, steward, other, grant) = await WorkAsync(programme);
        using var run = await RunToKeysAsync(programme, rita, grant);
        (await Programme.HaltAsync(programme.Auditor.Address, Programme.HaltBy(ada, 0))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await Programme.HaltAsync(programme.Auditor.Address, Programme.HaltBy(rita, 0))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await Programme.HaltAsync(programme.Auditor.Address, Programme.HaltBy(steward, 0))).Status.ShouldBe(HttpStatusCode.OK);
        (await LastAsync(run)).GetProperty("error").GetString().ShouldBe("halted");
        await programme.AwaitStatusAsync(programme.Vault.Address, "stage", "halted");
        (await programme.StatusAsync(programme.Vault.Address)).GetProperty("epoch").GetInt64().ShouldBe(1);
        await programme.CheckLedgerAsync();

        // The vault that was killed right after it was told reads the halt from the auditor again, or has it; the auditor that was killed has it on disk.
        await programme.RestartVaultAsync();
        await programme.RestartAuditorAsync(isRunning: true);
        (await programme.StatusAsync(programme.Auditor.Address)).GetProperty("stage").GetString().ShouldBe("halted");
        (await programme.ResumeAsync(other)).Answer.TryGetProperty("error", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_the_auditor_jobs_end_and_with_it_they_go_on_and_no_wall_clock_counts()
    {
        await using var programme = await Programme.StartAsync("linger");
        var (rita, _, _, _, grant) = await WorkAsync(programme);
        using (var run = await RunToKeysAsync(programme, rita, grant))
        {
            programme.Auditor.Freeze(); // it takes connections and answers none
            (await LastAsync(run)).GetProperty("error").GetString().ShouldBe("auditor-away");
            programme.Auditor.Wake();
        }

        using (var run = await RunToKeysAsync(programme, rita, grant))
        {
            await programme.Auditor.KillAsync();
            (await LastAsync(run)).GetProperty("error").GetString().ShouldBe("auditor-away");
            await programme.RestartAuditorAsync(isRunning: false);
        }

        // A vault that is frozen in a release and woken later has an old lease; it gives no key and ends the job.
        using (var run = await RunToKeysAsync(programme, rita, grant))
        {
            programme.Vault.Freeze();
            (await Programme.HaltAsync(programme.Auditor.Address, Programme.HaltBy(programme.Stewards[0], 0))).Status.ShouldBe(HttpStatusCode.OK);
            programme.Vault.Wake();
            (await LastAsync(run)).GetProperty("error").GetString().ShouldBe("halted");
        }
    }

    private static async Task<(Somebody Researcher, Somebody Participant, Somebody Steward, Somebody Other, string Grant)> WorkAsync(Programme programme)
    {
        var (ada, rita) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Researcher));
        await programme.UploadSegmentAsync(ada, "ada works");
        var grant = await programme.RequestBuildAsync(rita, ada);
        foreach (var steward in programme.Stewards = [await programme.EnrolAsync(Role.Steward), await programme.EnrolAsync(Role.Steward)]) (await programme.ApproveAsync(steward, grant)).Status.ShouldBe(HttpStatusCode.OK);
        return (rita, ada, programme.Stewards[0], programme.Stewards[1], grant);
    }

    /// <summary>A run whose job has its keys and works on.</summary>
    private static async Task<StreamReader> RunToKeysAsync(Programme programme, Somebody researcher, string grant)
    {
        // An auditor that was away is heard of again with its next word, and only then.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await programme.StatusAsync(programme.Vault.Address)).TryGetProperty("auditor_lease_ms", out var age) || age.GetInt64() >= 1_000) limit.Token.ThrowIfCancellationRequested();
        var lines = await programme.OpenRunAsync(researcher, grant);
        while (await lines.ReadLineAsync() is { } line)
        {
            JsonSerializer.Deserialize<JsonElement>(line).TryGetProperty("error", out _).ShouldBeFalse(line);
            if (line.Contains("\"open\"", StringComparison.Ordinal)) return lines;
        }

        throw new InvalidOperationException("the run ended before its job worked");
    }

    private static async Task<JsonElement> LastAsync(StreamReader lines)
    {
        var last = "";
        while (await lines.ReadLineAsync() is { } line) last = line;
        return JsonSerializer.Deserialize<JsonElement>(last);
    }
}
