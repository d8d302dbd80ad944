using System.Text.Json;

namespace Tutelage.Cli.Deleting;

/// <summary>What is about to go, in words, before anybody is asked.</summary>
/// <param name="Sent">Segments that were sent and are named; null if everything goes.</param>
/// <param name="Waiting">Segments that wait on this machine.</param>
internal sealed record DeletionPage(JsonElement Preview, string Tag, int? Sent, int Waiting, TimeRange? Range)
{
    public void Print()
    {
        Output.Line(Range is { } range
            ? $"This deletes what {Tag} recorded from {Local(range.From)} to {Local(range.To)}, whole segments of about a minute:"
            : $"This deletes everything that {Tag} has recorded:");
        var stored = Preview.TryGetProperty("segments", out var segments) && segments.ValueKind == JsonValueKind.Number ? $"{segments.GetInt32()} at the server" : "those at the server, which does not answer now: it is told until it does";
        Output.Line($"  segments   {stored}{(Sent is { } sent ? $" (of {sent} that this machine has offered)" : "")}, {Waiting} waiting on this machine");
        List("data sets", "datasets", set => $"{Text(set, "dataset")[..12]} of {Text(set, "built")}: your part of it goes dark{(Range is null ? "" : ", all of it, also what was made from other days")}");
        List("exports", "exports", export => $"{Text(export, "object")[..12]} of {Text(export, "exported")}: {Text(export, "holder")} HAS PLAIN FILES, which nobody can call back");
        Output.Line("  models     none are built yet; what a model has learned could not be deleted from it");
        List("grants", "grants", grant => $"{Text(grant, "grant")} ({Text(grant, "state")}): {(Range is null ? "denied" : "a job that runs is ended")}");
        Output.Line("It cannot be undone. An entry in the log says that you deleted it, and when; nothing of the content.");
    }

    private void List(string title, string name, Func<JsonElement, string> words)
    {
        var lines = Preview.GetProperty(name).EnumerateArray().Select(words).ToList();
        if (lines.Count == 0) lines.Add("none");
        for (var i = 0; i < lines.Count; i++) Output.Line($"  {(i == 0 ? title : ""),-10} {lines[i]}");
    }

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString() ?? "";

    private static string Local(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
