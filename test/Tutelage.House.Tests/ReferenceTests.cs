using System.Xml.Linq;
using Tutelage.Testing;

namespace Tutelage.House.Tests;

/// <summary>Arrows go one way: the table of ARCHITECTURE.md, enforced on project files and on compiled assemblies' packages.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Recording"] = [],
        ["Sealing"] = [],
        ["Ledger"] = [],
        ["Identity"] = [],
        ["Rules"] = ["YamlDotNet"],
        ["Redaction"] = ["Recording"],
        ["Trajectories"] = ["Recording"],
        ["Learning"] = ["Trajectories"],
        ["Desktop"] = ["Recording"],
        ["Recorder"] = ["Desktop", "Redaction", "Rules", "Sealing", "Identity"],
        ["Agent"] = ["Desktop", "Learning", "Rules"],
        ["Practice"] = ["Desktop", "Agent"],
        ["Vault"] = ["Sealing", "Ledger", "Identity", "Rules", .. Store],
        ["Auditor"] = ["Sealing", "Ledger", "Identity", "Rules", .. Store],
        ["Jobs"] = ["Sealing", "Recording", "Redaction", "Trajectories", "Learning"],
        ["Server"] = ["Identity", "Rules", "Ledger", .. Store],
        ["Cli"] = ["Vault", "Auditor", "Server", "Jobs", "Recorder", "Practice", "System.CommandLine", "Spectre.Console"],
    };

    private static string[] Store => ["Microsoft.Data.Sqlite", "SQLitePCLRaw.bundle_e_sqlite3", "Dapper"];

    public static TheoryData<string> Projects()
    {
        var projects = new TheoryData<string>();
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(SharedFolder.Repository, "src")).Order(StringComparer.Ordinal))
            projects.Add(Path.GetFileName(folder));
        return projects;
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_refers_only_to_what_the_architecture_allows(string folder)
    {
        var project = folder.Replace("Tutelage.", "", StringComparison.Ordinal);
        Allowed.ShouldContainKey(project, "a new project needs a row in the table of the architecture first");
        var file = XDocument.Load(Path.Combine(SharedFolder.Repository, "src", folder, folder + ".csproj"));
        var references = file.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value).Replace("Tutelage.", "", StringComparison.Ordinal))
            .Concat(file.Descendants("PackageReference").Select(package => package.Attribute("Include")!.Value));
        references.Except(Allowed[project]).ShouldBeEmpty($"{folder} may refer to {string.Join(", ", Allowed[project])} only");
    }

    [Fact]
    public void Nothing_that_stores_ciphertext_can_reach_the_code_that_opens_it() => Reachable("Server").ShouldNotContain("Sealing");

    [Fact]
    public void The_pure_projects_reach_no_web_framework()
    {
        foreach (var project in new[] { "Recording", "Sealing", "Ledger", "Identity", "Rules", "Redaction", "Trajectories" })
            File.ReadAllText(Path.Combine(SharedFolder.Repository, "src", "Tutelage." + project, $"Tutelage.{project}.csproj")).ShouldNotContain("AspNetCore");
    }

    private static HashSet<string> Reachable(string project)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>([project]);
        while (waiting.TryPop(out var next))
            foreach (var reference in Allowed.GetValueOrDefault(next, []))
                if (reached.Add(reference)) waiting.Push(reference);
        return reached;
    }
}
