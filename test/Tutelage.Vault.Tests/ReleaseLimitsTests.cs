using System.Globalization;
using System.Net;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Testing;

namespace Tutelage.Vault.Tests;

/// <summary>What a grant does not give: more keys than approved, other keys than its own, a way out of the job, or a log full of refusals.</summary>
public sealed class ReleaseLimitsTests
{
    [Fact]
    public async Task More_keys_than_were_approved_are_not_released()
    {
        await using var programme = await Programme.StartAsync();
        var (rita, ada, grant) = await GrantedAsync(programme, keys: 1);
        await programme.UploadSegmentAsync(ada, "one more");
        (await programme.RunAsync(rita, grant)).Answer.GetProperty("error").GetString().ShouldBe("keys-used-up");
        (await EntriesAsync(programme, ada)).ShouldNotContain(entry => Kind(entry) == "release");
        await programme.CheckLedgerAsync();
    }

    [Fact]
    public async Task A_job_that_asks_for_what_its_grant_does_not_open_is_ended()
    {
        await using var programme = await Programme.StartAsync("greedy");
        var (rita, ada, grant) = await GrantedAsync(programme);
        (await programme.RunAsync(rita, grant)).Answer.GetProperty("error").GetString().ShouldBe("job-protocol");
        (await EntriesAsync(programme, ada)).Select(Kind).ShouldNotContain("release");
    }

    [Fact]
    public async Task A_flood_of_refusals_is_counted_and_does_not_fill_the_log()
    {
        await using var programme = await Programme.StartAsync();
        var (_, ada, grant) = await GrantedAsync(programme);
        var eve = await programme.EnrolAsync(Role.Researcher);
        for (var round = 0; round < 200; round++) (await programme.RunAsync(eve, grant)).Status.ShouldBe(HttpStatusCode.Forbidden);
        for (var round = 0; round < 200; round++)
            (await programme.CallAsync(eve.Key, HttpMethod.Post, "v1/grants", new { purpose = "own-view", classes = new[] { "input" }, tags = new[] { ada.Tag }, job = "dataset-build", minutes = round })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await EntriesAsync(programme, ada)).Count(entry => Kind(entry) == "refused").ShouldBe(2);
        await programme.CheckLedgerAsync();
    }

