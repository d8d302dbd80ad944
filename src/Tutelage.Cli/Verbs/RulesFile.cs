using System.CommandLine;
using Tutelage.Rules.Access;

namespace Tutelage.Cli.Verbs;

/// <summary>A rules file on this machine.</summary>
internal static class RulesFile
{
    private const int MaxBytes = 4 * RuleText.LongestText;

    public static Argument<string> Argument() => new("FILE") { Description = "Rules in YAML (docs/formats/rules.md)." };

    public static RuleReading Read(string path) => RuleText.Read(ReadText(path, MaxBytes));

    public static RuleSet Valid(string path) =>
        Read(path).Rules ?? throw new VerbFailedException($"{path} is not a valid rules file", $"`tutelage rules check {path}` names every fault");

    public static string ReadText(string path, long maxBytes)
    {
        if (!File.Exists(path)) throw new VerbFailedException($"there is no file {path}");
        return new FileInfo(path).Length <= maxBytes ? File.ReadAllText(path) : throw new VerbFailedException($"{path} has over {maxBytes} bytes, and no more are read");
    }
}
