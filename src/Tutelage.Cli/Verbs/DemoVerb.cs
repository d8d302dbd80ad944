using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tutelage.Cli.Demo;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage demo</c>.</summary>
internal static class DemoVerb
{
    public static Command Create()
    {
        var seed = new Option<long>("--seed") { Description = "Repeats the scripts and the planted secrets of this number.", DefaultValueFactory = _ => 1 };
        var episodes = new Option<int>("--episodes") { Description = "Tasks for each participant, 1 to 50.", DefaultValueFactory = _ => 4 };
        var pace = new Option<double>("--pace") { Description = "Factor on a natural pace, 0.2 to 10.", DefaultValueFactory = _ => 2 };
        var participants = new Option<int>("--participants") { Description = "Synthetic participants, 1 to 20.", DefaultValueFactory = _ => 3 };
        var keep = new Option<string?>("--keep") { Description = "Keeps all data and the report in this new folder." };
        var json = new Option<string?>("--json") { Description = "Writes the summary to this file." };
        var verb = new Command("demo", "Shows the whole way with synthetic participants, and checks its own promises.\n\nExample: tutelage demo --seed 7 --keep ./demo --json summary.json")
        {
            seed, episodes, pace, participants, keep, json,
        };
        verb.SetAction((parsed, token) => RunAsync(new()
        {
            Seed = parsed.GetValue(seed), Episodes = parsed.GetValue(episodes), Pace = parsed.GetValue(pace), Participants = parsed.GetValue(participants),
            Keep = parsed.GetValue(keep) is { } folder ? Path.GetFullPath(folder) : null, Json = parsed.GetValue(json),
        }, token));
        return verb;
    }

    private static IEnumerable<string> FaultsOf(DemoOptions options)
    {
        if (options.Episodes is < 1 or > 50) yield return $"--episodes is {options.Episodes}; it takes 1 to 50";
        if (options.Participants is < 1 or > 20) yield return $"--participants is {options.Participants}; it takes 1 to 20";
        if (options.Pace is not (>= 0.2 and <= 10)) yield return $"--pace is {options.Pace.ToString(CultureInfo.InvariantCulture)}; it takes 0.2 to 10";
        if (options.Keep is { } folder && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()) yield return $"--keep {folder} is not empty; name a new folder";
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        var faults = FaultsOf(options).ToList();
        foreach (var fault in faults) Console.Error.WriteLine("tutelage demo: " + fault);
        if (faults.Count > 0) return CliExit.Usage;
        var folder = options.Keep ?? Directory.CreateTempSubdirectory("tutelage-demo-").FullName;
        // The truth and the control hold every planted secret.
        Home.CreatePrivate(folder);
        try
        {
            AnsiConsole.MarkupLine($"[bold]Tutelage demo[/]  seed {options.Seed}, {options.Participants} synthetic participants, {options.Episodes} tasks each. Everything below is a [bold]rehearsal[/]: one owner.");
            var summary = await new DemoRun(options, folder, new ConsoleView(AnsiConsole.Console), TimeProvider.System).RunAsync(cancellationToken);
            Show(summary);
            if (options.Json is { } path) await File.WriteAllTextAsync(path, JsonSerializer.Serialize(summary, DemoJson.Default.DemoSummary), cancellationToken);
            var kept = summary.Redaction is { FoundAfterwards: 0 } && summary.Redaction.FoundWithout == summary.Redaction.Planted && summary.Ledger.Verified && summary.Recorded.Lost == 0
                && summary.ActionsMatched >= 0.9 * summary.ActionsExpected;
            return kept ? 0 : CliExit.PromiseBroken;
        }
        finally
        {
            if (options.Keep is null) Directory.Delete(folder, recursive: true);
        }
    }

    private static void Show(DemoSummary summary)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("what").AddColumn(new TableColumn("measured").RightAligned()).AddColumn("promised");
        void Row(string what, FormattableString measured, string promised) => table.AddRow(Markup.Escape(what), Markup.Escape(measured.ToString(CultureInfo.InvariantCulture)), Markup.Escape(promised));
        Row("participants, minutes", $"{summary.Recorded.Participants}, {summary.Recorded.Minutes:0.0}", "");
        Row("input events, lost", $"{summary.Recorded.Events:N0}, {summary.Recorded.Lost}", "0 lost");
        Row("segments, sealed bytes", $"{summary.Recorded.Segments}, {summary.Recorded.BytesSealed:N0}", "");
        Row("bytes an input event", $"{summary.Recorded.BytesPerEvent:0.0}", "12 at most in full segments");
        Row("gaps", $"{string.Join(", ", summary.Gaps.Select(gap => $"{gap.Key} {gap.Value}"))}", "every hole has its reason");
        Row("planted secrets found without redaction", $"{summary.Redaction.FoundWithout} of {summary.Redaction.Planted}", "all");
        Row("planted secrets found afterwards", $"{summary.Redaction.FoundAfterwards} of {summary.Redaction.Planted}", "0");
        Row("data set", $"{summary.Dataset.Id[..12]}: {summary.Dataset.Trajectories} trajectories, {summary.Dataset.Actions} actions, {summary.Dataset.Frames} frames", "");
        Row("actions matched", $"{summary.ActionsMatched} of {summary.ActionsExpected} ({(double)summary.ActionsMatched / Math.Max(1, summary.ActionsExpected):P1})", "0.90");
        Row("log", $"{summary.Ledger.Size} entries, {(summary.Ledger.Verified ? "verified" : "NOT VERIFIED")}, {summary.Ledger.Audited} audited", "verified");
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine($"report: [link]{Markup.Escape(summary.Report)}[/]");
    }
}
