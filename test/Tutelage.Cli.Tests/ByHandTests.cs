using Tutelage.Cli.Tests.Support;

namespace Tutelage.Cli.Tests;

/// <summary>The programme by hand, with the real program, hosts and job.</summary>
public sealed class ByHandTests
{
    private const string Manifest = """
        tutelage-manifest: 1
        programme: Invented notes
        version: 1
        capture:
          - app: mousepad
            classes: [input, text, elements, frames]
        """;

    [Fact]
    public async Task The_whole_way_from_up_to_a_verified_log()
    {
        using var line = new CommandLine();
        await using var programme = await RunningProgramme.StartAsync(line);
        var tag = await PeopleAsync(line, programme);
        var segment = await LookAndSendAsync(line);
        await AgreeAgainAsync(line);
        var nobody = await line.DoAsync("audit", "who-saw", "me");
        nobody.Out.ShouldContain($"Nobody has opened anything of {tag}");
        nobody.Out.ShouldContain("complete only if the operator was honest"); // one owner: a rehearsal

        // Two stewards, not the researcher, and not one steward twice.
        var grant = (await line.DoAsync("grant", "request", "--classes", "input,text,elements,frames", "--tags", "me", "--as", "cleo", "--json")).Json.GetProperty("grant").GetString()!;
        (await line.RunAsync("grant", "approve", grant, "--as", "anna")).ShouldFail(CliExit.Usage, "no terminal", "hint: ");
        (await line.RunAsync("grant", "approve", grant, "--as", "cleo", "--yes")).ShouldFail(CliExit.Refused, "a researcher does not approve");
        (await line.RunAsync("dataset", "build", grant, "--as", "cleo")).ShouldFail(CliExit.Refused, "0 of 2 approvals");
        (await line.DoAsync("grant", "approve", grant[..6], "--as", "anna", "--yes")).Out.ShouldContain($"open input, text, elements, frames of 1 person ({tag}) to build a sealed data set");
        await line.DoAsync("grant", "approve", grant, "--as", "anna", "--yes");
        (await line.RunAsync("dataset", "build", grant, "--as", "cleo")).ShouldFail(CliExit.Refused, "1 of 2 approvals");
        (await line.DoAsync("grant", "approve", grant, "--as", "ben", "--yes")).Out.ShouldContain("Approved by enough");

        var built = (await line.DoAsync("dataset", "build", grant, "--as", "cleo", "--json")).Json;
        built.GetProperty("trajectories").GetInt32().ShouldBe(3);
        built.GetProperty("actions").GetInt32().ShouldBeGreaterThanOrEqualTo(2);
        (await line.DoAsync("dataset", "build", grant, "--as", "cleo", "--json")).Json.GetProperty("dataset").GetString().ShouldBe(built.GetProperty("dataset").GetString(), "what is done is not done twice");
        var dataset = (await line.DoAsync("dataset", "list", "--json")).Json.GetProperty("datasets").EnumerateArray().Single();
        dataset.GetProperty("dataset").GetString().ShouldBe(built.GetProperty("dataset").GetString());

        await ExportAsync(line, dataset.GetProperty("dataset").GetString()!);
        await DenyAsync(line);
        await WhoSawAsync(line, programme, tag);
        await VerifyAsync(line, programme);
        segment.Length.ShouldBe(32);
    }

