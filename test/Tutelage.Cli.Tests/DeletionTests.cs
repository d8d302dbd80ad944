using System.Globalization;
using Tutelage.Cli.Tests.Support;

namespace Tutelage.Cli.Tests;

/// <summary>Deletion by hand: the real program, hosts and job. What is left afterwards is looked for on the hosts' disks.</summary>
public sealed class DeletionTests
{
    [Fact]
    public async Task Somebody_deletes_a_range_then_everything_then_withdraws_and_has_a_receipt_that_proves_it()
    {
        using var line = new CommandLine();
        await using var programme = await RunningProgramme.StartAsync(line);
        await PeopleAsync(line, programme);
        var me = Path.Combine(line.Home, "people", "me");

        // Two segments at the server, one of which is of another day; a data set of both; one more that waits here.
        await SendAsync(line, me, 2);
        var ids = SentIds(me);
        var dataset = await BuildAsync(line);
        var others = await SendAsOtherAsync(line);
        HeldSegment.Write(me);
        AgeOf(me, ids[0], TimeSpan.FromDays(3));

        (await line.RunAsync("delete", "me", "--from", "2001-01-01", "--to", "2001-01-02", "--yes")).ShouldFail(CliExit.Failed, "nothing that me recorded");
        (await line.RunAsync("delete", "me", "--from", "yesterday")).ShouldFail(CliExit.Usage, "not a time");
        var (from, to) = (Time(4), Time(2));
        (await line.RunAsync("delete", "me", "--from", from, "--to", to)).ShouldFail(CliExit.Usage, "no terminal");
        Objects(programme).ShouldContain(ids[0]);

        var range = (await line.DoAsync("delete", "me", "--from", from, "--to", to, "--yes", "--json")).Json;
        (range.GetProperty("scope").GetString(), range.GetProperty("done").GetBoolean(), range.GetProperty("verified").GetBoolean(), range.GetProperty("waiting").GetInt32()).ShouldBe(("objects", true, true, 0));
        range.GetProperty("preview").GetProperty("segments").GetInt32().ShouldBe(1);
        range.GetProperty("preview").GetProperty("datasets")[0].GetProperty("dataset").GetString().ShouldBe(dataset);
        Objects(programme).ShouldNotContain(ids[0]);
        Objects(programme).ShouldContain(ids[1]);
        Objects(programme).ShouldContain(others);

        // The data set is marked, and its shard is gone; what was recorded on other days can be built again.
        var stale = (await line.DoAsync("dataset", "list", "--json")).Json.GetProperty("datasets").EnumerateArray().Single();
        (stale.GetProperty("stale").GetBoolean(), stale.GetProperty("persons_gone").GetInt32()).ShouldBe((true, 1));
        (await line.DoAsync("dataset", "list")).Out.ShouldContain("stale: 1 of 1 gone");
        (await BuildAsync(line)).ShouldNotBe(dataset);

        var said = (await line.DoAsync("delete", "me", "--yes")).Out;
        foreach (var words in new[] { "deletes everything", "1 at the server", "1 waiting on this machine", "models     none", "Deleted: the keys are destroyed", "no backup of the key store", "Receipt: " }) said.ShouldContain(words);
        var kept = Objects(programme);
        kept.ShouldBe([others]);
        (await line.RunAsync("grant", "request", "--classes", "input", "--tags", "me", "--as", "cleo")).ShouldFail(CliExit.Refused, "tombstone");

        // Withdrawing after it says the same again, and leaves nothing but the receipt on this machine.
        var withdrawn = (await line.DoAsync("withdraw", "--as", "me", "--yes", "--json")).Json;
        (withdrawn.GetProperty("withdrawn").GetBoolean(), withdrawn.GetProperty("verified").GetBoolean()).ShouldBe((true, true));
        Directory.EnumerateFileSystemEntries(me).Select(Path.GetFileName).ShouldBe(["deletion-receipt.tutelage-history"]);
        (await line.RunAsync("withdraw", "--as", "me", "--yes")).ShouldFail(CliExit.Failed, "no key");
        await VerifyAsync(line, programme, withdrawn.GetProperty("receipt").GetString()!);

        // Who stays is not touched, and the name is free again.
        (await BuildAsync(line, "dora")).ShouldNotBe(dataset);
        await line.DoAsync("enrol", "--yes");
    }

