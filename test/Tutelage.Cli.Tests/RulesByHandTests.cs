using Tutelage.Cli.Tests.Support;

namespace Tutelage.Cli.Tests;

/// <summary>A change of the rules by hand, with the real program and hosts, until the person who is recorded reads of it.</summary>
public sealed class RulesByHandTests
{
    [Fact]
    public async Task A_widening_is_proposed_signed_by_two_and_read_by_the_person_whom_it_concerns()
    {
        using var line = new CommandLine();
        await using var programme = await RunningProgramme.StartAsync(line);
        foreach (var (name, role) in new[] { ("anna", "steward"), ("ben", "steward"), ("cleo", "researcher"), ("rosa", "representative") }) await line.DoAsync("key", "new", name, "--role", role);
        var manifest = Path.Combine(line.Root, "manifest.yaml");
        File.WriteAllText(manifest, "tutelage-manifest: 1\nprogramme: Invented notes\nversion: 1\ncapture:\n  - app: mousepad\n    classes: [input]\n");
        await line.DoAsync("manifest", "publish", manifest, "--as", "anna", "--yes");
        await line.DoAsync("enrol", "--server", programme.Server, "--yes");
        (await line.DoAsync("status")).Out.ShouldContain("rules: nobody has written any");

        var cleo = (await line.DoAsync("key", "list", "--json")).Json.EnumerateArray().Single(key => key.GetProperty("name").GetString() == "cleo").GetProperty("key_id").GetString()!;
        var file = Path.Combine(line.Root, "rules.yaml");
        File.WriteAllText(file, $"tutelage-rules: 1\nprogramme: Invented notes\nversion: 1\npeople:\n  - {{name: Cleo Marsh, key: '{cleo}', role: researcher}}\nrules:\n  - {{allow: Cleo Marsh, to: train, from: input, up-to: sensitive, while: running}}\n");
        (await line.RunAsync("rules", "publish", file, "--as", "cleo")).ShouldFail(CliExit.Refused, "asked for by stewards, auditors and representatives");
        var change = (await line.DoAsync("rules", "publish", file, "--as", "rosa", "--json")).Json;
        change.GetProperty("approvals_needed").GetInt32().ShouldBe(2);
        var id = change.GetProperty("change").GetString()!;
        (await line.RunAsync("rules", "approve", id, "--as", "anna")).ShouldFail(CliExit.Usage, "no terminal");
        var first = await line.DoAsync("rules", "approve", id[..6], "--as", "anna", "--yes");
        first.Out.ShouldContain($"Lets in Cleo Marsh ({cleo}): to train from ordinary, personal and sensitive input while running.");
        first.Out.ShouldContain("Approved by 1 of 2");
        (await line.DoAsync("rules", "approve", id, "--as", "ben", "--yes")).Out.ShouldContain("In force since log entry");

        // The person whom it concerns reads it where they look anyway.
        var status = (await line.DoAsync("status")).Out;
        var saw = (await line.DoAsync("audit", "who-saw", "me")).Out;
        var show = (await line.DoAsync("rules", "show", "--as", "me")).Out;
        foreach (var told in new[] { status, saw, show })
        {
            told.ShouldContain("rules: \"Invented notes\" version 1, in force since");
            told.ShouldContain("MORE MAY BE OPENED THAN BEFORE");
            told.ShouldContain("Lets in Cleo Marsh");
        }

        status.ShouldNotContain("THE AUDITOR HAS OTHER RULES");
        (await line.DoAsync("status", "--json")).Json.GetProperty("programme").GetProperty("rules").GetProperty("widened").GetArrayLength().ShouldBeGreaterThan(1);
        (await line.RunAsync("grant", "request", "--classes", "input,frames", "--tags", "me", "--as", "cleo")).ShouldFail(CliExit.Refused, "frames");
        await line.DoAsync("grant", "request", "--classes", "input", "--tags", "me", "--as", "cleo");
    }
}