    /// <summary>Two stewards, a researcher, a published manifest and an enrolled person.</summary>
    /// <returns>The person's tag.</returns>
    private static async Task<string> PeopleAsync(CommandLine line, RunningProgramme programme)
    {
        await line.DoAsync("key", "new", "anna", "--role", "steward");
        await line.DoAsync("key", "new", "ben", "--role", "steward", "--invitation", "@" + Path.Combine(programme.Folder, "vault", "invitations", "steward"));
        await line.DoAsync("key", "new", "cleo", "--role", "researcher", "--server", programme.Server);
        (await line.RunAsync("key", "new", "anna", "--role", "steward")).ShouldFail(CliExit.Failed, "'anna'");
        (await line.RunAsync("key", "new", "dora", "--role", "steward", "--invitation", "wrong")).ShouldFail(CliExit.Refused, "invitation");
        foreach (var key in new[] { "anna.key", "cleo.key", "cleo.age-key" }) File.GetUnixFileMode(Path.Combine(line.Home, "keys", key)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Exists(Path.Combine(line.Home, "keys", "dora.key")).ShouldBeFalse("a key that was refused is not kept");

        (await line.RunAsync("enrol", "--server", programme.Server, "--yes")).ShouldFail(CliExit.Failed, "no manifest has been published");
        var file = Path.Combine(line.Root, "manifest.yaml");
        File.WriteAllText(file, Manifest);
        (await line.RunAsync("manifest", "publish", file, "--as", "cleo", "--yes")).ShouldFail(CliExit.Failed, "researcher");
        await line.DoAsync("manifest", "publish", file, "--as", "anna", "--yes");
        (await line.RunAsync("enrol", "--server", programme.Server)).ShouldFail(CliExit.Usage, "no terminal", "--yes");
        var enrolled = await line.DoAsync("enrol", "--server", programme.Server, "--yes");
        enrolled.Out.ShouldContain("Recorded in mousepad");
        enrolled.Out.ShouldContain("rehearsal");
        (await line.RunAsync("enrol", "--server", programme.Server, "--yes")).ShouldFail(CliExit.Failed, "enrolled already");

        var status = (await line.DoAsync("status", "--json")).Json.GetProperty("programme");
        status.GetProperty("rehearsal").GetBoolean().ShouldBeTrue();
        status.GetProperty("log").GetProperty("size").GetInt64().ShouldBeGreaterThan(3);
        status.GetProperty("hosts").EnumerateArray().Select(host => host.GetProperty("state").GetString()).ShouldAllBe(state => state == "ok");
        return (await line.DoAsync("key", "list", "--json")).Json.EnumerateArray().Single(key => key.GetProperty("role").GetString() == "participant").GetProperty("tag").GetString()!;
    }

    private static async Task<string> LookAndSendAsync(CommandLine line)
    {
        var person = Path.Combine(line.Home, "people", "me");
        var (unwanted, wanted) = (HeldSegment.Write(person), HeldSegment.Write(person));
        var review = (await line.DoAsync("review", "--json")).Json.EnumerateArray().ToList();
        review.Count.ShouldBe(2);
        review[0].GetProperty("gaps").GetProperty("NotAllowed").GetInt32().ShouldBe(1);
        review[0].GetProperty("length_ms").GetInt64().ShouldBe(6500);

        var shown = (await line.DoAsync("show", wanted[..8])).Out;
        foreach (var words in new[] { HeldSegment.Instruction, "left at 130,112 on button \"Save\"", "shape only: word", "in textbox \"Note\"", "NotAllowed for 1.0 s", "frame" }) shown.ShouldContain(words);

        await line.DoAsync("discard", unwanted);
        (await line.RunAsync("show", unwanted)).ShouldFail(CliExit.Failed, unwanted, "tutelage review");
        var sent = (await line.DoAsync("send", "--json")).Json;
        (sent.GetProperty("sent").GetInt32(), sent.GetProperty("waiting").GetInt32()).ShouldBe((1, 0));
        (await line.DoAsync("review")).Out.ShouldContain("Nothing waits");
        return wanted;
    }

    /// <summary>A wider manifest: shown as what it changes, refused without a yes, and what was recorded under the one before is still sent.</summary>
    private static async Task AgreeAgainAsync(CommandLine line)
    {
        var person = Path.Combine(line.Home, "people", "me");
        (await line.DoAsync("manifest", "agree")).Out.ShouldContain("newest one: version 1");
        var earlier = HeldSegment.Write(person);
        var (before, after) = (Path.Combine(line.Root, "manifest.yaml"), Path.Combine(line.Root, "manifest-2.yaml"));
        File.WriteAllText(after, Manifest.Replace("version: 1", "version: 2\nframes-per-second: 8", StringComparison.Ordinal));
        var diff = (await line.DoAsync("manifest", "diff", before, after, "--json")).Json;
        (diff.GetProperty("widens").GetBoolean(), diff.GetProperty("changes").GetArrayLength()).ShouldBe((true, 1));
        (await line.DoAsync("manifest", "diff", after, before)).Out.ShouldContain("less: The screen is looked at 4 times a second at most, before: 8.");
        await line.DoAsync("manifest", "publish", after, "--as", "anna", "--yes");
        (await line.RunAsync("manifest", "agree")).ShouldFail(CliExit.Usage, "no terminal", "--yes");
        var agreed = await line.DoAsync("manifest", "agree", "--yes");
        agreed.Out.ShouldContain("more: The screen is looked at 8 times a second at most, before: 4.");
        var later = HeldSegment.Write(person);
        var sent = (await line.DoAsync("send", "--json")).Json;
        (sent.GetProperty("sent").GetInt32(), sent.GetProperty("waiting").GetInt32()).ShouldBe((2, 0), $"{earlier} under version 1 and {later} under version 2");
    }

    private static async Task ExportAsync(CommandLine line, string dataset)
    {
        foreach (var format in new[] { "agentnet", "webdataset" })
        {
            var grant = (await line.DoAsync(
                "grant", "request", "--job", "dataset-export", "--dataset", dataset[..10], "--tags", "me", "--holder", "Cleo, who wrote this test", "--format", format, "--as", "cleo", "--json")).Json;
            grant.GetProperty("effect").GetString()!.ShouldContain($"({format}) for Cleo, who wrote this test");
            var id = grant.GetProperty("grant").GetString()!;
            foreach (var steward in new[] { "anna", "ben" }) await line.DoAsync("grant", "approve", id, "--as", steward, "--yes");
            var target = Path.Combine(line.Root, "exports", format);
            await line.DoAsync("dataset", "export", id, "--as", "cleo", "--to", target);
            Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Select(Path.GetExtension).ShouldContain(format == "agentnet" ? ".jsonl" : ".tar");
            (await line.RunAsync("dataset", "export", id, "--as", "cleo", "--to", target)).ShouldFail(CliExit.Failed, "not an empty folder");
        }
    }

    private static async Task DenyAsync(CommandLine line)
    {
        var grant = (await line.DoAsync("grant", "request", "--classes", "input", "--tags", "me", "--as", "cleo", "--json")).Json.GetProperty("grant").GetString()!;
        await line.DoAsync("grant", "deny", grant, "--as", "ben", "--why", "one data set is enough");
        (await line.RunAsync("dataset", "build", grant, "--as", "cleo")).ShouldFail(CliExit.Refused, "denied");
        var listed = (await line.DoAsync("grant", "list", "--json")).Json.EnumerateArray().Single(line => line.GetProperty("grant").GetString() == grant);
        listed.GetProperty("state").GetString().ShouldBe("denied");
    }

    private static async Task WhoSawAsync(CommandLine line, RunningProgramme programme, string tag)
    {
        var proof = Path.Combine(line.Root, "proof.tutelage-history");
        var told = (await line.DoAsync("audit", "who-saw", "me", "--out", proof, "--json")).Json;
        (told.GetProperty("tag").GetString(), told.GetProperty("verified").GetBoolean(), told.GetProperty("audited").GetBoolean(), told.GetProperty("one_owner").GetBoolean()).ShouldBe((tag, true, true, true));
        var accesses = told.GetProperty("accesses").EnumerateArray().ToList();
        accesses.Select(access => access.GetProperty("job").GetString()).ShouldBe(["dataset-build", "dataset-export", "dataset-export"]);
        accesses.ShouldAllBe(access => access.GetProperty("approvals").GetArrayLength() == 2);
        accesses[0].GetProperty("keys").EnumerateObject().Select(kept => (kept.Name, kept.Value.GetInt32())).ShouldBe([("input", 3), ("text", 3), ("elements", 3), ("frames", 3)]);
        accesses[0].GetProperty("made").GetString()!.ShouldStartWith("data set ");
        accesses[1].GetProperty("made").GetString()!.ShouldContain("for Cleo, who wrote this test");
        told.GetProperty("refused").EnumerateArray().Select(refused => refused.GetProperty("error").GetString()).ShouldBe(["wrong-approver", "rules", "denied"]);
        (await line.RunAsync("audit", "who-saw", "cleo")).ShouldFail(CliExit.Refused, "only participants");

        // Offline, with public keys alone; and with fewer of them.
        var card = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(programme.Folder, "programme.json"))).RootElement;
        var policy = Path.Combine(line.Root, "policy.txt");
        File.WriteAllText(policy, $"log {card.GetProperty("log").GetString()}\nwitness auditor {card.GetProperty("witness").GetString()}\nquorum auditor\n");
        var verified = (await line.DoAsync("audit", "verify", proof, "--policy", policy)).Out;
        verified.ShouldContain("3 accesses");
        verified.ShouldContain("These are all accesses up to log entry");
        File.WriteAllText(policy, $"log {card.GetProperty("log").GetString()}\nquorum none\n");
        (await line.DoAsync("audit", "verify", proof, "--policy", policy)).Out.ShouldContain("complete only if the operator was honest: no independent auditor");
        new FileInfo(proof).Length.ShouldBeLessThan(16 * 1024);
    }

    private static async Task VerifyAsync(CommandLine line, RunningProgramme programme)
    {
        var here = (await line.DoAsync("ledger", "verify", "--json")).Json;
        here.GetProperty("verified").GetBoolean().ShouldBeTrue();
        var size = here.GetProperty("size").GetInt64();
        here.GetProperty("audited").GetInt64().ShouldBe(size);
        (await line.DoAsync("ledger", "verify", programme.Vault.ToString(), "--json")).Json.GetProperty("size").GetInt64().ShouldBe(size, "over HTTP the log is the same");

        var copy = Path.Combine(line.Root, "log");
        CopyFolder(Path.Combine(programme.Folder, "vault", "log"), copy);
        (await line.DoAsync("ledger", "verify", copy)).Out.ShouldContain("Verified");
        var bundle = Directory.EnumerateFiles(Path.Combine(copy, "tile", "entries"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Single(path => Path.GetFileName(path) == size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var bytes = File.ReadAllBytes(bundle);
        bytes[^1] ^= 1;
        File.WriteAllBytes(bundle, bytes);
        var tampered = await line.RunAsync("ledger", "verify", copy);
        tampered.Code.ShouldBe(CliExit.PromiseBroken);
        tampered.Out.ShouldContain($"entry {size - 1} hashes to");
        tampered.Out.ShouldContain("checkpoint: its root is");

        (await line.RunAsync("ledger", "verify", programme.Server)).ShouldFail(CliExit.Failed, "no checkpoint", "vault's address");
    }

    [Fact]
    public async Task A_destroyed_key_signs_nothing_here_and_the_program_says_what_it_did_not_do()
    {
        using var line = new CommandLine();
        await using var programme = await RunningProgramme.StartAsync(line);
        await line.DoAsync("key", "new", "anna", "--role", "steward");
        await line.DoAsync("grant", "list", "--as", "anna");
        (await line.RunAsync("key", "revoke", "anna")).ShouldFail(CliExit.Usage, "no terminal");
        var revoked = await line.DoAsync("key", "revoke", "anna", "--yes");
        revoked.Out.ShouldContain("The vault goes on knowing");
        File.Exists(Path.Combine(line.Home, "keys", "anna.key")).ShouldBeFalse();
        (await line.RunAsync("grant", "list", "--as", "anna")).ShouldFail(CliExit.Failed, "was destroyed on");
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }
}