    private static async Task PeopleAsync(CommandLine line, RunningProgramme programme)
    {
        await line.DoAsync("key", "new", "anna", "--role", "steward");
        await line.DoAsync("key", "new", "ben", "--role", "steward");
        await line.DoAsync("key", "new", "cleo", "--role", "researcher");
        var file = Path.Combine(line.Root, "manifest.yaml");
        await File.WriteAllTextAsync(file, "tutelage-manifest: 1\nprogramme: Invented notes\nversion: 1\ncapture:\n  - app: mousepad\n    classes: [input, text, elements, frames]\n");
        await line.DoAsync("manifest", "publish", file, "--as", "anna", "--yes");
        await line.DoAsync("enrol", "--server", programme.Server, "--yes");
        await line.DoAsync("enrol", "--as", "dora", "--server", programme.Server, "--yes");
    }

    private static async Task SendAsync(CommandLine line, string person, int count)
    {
        for (var i = 0; i < count; i++) HeldSegment.Write(person);
        (await line.DoAsync("send", "--as", Path.GetFileName(person), "--json")).Json.GetProperty("sent").GetInt32().ShouldBe(count);
    }

    private static async Task<string> SendAsOtherAsync(CommandLine line)
    {
        var dora = Path.Combine(line.Home, "people", "dora");
        await SendAsync(line, dora, 1);
        return SentIds(dora).Single();
    }

    private static async Task<string> BuildAsync(CommandLine line, string who = "me")
    {
        var grant = (await line.DoAsync("grant", "request", "--classes", "input,text,elements,frames", "--tags", who, "--as", "cleo", "--json")).Json.GetProperty("grant").GetString()!;
        foreach (var steward in new[] { "anna", "ben" }) await line.DoAsync("grant", "approve", grant, "--as", steward, "--yes");
        return (await line.DoAsync("dataset", "build", grant, "--as", "cleo", "--json")).Json.GetProperty("dataset").GetString()!;
    }

    private static async Task VerifyAsync(CommandLine line, RunningProgramme programme, string receipt)
    {
        var card = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(programme.Folder, "programme.json"))).RootElement;
        var policy = Path.Combine(line.Root, "policy.txt");
        await File.WriteAllTextAsync(policy, $"log {card.GetProperty("log").GetString()}\nwitness auditor {card.GetProperty("witness").GetString()}\nquorum auditor\n");
        var verified = (await line.DoAsync("audit", "verify", receipt, "--policy", policy)).Out;
        verified.ShouldContain("Deleted by this person: 1 segment");
        verified.ShouldContain("Deleted by this person: everything");
        (await line.DoAsync("audit", "verify", receipt, "--policy", policy, "--json")).Json.GetProperty("deletions").GetArrayLength().ShouldBe(2);
    }

    /// <summary>Segments that the server keeps on its disk, whatever its index says; shards too.</summary>
    private static List<string> Objects(RunningProgramme programme) =>
        [.. Directory.EnumerateDirectories(Path.Combine(programme.Folder, "server", "objects")).SelectMany(Directory.EnumerateDirectories).Select(path => Path.GetFileName(path)!)];

    private static List<string> SentIds(string person) => [.. File.ReadAllLines(Path.Combine(person, "sent")).Select(line => line.Split(' ')[0])];

    /// <summary>The list says that a segment was worked at some days ago.</summary>
    private static void AgeOf(string person, string id, TimeSpan age)
    {
        var path = Path.Combine(person, "sent");
        File.WriteAllLines(path, File.ReadAllLines(path).Select(line => line.Split(' ') is [var sent, var from, var to] && sent == id ? $"{sent} {Earlier(from, age)} {Earlier(to, age)}" : line));
    }

    private static string Earlier(string minutes, TimeSpan age) => (long.Parse(minutes, CultureInfo.InvariantCulture) - (long)age.TotalMinutes).ToString(CultureInfo.InvariantCulture);

    private static string Time(int daysAgo) => TimeProvider.System.GetUtcNow().AddDays(-daysAgo).ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
}
