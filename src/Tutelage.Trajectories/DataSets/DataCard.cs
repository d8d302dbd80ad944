using System.Globalization;
using System.Text;

namespace Tutelage.Trajectories.DataSets;

/// <summary>What people should know of a data set before they use it, as Markdown. Counts only, no content.</summary>
internal static class DataCard
{
    public static string Write(string id, DataSetPlan plan, IReadOnlyList<ShardSummary> shards)
    {
        var card = new StringBuilder();
        var actions = shards.Sum(shard => shard.Actions);
        Line(card, $"# Data set {Cell(plan.Name)}\n");
        Line(card, $"`{id}`: Merkle root over the plaintext of all shards.\n");
        Line(card, $"{shards.Count} persons, {shards.Sum(shard => shard.Trajectories)} trajectories, {actions} actions, {shards.Sum(shard => shard.Frames)} frames, {shards.Sum(shard => shard.ContentBytes)} bytes.\n");
        Line(card, "## Persons\n\n| tag | part | trajectories | actions | share of actions | frames | root |\n|---|---|---|---|---|---|---|");
        foreach (var shard in shards)
            Line(card, $"| {shard.Tag} | {DataSetBuilder.NameOf(shard.Part)} | {shard.Trajectories} | {shard.Actions} | {Share(shard.Actions, actions)} | {shard.Frames} | `{shard.Root}` |");
        Table(card, "Actions", "kind", shards.SelectMany(shard => shard.Kinds).Select(kind => (ActionNames.Of(kind.Key), kind.Value)));
        Table(card, "Apps (actions)", "app", shards.SelectMany(shard => shard.Apps).Select(app => (app.Key, app.Value)));
        Table(card, "Gaps", "reason", shards.SelectMany(shard => shard.Gaps).Select(gap => (GapNames.Of(gap.Key), gap.Value)));
        Line(card, "\n## Lineage\n\n| redactor | manifest | segments |\n|---|---|---|");
        foreach (var group in shards.SelectMany(shard => shard.Lineage).GroupBy(segment => (segment.Redactor, segment.Manifest)).OrderBy(group => group.Key.Redactor, StringComparer.Ordinal).ThenBy(group => group.Key.Manifest, StringComparer.Ordinal))
            Line(card, $"| {Cell(group.Key.Redactor)} | `{Cell(group.Key.Manifest)}` | {group.Count()} |");
        Line(card, """

            ## Known limits

            - What people wrote stands as a shape unless their manifest named the field; a model cannot learn wording from it.
            - Gaps are labelled, and actions never span one, but what happened inside is not here.
            - Times are rounded down to the manifest's quantum, 50 ms unless it says otherwise.
            - Instructions marked as generated were made from the actions; nobody gave them.
            - Near-duplicates, rare contexts and failed attempts are not filtered.
            """);
        return card.ToString().ReplaceLineEndings("\n");
    }

    private static void Table(StringBuilder card, string title, string column, IEnumerable<(string Name, int Count)> counts)
    {
        Line(card, $"\n## {title}\n\n| {column} | count |\n|---|---|");
        foreach (var group in counts.GroupBy(count => count.Name).OrderBy(group => group.Key, StringComparer.Ordinal)) Line(card, $"| {Cell(group.Key)} | {group.Sum(count => count.Count)} |");
    }

    private static void Line(StringBuilder card, string line) => card.Append(line).Append('\n');

    private static string Cell(string text) => text.Replace('|', '/').ReplaceLineEndings(" ");

    private static string Share(int part, int whole) => whole == 0 ? "0 %" : (100.0 * part / whole).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
