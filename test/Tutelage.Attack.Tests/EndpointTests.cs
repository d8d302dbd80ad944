using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Attack.Tests.Support;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Objects;

namespace Tutelage.Attack.Tests;

/// <summary>Every identity at every endpoint of every host, for every object and class. The endpoints are those that the running hosts list.</summary>
[Collection(nameof(AttackedProgramme))]
public sealed class EndpointTests(AttackedProgramme programme)
{
    private const string Anybody = "*";
    private const string Enrolled = "participant,other participant,steward,second steward,researcher,other researcher,auditor,operator,representative";

    /// <summary>Who is entitled to anything but a refusal. A route that is not here fails the test: whoever adds one says here who may use it.</summary>
    private static readonly Dictionary<string, string> Entitled = new(StringComparer.Ordinal)
    {
        ["Vault GET /v1/status"] = Anybody,
        ["Vault POST /v1/people"] = "", // an invitation decides, and the table has none that is valid
        ["Vault POST /v1/agreements"] = "", // a receipt that the person signed decides
        ["Vault GET /v1/recipients/{tag}"] = "participant,participant's device",
        ["Vault POST /v1/leases"] = "participant's device,other participant's device",
        ["Vault POST /v1/grants"] = "researcher,other researcher",
        ["Vault GET /v1/grants"] = Enrolled,
        ["Vault POST /v1/grants/{id}/approvals"] = "", // a signed statement of the exact effect decides; StolenAccessTests has those
        ["Vault POST /v1/grants/{id}/denials"] = "steward,second steward,researcher",
        ["Vault POST /v1/grants/{id}/run"] = "", // not even the requester: this grant lacks approvals
        ["Vault GET /v1/datasets"] = "steward,second steward,researcher,other researcher,auditor",
        ["Vault GET /v1/entries"] = Enrolled,
        ["Vault GET /v1/entries/{index}"] = "participant", // of entries about the participant
        ["Vault GET /v1/rules"] = Enrolled,
        ["Vault POST /v1/rules"] = "", // a signed proposal of a steward, auditor or representative decides; RuleChangeTests has those
        ["Vault POST /v1/rules/{id}/approvals"] = "", // a signed statement of the exact effect decides
        ["Vault GET /v1/history"] = "participant,other participant",
        ["Vault GET /v1/state"] = Anybody,
        ["Vault POST /v1/halt"] = "", // a signed statement decides; HaltTests has those
        ["Vault GET /v1/halts"] = Enrolled + ",participant's device,other participant's device",
        ["Vault GET /v1/resumption"] = "steward,second steward,auditor,representative",
        ["Vault POST /v1/resumption"] = "", // a signed statement of the exact effect decides
        ["Auditor GET /v1/state"] = Anybody,
        ["Auditor POST /v1/halt"] = "", // a signed statement decides
        ["Auditor GET /v1/checks"] = "vault itself",
        ["Auditor POST /v1/resumption"] = "", // two signed statements decide
        ["Vault POST /v1/deletions"] = "", // a signed statement of their own decides; the table sends somebody else's
        ["Vault POST /v1/deletions/previews"] = "participant,other participant",
        ["Auditor GET /v1/status"] = Anybody,
        ["Auditor GET /v1/outer-recipient"] = Anybody,
        ["Auditor GET /v1/entries"] = "vault itself", // what a vault from a backup lacks
        ["Auditor POST /v1/entries"] = "vault itself",
        ["Auditor POST /v1/releases"] = "", // an entry that was read decides, and the table names one that authorises nothing
        ["Auditor POST /add-checkpoint"] = "", // the log's signature decides
        ["Server GET /"] = Anybody,
        ["Server GET /status.css"] = Anybody,
        ["Server GET /v1/status"] = Anybody,
        ["Server GET /v1/programme"] = Anybody,
        ["Server POST /v1/objects"] = "participant's device",
        ["Server GET /v1/objects"] = "vault itself",
        ["Server GET /v1/objects/{id}/header"] = "vault itself",
        ["Server GET /v1/objects/{id}/files/{name}"] = "vault itself",
        ["Server GET /v1/exports/{id}"] = "researcher",
        ["Server PUT /v1/datasets/{id}"] = "vault itself",
        ["Server POST /v1/deletions"] = "vault itself",
        ["Server GET /v1/datasets"] = "vault itself",
        ["Server GET /v1/datasets/{id}"] = "vault itself",
    };

    private readonly HashSet<string> _forged = new(StringComparer.Ordinal);

