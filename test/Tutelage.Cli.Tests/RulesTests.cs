using Tutelage.Cli.Tests.Support;
using Tutelage.Testing;

namespace Tutelage.Cli.Tests;

/// <summary><c>tutelage rules</c> in a real process, on the committed example.</summary>
public sealed class RulesTests
{
    private static readonly string Example = Path.Combine(SharedFolder.Repository, "test", "Tutelage.Rules.Tests", "Vectors", "rules.yaml");

    [Fact]
    public async Task Check_names_every_fault_with_line_and_fix()
    {
        using var line = new CommandLine();
        (await line.DoAsync("rules", "check", Example)).Out.ShouldContain("allow modelling to train and evaluate from input, elements and derived up to personal");
        var bad = Changed(line, ("allow: modelling", "allow: everyone"), ("to: incident", "to: performance"));
        var check = await line.RunAsync("rules", "check", bad);
        check.Code.ShouldBe(CliExit.Failed);
        foreach (var said in new[] { "line 13: 'everyone' is no person", "Name each person", "line 24: 'performance' has no spelling here", "never opened to judge" }) check.Out.ShouldContain(said);
        var json = (await line.RunAsync("rules", "check", bad, "--json")).Json;
        json.GetProperty("faults").EnumerateArray().ShouldAllBe(fault => fault.GetProperty("line").GetInt32() > 0 && fault.GetProperty("fix").GetString()!.Length > 0);
        (await line.RunAsync("rules", "reach", bad)).ShouldFail(CliExit.Failed, "tutelage rules check");
    }

    [Fact]
    public async Task Reach_shows_who_could_open_what_and_which_data_sets()
    {
        using var line = new CommandLine();
        var inventory = Path.Combine(line.Root, "datasets.json");
        File.WriteAllText(inventory, """{"people":[{"key":"cleoAAAAAAAAAAAAAAAAAA","role":"researcher"},{"key":"p","role":"participant","tag":"t1"}],"datasets":[{"id":"d1","class":"derived","sensitivity":"personal","persons":["t1","t2"]},{"id":"d2","class":"derived","persons":[]}]}""");
        var shown = (await line.DoAsync("rules", "reach", Example, "--datasets", inventory)).Out;
        foreach (var said in new[] { "Cleo Marsh", "▒te", "█t", "2/3 ■■□", "Cleo Marsh (train, evaluate), 1 their own part", "nobody", "Dan Roy (danBBBBBBBBBBBBBBBBBBB) is named by the rules and not enrolled" }) shown.ShouldContain(said);
        var json = (await line.DoAsync("rules", "reach", Example, "--datasets", inventory, "--json")).Json;
        json.GetProperty("people").GetArrayLength().ShouldBe(3);
        json.GetProperty("datasets")[0].GetProperty("who_could").GetArrayLength().ShouldBe(3);
        (await line.DoAsync("rules", "reach", Example, "--state", "halted", "--json")).Json.GetProperty("people").GetArrayLength().ShouldBe(0);
        File.WriteAllText(inventory, """{"datasets":[{"id":"d1","class":"everything"}]}""");
        (await line.RunAsync("rules", "reach", Example, "--datasets", inventory)).ShouldFail(CliExit.Usage, "everything");
    }

    [Fact]
    public async Task Diff_says_whom_a_change_lets_in_and_what_it_takes()
    {
        using var line = new CommandLine();
        var wider = Changed(line, ("allow: Cleo Marsh", "allow: [Cleo Marsh, Dan Roy]"), ("version: 3", "version: 4"));
        var said = (await line.DoAsync("rules", "diff", Example, wider)).Out;
        said.ShouldContain("Lets in Dan Roy (danBBBBBBBBBBBBBBBBBBB): to train from ordinary, personal and sensitive text and frames while running.");
        said.ShouldContain("it takes 2 approvals");
        var json = (await line.DoAsync("rules", "diff", Example, wider, "--json")).Json;
        json.GetProperty("widening").GetBoolean().ShouldBeTrue();
        said.ShouldContain(json.GetProperty("effect_sha256").GetString()!);
        (await line.DoAsync("rules", "diff", "-", Example, "--json")).Json.GetProperty("lets_in").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Explain_gives_every_reason_and_what_it_would_take()
    {
        using var line = new CommandLine();
        (await line.DoAsync("rules", "explain", Example, "--who", "Cleo Marsh", "--purpose", "train", "--class", "frames")).Out.ShouldContain("+ sentence 2 (line 18) allows it");
        var request = Path.Combine(line.Root, "request.json");
        File.WriteAllText(request, """{"who":"Dan Roy","purpose":"train","class":"derived","sensitivity":"personal"}""");
        var denied = await line.RunAsync("rules", "explain", Example, request);
        denied.Code.ShouldBe(CliExit.Failed);
        foreach (var said in new[] { "DENIED: Dan Roy", "- sentence 4 (line 28) forbids it", "+ sentence 1 (line 13) allows it", "needed: a change of the rules" }) denied.Out.ShouldContain(said);
        (await line.RunAsync("rules", "explain", Example, request, "--json")).Json.GetProperty("allowed").GetBoolean().ShouldBeFalse();
        (await line.RunAsync("rules", "explain", Example, "--who", "everyone", "--purpose", "train", "--class", "frames")).ShouldFail(CliExit.Usage, "name nobody 'everyone'");
        (await line.RunAsync("rules", "explain", Example, "--who", "Dan Roy", "--purpose", "performance", "--class", "frames")).ShouldFail(CliExit.Usage, "performance");
    }

    private static string Changed(CommandLine line, params (string Right, string Wrong)[] changes)
    {
        var path = Path.Combine(line.Root, "changed.yaml");
        File.WriteAllText(path, changes.Aggregate(File.ReadAllText(Example), (text, change) => text.Replace(change.Right, change.Wrong, StringComparison.Ordinal)));
        return path;
    }
}
