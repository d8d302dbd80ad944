using System.Diagnostics;
using System.Text.RegularExpressions;
using Tutelage.Testing;

namespace Tutelage.House.Tests;

/// <summary>Laws of the tree that are cheap to check and easy to break.</summary>
public sealed partial class TreeTests
{
    private static readonly string[] BannedSuffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Processor", "Impl"];

    private static IReadOnlyList<string> Tracked { get; } = ListTracked();

    private static IEnumerable<string> Sources => Tracked.Where(path => path.EndsWith(".cs", StringComparison.Ordinal));

    [Fact]
    public void No_type_is_named_after_what_it_is_not()
    {
        var bad = from path in Sources
                  from Match match in Declaration().Matches(Read(path))
                  where BannedSuffixes.Any(suffix => match.Groups["name"].Value.EndsWith(suffix, StringComparison.Ordinal))
                  select $"{path}: {match.Groups["name"].Value}";
        bad.ShouldBeEmpty();
    }

    [Fact]
    public void No_file_names_a_path_of_the_machine_it_was_written_on()
    {
        var parent = Path.GetDirectoryName(SharedFolder.Repository)!;
        if (parent.Length < 4) return;
        Tracked.Where(path => !path.EndsWith(".png", StringComparison.Ordinal) && Read(path).Contains(parent + "/", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Code_has_no_regions_and_no_loose_ends() =>
        Sources.Where(path => !path.EndsWith("TreeTests.cs", StringComparison.Ordinal) && LooseEnd().IsMatch(Read(path))).ShouldBeEmpty();

    [Fact]
    public void Readme_stays_short() => File.ReadLines(Path.Combine(SharedFolder.Repository, "README.md")).Count().ShouldBeLessThanOrEqualTo(110);

    [Fact]
    public void A_deep_file_says_why_it_is_one_idea()
    {
        var deep = Sources.Where(path => path.StartsWith("src/", StringComparison.Ordinal) && Read(path).Count(letter => letter == '\n') > 500);
        deep.Where(path => !Read(path).Contains("/// <summary>", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+(?<name>[A-Z]\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*#region|NotImplementedException|//\s*(TODO|FIXME|HACK)\b(?!\(#\d+\))", RegexOptions.Multiline)]
    private static partial Regex LooseEnd();

    private static string Read(string path) => File.ReadAllText(Path.Combine(SharedFolder.Repository, path));

    private static List<string> ListTracked()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = SharedFolder.Repository, RedirectStandardOutput = true,
        })!;
        var paths = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return paths.Where(path => File.Exists(Path.Combine(SharedFolder.Repository, path))).ToList();
    }
}
