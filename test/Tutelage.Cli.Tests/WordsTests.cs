using System.CommandLine;
using Tutelage.Cli.Tests.Support;
using Tutelage.Cli.Verbs;

namespace Tutelage.Cli.Tests;

/// <summary>What a user reads before anything happens: lists, help, and answers to wrong words.</summary>
public sealed class WordsTests
{
    private static readonly string[] Verbs =
    [
        "demo", "up", "status", "key new", "key list", "key revoke", "manifest check", "manifest show", "manifest diff", "manifest publish", "manifest agree", "rules check", "rules reach", "rules diff", "rules explain", "rules publish", "rules approve", "rules show", "enrol", "record", "pause", "resume", "forget",
        "review", "show", "discard", "send", "halt", "grant request", "grant list", "grant approve", "grant deny", "audit verify", "audit who-saw", "dataset build", "dataset list", "dataset export", "ledger verify", "ledger fsck", "keystore backup", "keystore rehearse", "keystore restore", "keystore rotate", "keystore status", "mcap info", "delete", "withdraw",
    ];

    [Fact]
    public void Every_verb_of_the_list_has_help_with_an_example_and_every_option_says_what_it_is()
    {
        var root = AllVerbs.Create(TimeProvider.System);
        Leaves(root).Select(verb => verb.Path).Order(StringComparer.Ordinal).ShouldBe(Verbs.Order(StringComparer.Ordinal));
        foreach (var (path, verb) in Leaves(root))
        {
            verb.Description!.ShouldContain($"Example: tutelage {path}");
            verb.Options.Where(option => string.IsNullOrWhiteSpace(option.Description)).Select(option => $"{path} {option.Name}").ShouldBeEmpty();
            verb.Arguments.Where(argument => string.IsNullOrWhiteSpace(argument.Description)).Select(argument => $"{path} {argument.Name}").ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Alone_it_lists_the_verbs_with_one_line_each()
    {
        using var line = new CommandLine();
        var alone = (await line.DoAsync()).Out;
        foreach (var verb in Verbs) alone.Split('\n').Count(text => text.StartsWith($"  {verb} ", StringComparison.Ordinal)).ShouldBe(1, verb);
        (await line.DoAsync("--help")).Out.ShouldBe(alone);
        (await line.DoAsync("grant", "request", "--help")).Out.ShouldContain("Example: tutelage grant request");
    }

    [Theory]
    [InlineData(CliExit.Usage, "nonsense", "nonsense")]
    [InlineData(CliExit.Usage, "--role", "key", "new", "anna")]
    [InlineData(CliExit.Usage, "emperor", "key", "new", "anna", "--role", "emperor")]
    [InlineData(CliExit.Usage, "'Anna/..'", "key", "new", "Anna/..", "--role", "steward")]
    [InlineData(CliExit.Failed, "tutelage up", "key", "new", "anna", "--role", "steward")]
    [InlineData(CliExit.Failed, "tutelage up", "ledger", "verify")]
    [InlineData(CliExit.Failed, "no key", "grant", "list")]
    [InlineData(CliExit.Usage, "ftp://nowhere", "enrol", "--server", "ftp://nowhere")]
    [InlineData(CliExit.Failed, "no answer", "enrol", "--server", "http://127.0.0.1:9")]
    [InlineData(CliExit.Usage, "'0m'", "forget", "0m")]
    [InlineData(CliExit.Usage, "'169h'", "forget", "169h")]
    [InlineData(CliExit.Failed, "nothing is being captured", "pause")]
    [InlineData(CliExit.NotEnrolled, "tutelage enrol", "review")]
    [InlineData(CliExit.NotEnrolled, "tutelage enrol", "send")]
    [InlineData(CliExit.Failed, "missing.mcap", "mcap", "info", "missing.mcap")]
    [InlineData(CliExit.Failed, "missing.yaml", "manifest", "show", "missing.yaml")]
    public async Task Wrong_words_get_an_answer_that_says_what_and_what_to_do(int code, string named, params string[] arguments)
    {
        using var line = new CommandLine();
        (await line.RunAsync(arguments)).ShouldFail(code, named);
    }

    [Fact]
    public async Task A_faulty_manifest_is_told_fault_by_fault_with_lines()
    {
        using var line = new CommandLine();
        var file = Path.Combine(line.Root, "bad.yaml");
        File.WriteAllText(file, "tutelage-manifest: 1\nprogramme: x\nversion: 1\nhold-minuets: 5\ncapture:\n  - app: chromium\n    classes: [input, model]\n");
        var check = await line.RunAsync("manifest", "check", file);
        check.Code.ShouldBe(CliExit.Failed);
        foreach (var fault in new[] { "line 4", "hold-minuets", "chromium", "model" }) check.Out.ShouldContain(fault);
        (await line.RunAsync("manifest", "check", file, "--json")).Json.GetProperty("faults").GetArrayLength().ShouldBeGreaterThanOrEqualTo(3);
    }

    private static IEnumerable<(string Path, Command Verb)> Leaves(Command command, string path = "") => command.Subcommands.Count == 0
        ? [(path, command)]
        : command.Subcommands.SelectMany(inner => Leaves(inner, path.Length == 0 ? inner.Name : $"{path} {inner.Name}"));
}
