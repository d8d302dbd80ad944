using System.CommandLine;
using Tutelage.Rules;

namespace Tutelage.Cli.Verbs;

/// <summary>Options that mean the same in every verb.</summary>
internal static class Options
{
    /// <summary>Understood behind every verb.</summary>
    public static Option<string?> Home { get; } = new("--home") { Description = "Folder of keys, enrolments and programme. Default: TUTELAGE_HOME, else ~/.tutelage.", Recursive = true, HelpName = "DIR" };

    public static Option<bool> Json() => new("--json") { Description = "Prints JSON for programs." };

    public static Option<bool> Yes() => new("--yes") { Description = "Answers yes: for scripts, where nobody can be asked." };

    public static Option<string?> Server() => new("--server") { Description = "The server's address. Default: the programme of this machine.", HelpName = "URL" };

    public static Option<string> As(string who) => new("--as") { Description = $"Whose key signs: {who}.", Required = true, HelpName = "NAME" };

    public static Option<string?> Person() => new("--as") { Description = "Whose recordings. Default: me, or the only person enrolled here.", HelpName = "NAME" };

    public static Option<string?> Invitation() => new("--invitation") { Description = "The operator's token, or @FILE that holds it. Default: the one of the programme on this machine.", HelpName = "TOKEN|@FILE" };

    public static Home HomeOf(ParseResult parsed) => Cli.Home.At(parsed.GetValue(Home));

    public static Uri? ServerOf(string? given) => given is null ? null
        : Uri.TryCreate(given, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https") ? new(given, UriKind.Absolute)
        : throw new VerbFailedException($"'{given}' is not an address", "such as --server http://127.0.0.1:7442", CliExit.Usage);

    /// <summary>One word of the closed vocabulary.</summary>
    public static TWord Word<TWord>(string option, string given) where TWord : struct, Enum =>
        Spelling.TryRead<TWord>(given, out var word) ? word.Value : throw new VerbFailedException($"{option} '{given}' is not known", $"it takes {Spelling.All<TWord>()}", CliExit.Usage);

    /// <summary>A list with commas between its words.</summary>
    public static IReadOnlyList<string> List(string given) => given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