    [Fact]
    public async Task Nobody_gets_anything_but_a_refusal_where_they_are_not_entitled()
    {
        var routes = programme.Hosts.SelectMany(host => host.Routes.Select(route => (Host: host, Route: route, Name: $"{host.Name["Tutelage.".Length..]} {route}"))).ToList();
        routes.Select(route => route.Name).Order(StringComparer.Ordinal).ShouldBe(Entitled.Keys.Order(StringComparer.Ordinal), "the hosts' real routes, each classified");

        var (asked, faults, reached) = (0, new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (host, route, name) in routes)
        {
            var (method, pattern) = (new HttpMethod(route[..route.IndexOf(' ', StringComparison.Ordinal)]), route[(route.IndexOf('/', StringComparison.Ordinal) + 1)..]);
            foreach (var caller in programme.Callers)
                foreach (var path in await PathsAsync(name, pattern))
                {
                    var (status, text) = await caller.SendAsync(method, host.Address, path, BodyFor(name, caller));
                    asked++;
                    var entitled = Entitled[name] is Anybody || Entitled[name].Split(',').Contains(caller.Name, StringComparer.Ordinal);
                    if (entitled && (int)status is 200 or 409) reached.Add($"{name} {caller.Name}");
                    if (!entitled && !IsRefusal(name, status)) faults.Add($"{caller.Name}: {method} {path} at {host.Name} answered {(int)status} {text[..Math.Min(text.Length, 200)]}");
                    Markers.Search.InBytes(path, Encoding.UTF8.GetBytes(text)).ShouldBeEmpty();
                }
        }
        faults.ShouldBeEmpty($"{asked} requests");
        asked.ShouldBeGreaterThan(900);

        // Not a table of refusals only: each who is entitled was served at least once.
        var expected = Entitled.SelectMany(row => (row.Value is Anybody ? programme.Callers.Select(caller => caller.Name) : row.Value.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(who => $"{row.Key} {who}"));
        expected.Except(reached).Except(["Auditor POST /v1/entries vault itself", "Server PUT /v1/datasets/{id} vault itself"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Everybody_reads_only_the_entries_and_grants_that_are_about_them()
    {
        var size = AttackedProgramme.Json((await programme["nobody"].GetAsync(programme.Vault.Address, "v1/status")).Text).GetProperty("size").GetInt64();
        foreach (var caller in programme.Callers)
            for (var index = 0L; index < size; index++)
            {
                var (status, text) = await caller.GetAsync(programme.Vault.Address, string.Create(CultureInfo.InvariantCulture, $"v1/entries/{index}"));
                if (status != HttpStatusCode.OK) continue;
                var body = AttackedProgramme.Text(AttackedProgramme.Json(text), "body");
                if (caller.Tag is { } tag) body.ShouldContain(tag, Case.Sensitive, caller.Name);
                else caller.Name.ShouldBeOneOf("steward", "second steward", "auditor");
                programme.Tags.Where(other => other != caller.Tag).ShouldAllBe(other => caller.Tag != null || !body.Contains(other, StringComparison.Ordinal), "entries about a person are that person's");
            }
        var grants = AttackedProgramme.Json((await programme["other researcher"].GetAsync(programme.Vault.Address, "v1/grants")).Text).GetProperty("grants");
        grants.EnumerateArray().ShouldAllBe(grant => AttackedProgramme.Text(grant, "requester") == programme["other researcher"].Key.Public.Id);
    }

    [Theory]
    [InlineData("log/../identity.key")]
    [InlineData("log/%2e%2e/identity.key")]
    [InlineData("log/..%2fidentity.key")]
    [InlineData("log//etc/passwd")]
    [InlineData("log/%00")]
    [InlineData("log/")]
    [InlineData("vault.db")]
    [InlineData("../vault/identity.key")]
    public async Task The_logs_files_are_served_and_nothing_beside_them(string path)
    {
        (await programme["nobody"].GetAsync(programme.Vault.Address, "log/checkpoint")).Status.ShouldBe(HttpStatusCode.OK);
        var answer = await RawHttp.AskAsync(programme.Vault.Address, $"GET /{path} HTTP/1.1\r\nHost: {programme.Vault.Address.Authority}\r\nConnection: close\r\n\r\n");
        answer.ShouldMatch("^HTTP/1.1 (400|404|301)");
        answer.ShouldNotContain("PRIVATE");
    }

    private static bool IsRefusal(string route, HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound
        || (status == HttpStatusCode.BadRequest && route is "Auditor POST /add-checkpoint" or "Vault POST /v1/rules" or "Vault POST /v1/agreements" or "Vault POST /v1/grants/{id}/approvals" or "Vault POST /v1/deletions" or "Auditor POST /v1/releases" or "Vault POST /v1/resumption" or "Auditor POST /v1/resumption");

    /// <summary>The pattern filled with everything real that there is: each object, class, data set, tag, entry.</summary>
    private async Task<IReadOnlyList<string>> PathsAsync(string name, string pattern)
    {
        var listed = AttackedProgramme.Json((await programme["vault itself"].GetAsync(programme.Server.Address, "v1/objects")).Text).GetProperty("objects").EnumerateArray();
        var objects = listed.Select(found => AttackedProgramme.Text(found, "object_id")).Where(id => !_forged.Contains(id)).ToList();
        return name switch
        {
            "Vault GET /v1/state" or "Auditor GET /v1/state" => [pattern + "?nonce=" + new string('0', 32)],
            "Vault GET /v1/halts" => [pattern + "?epoch=99"], // another epoch than the present one is answered at once
            "Vault GET /v1/recipients/{tag}" => [pattern.Replace("{tag}", programme.Tags[0], StringComparison.Ordinal)],
            "Vault GET /v1/entries/{index}" => [pattern.Replace("{index}", (await EntryAboutAsync()).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)],
            "Server GET /v1/objects/{id}/header" => [.. objects.Select(id => pattern.Replace("{id}", id, StringComparison.Ordinal))],
            "Server GET /v1/objects/{id}/files/{name}" =>
                [.. objects.SelectMany(id => Enum.GetValues<DataClass>().Select(kept => pattern.Replace("{id}", id, StringComparison.Ordinal).Replace("{name}", Spelling.Of(kept), StringComparison.Ordinal)))],
            "Server GET /v1/exports/{id}" => [.. objects.Select(id => pattern.Replace("{id}", id, StringComparison.Ordinal))],
            "Auditor GET /v1/entries" => [pattern + "?first=0"],
            "Server GET /v1/objects" => [pattern, .. programme.Tags.Select(tag => $"{pattern}?kind=segment&tag={tag}")],
            _ when pattern.StartsWith("v1/grants/{id}", StringComparison.Ordinal) =>
                [pattern.Replace("{id}", (await programme.AskAsync(new { purpose = "train", classes = new[] { "input" }, tags = programme.Tags, job = "dataset-build", minutes = 5 })).Id, StringComparison.Ordinal)],
            _ => [pattern.Replace("{id}", programme.Dataset, StringComparison.Ordinal)],
        };
    }

    private async Task<long> EntryAboutAsync() =>
        AttackedProgramme.Json((await programme["participant"].GetAsync(programme.Vault.Address, "v1/entries")).Text).GetProperty("entries").EnumerateArray().First().GetInt64();

    /// <summary>A body that would be served if whoever sends it were entitled.</summary>
    private object? BodyFor(string name, Caller caller) => name switch
    {
        "Vault POST /v1/people" => new { invitation = "0123456789abcdef", public_key = caller.Name == "nobody" ? programme["stranger"].Key.Public.Text : caller.Key.Public.Text, role = "steward" },
        "Vault POST /v1/grants" => new { purpose = "train", classes = new[] { "input" }, tags = programme.Tags, job = "dataset-build", minutes = 5 },
        "Vault POST /v1/agreements" or "Vault POST /v1/halt" or "Auditor POST /v1/halt" or "Vault POST /v1/resumption" or "Auditor POST /v1/resumption" or "Vault POST /v1/rules" or "Vault POST /v1/rules/{id}/approvals" or "Vault POST /v1/leases" or "Vault POST /v1/grants/{id}/run" or "Vault POST /v1/grants/{id}/denials" or "Vault POST /v1/grants/{id}/approvals" => "{}",
        "Auditor POST /v1/entries" => new { first = 0, entries = Array.Empty<object>() },
        "Auditor POST /v1/releases" => new { entry_index = 0, objects = new[] { new { } }, job_recipient = programme.Holder.Recipient.Text },
        "Auditor POST /add-checkpoint" => "old 0\n\nforged\n1\n\n",
        "Server PUT /v1/datasets/{id}" => "{}",
        "Vault POST /v1/deletions" => SignedStatement.Sign(programme["stranger"].Key, "deletion", new { tag = programme.Tags[0], scope = "person", objects = Array.Empty<string>(), day = "2026-11-22", nonce = new string('0', 32) }).ToJson(),
        "Vault POST /v1/deletions/previews" => "{}",
        "Server POST /v1/deletions" => new { tag = new string('0', 32) }, // nobody's
        "Server POST /v1/objects" => Upload(caller),
        _ => null,
    };

    /// <summary>An object under the participant's tag and certificate, signed by whoever sends it.</summary>
    private byte[] Upload(Caller caller)
    {
        var file = RandomNumberGenerator.GetBytes(100);
        var key = caller.Name == "nobody" ? programme["stranger"].Key : caller.Key;
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _forged.Add(id);
        var header = HeaderBytes.Encode(new(
            id, ObjectKind.Segment, programme.Tags[0], 0, Loot.ForgedBy, AttackedProgramme.Manifest, key.Public.Id,
            [new(DataClass.Input, file.Length, SHA256.HashData(file), new byte[] { 1 }, new byte[] { 2 })]));
        return [.. header, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToBase64String(key.Sign(header))), (byte)'\n', .. Encoding.UTF8.GetBytes(programme["participant"].Certificate), (byte)'\n', .. file];
    }
}