    [Fact]
    public async Task From_inside_a_job_nothing_is_reached_but_its_pipes()
    {
        if (!RequiredPrograms.AreThere("bwrap")) return;
        var temp = Path.GetTempFileName();
        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), $".tutelage-probe-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(home, "x");
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        try
        {
            var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
            await using var programme = await Programme.StartAsync($"probe 127.0.0.1 {port} {temp} {home} {Environment.ProcessId} {Environment.ProcessId}");
            var (rita, _, grant) = await GrantedAsync(programme);
            var last = (await programme.RunAsync(rita, grant)).Answer;
            last.GetProperty("error").GetString().ShouldBe("job-probed", last.ToString());
            last.GetProperty("message").GetString().ShouldBe("the job failed: ");
        }
        finally
        {
            File.Delete(temp);
            File.Delete(home);
        }
    }

    [Fact]
    public async Task A_job_that_asks_on_after_its_grant_has_ended_gets_nothing_and_the_refusal_is_an_entry()
    {
        await using var programme = await Programme.StartAsync("insatiable", ownClock: true);
        var (rita, ada, grant) = await GrantedAsync(programme, minutes: 1);
        var last = default(JsonElement);
        var seconds = 0;
        using (var http = new HttpClient(new SigningHandler(rita.Key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() }))
        using (var request = new HttpRequestMessage(HttpMethod.Post, new Uri(programme.Vault.Address, $"v1/grants/{grant}/run")))
        using (var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        using (var lines = new StreamReader(await answer.Content.ReadAsStreamAsync()))
        {
            // A second for each release: far less than what makes a cosignature stale, so that nothing but the end of the grant stops it.
            while (await lines.ReadLineAsync() is { } line)
            {
                last = JsonSerializer.Deserialize<JsonElement>(line);
                if (last.TryGetProperty("stage", out var stage) && stage.GetString() == "keys") await File.WriteAllTextAsync(programme.Clock!, (++seconds).ToString(CultureInfo.InvariantCulture));
            }
        }

        // Refused by the vault, or, if the grant ended between entry and key, by the auditor.
        var by = last.GetProperty("error").GetString();
        (by == "expired" || (by == "auditor-refused" && last.GetProperty("message").GetString()!.Contains("the release ended at", StringComparison.Ordinal))).ShouldBeTrue(last.ToString());
        seconds.ShouldBeGreaterThan(30);
        await File.WriteAllTextAsync(programme.Clock!, "0");
        var kinds = (await EntriesAsync(programme, ada)).Select(Kind).ToList();
        (kinds[^1], kinds[^2]).ShouldBe(("refused", "release"));
        await programme.CheckLedgerAsync();
    }

    [Fact]
    public async Task Where_bubblewrap_is_refused_status_run_and_entry_say_that_the_job_had_no_sandbox()
    {
        if (Environment.UserName != "root" || !RequiredPrograms.AreThere("unshare", "bwrap")) return;
        await using var programme = await Programme.StartAsync();
        (await programme.Vault.StopAsync()).ShouldBe(0);

        // A mount of its own puts something that cannot be run in bubblewrap's place, for this vault alone.
        await programme.BeginVaultAsync("unshare", "--mount", "sh", "-c", "mount --bind /dev/null /usr/bin/bwrap && exec \"$@\"", "sh");
        using (var http = new HttpClient()) (await http.GetStringAsync(new Uri(programme.Vault.Address, "v1/status"))).ShouldContain("\"job_confinement\":\"none: ");
        var (rita, ada, grant) = await GrantedAsync(programme);
        using (var http = new HttpClient(new SigningHandler(rita.Key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() }))
        using (var answer = await http.PostAsync(new Uri(programme.Vault.Address, $"v1/grants/{grant}/run"), null))
            (await answer.Content.ReadAsStringAsync()).ShouldContain("\"confinement\":\"none: ");
        var release = (await EntriesAsync(programme, ada)).Single(entry => Kind(entry) == "release");
        release.GetProperty("body").GetString()!.ShouldContain("\"confinement_claimed\":\"none: ");
    }

    private static async Task<(Somebody Researcher, Somebody Participant, string Grant)> GrantedAsync(Programme programme, int? keys = null, int minutes = 30)
    {
        var ada = await programme.EnrolAsync(Role.Participant);
        var rita = await programme.EnrolAsync(Role.Researcher);
        await programme.UploadSegmentAsync(ada, "ada works");
        var (_, asked) = await programme.CallAsync(rita.Key, HttpMethod.Post, "v1/grants", new { purpose = "train", classes = new[] { "input" }, tags = new[] { ada.Tag }, job = "dataset-build", minutes, keys });
        var grant = asked.GetProperty("grant").GetString()!;
        for (var i = 0; i < 2; i++) (await programme.ApproveAsync(await programme.EnrolAsync(Role.Steward), grant)).Status.ShouldBe(HttpStatusCode.OK);
        return (rita, ada, grant);
    }

    private static async Task<IReadOnlyList<JsonElement>> EntriesAsync(Programme programme, Somebody person)
    {
        var entries = new List<JsonElement>();
        foreach (var index in (await programme.CallAsync(person.Key, HttpMethod.Get, "v1/entries")).Answer.GetProperty("entries").EnumerateArray())
            entries.Add((await programme.CallAsync(person.Key, HttpMethod.Get, $"v1/entries/{index.GetInt64()}")).Answer);
        return entries;
    }

    private static string Kind(JsonElement entry) => entry.GetProperty("kind").GetString()!;
}
