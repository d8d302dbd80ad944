using System.Globalization;

namespace Tutelage.Cli.Demo.Reporting.Page;

/// <summary>What was promised and what came of it, in a few large numbers.</summary>
internal static class SummarySection
{
    /// <summary>Of the actions done, the share that must be found again.</summary>
    private const double MatchedAtLeast = 0.90;

    private sealed record Promise(bool Kept, string Number, string Of, string What, string Words);

    public static Html Verdict(DemoSummary summary)
    {
        var promises = Promises(summary);
        var broken = promises.Where(promise => !promise.Kept).ToList();
        return broken.Count == 0
            ? Html.Of($"""<p class="verdict kept"><span class="mark" aria-hidden="true">✓</span> All {promises.Count} promises that this run could check were kept.</p>""")
            : Html.Of($"""<p class="verdict broken"><span class="mark" aria-hidden="true">✕</span> {broken.Count} of {promises.Count} promises were not kept: {string.Join("; ", broken.Select(promise => promise.What.ToLowerInvariant()))}.</p>""");
    }

    public static Html Numbers(DemoSummary summary) => Html.Of($"""<ul class="numbers">{Promises(summary).Select(Number)}</ul>""");

    private static Html Number(Promise promise) => Html.Of($"""
        <li class="number {(promise.Kept ? "kept" : "broken")}">
          <h3>{promise.What}</h3>
          <p class="big">{promise.Number}<small>{promise.Of}</small></p>
          <p>{promise.Words}</p>
          <p class="state"><span class="mark" aria-hidden="true">{(promise.Kept ? "✓" : "✕")}</span> {(promise.Kept ? "kept" : "not kept")}</p>
        </li>
        """);

    private static List<Promise> Promises(DemoSummary summary)
    {
        var (redaction, recorded, ledger) = (summary.Redaction, summary.Recorded, summary.Ledger);
        var searched = redaction.Searched;
        var share = summary.ActionsExpected == 0 ? 0 : (double)summary.ActionsMatched / summary.ActionsExpected;
        return
        [
            new(redaction.FoundWithout == redaction.Planted && redaction.Planted > 0, $"{redaction.FoundWithout}", $" of {redaction.Planted}", "Planted secrets found without redaction",
                "A search that finds nothing proves nothing. So the same search first went through a copy recorded without redaction, and must find every planted secret there."),
            new(redaction.FoundAfterwards == 0, $"{redaction.FoundAfterwards}", $" of {redaction.Planted}", "Planted secrets found afterwards",
                $"Redacted at the desk: none may stand in anything that was written. Searched: {PageWords.Count(searched.Files, "file")} ({PageWords.Size(searched.Bytes)}), {PageWords.Count(searched.Segments, "segment")}, {PageWords.Count(searched.Pictures, "picture")}, {PageWords.Count(searched.TrueBoxes, "place")} on screen where a secret stood."),
            new(recorded.Lost == 0, N(recorded.Lost), $" of {N(recorded.Events)}", "Events lost",
                "What is missing is missing on purpose and labelled. Keys, clicks and movements are not dropped on the way to that decision."),
            new(share >= MatchedAtLeast, $"{summary.ActionsMatched}", $" of {summary.ActionsExpected}", "Actions matched",
                string.Create(CultureInfo.InvariantCulture, $"Still useful: {share:0.0 %} of what the participants did is found again in the data set; at least {MatchedAtLeast:0 %} is the aim.")),
            new(ledger.Verified && ledger.Audited > 0, ledger.Verified ? $"{ledger.Size}" : "no", ledger.Verified ? $" of {ledger.Size}" : "", "Log entries verified",
                $"No log entry, no key. The log was recomputed from its entries; the auditor has read and cosigned {(ledger.Audited == ledger.Size ? "all of them" : $"the first {ledger.Audited}")}."),
        ];
    }

    public static Html Facts(ReportModel model)
    {
        var (recorded, dataset) = (model.Summary.Recorded, model.Summary.Dataset);
        (string Name, string Value)[] facts =
        [
            ("Recorded", string.Create(CultureInfo.InvariantCulture, $"{PageWords.Count(recorded.Participants, "participant")}, {recorded.Minutes:0.0} minutes, {PageWords.Count(recorded.Segments, "segment")}")),
            ("Sealed", string.Create(CultureInfo.InvariantCulture, $"{PageWords.Size(recorded.BytesSealed)} with padding and both envelopes; {recorded.BytesPerEvent:0.0} bytes an input event")),
            ("Data set", $"{PageWords.Count(dataset.Trajectories, "trajectory", "trajectories")}, {PageWords.Count(dataset.Actions, "action")}, {PageWords.Count(dataset.Frames, "picture")}"),
            ("Exported as", dataset.Exports.Count == 0 ? "nothing" : string.Join(", ", dataset.Exports)),
            ("Data set id", dataset.Id),
            ("Made", $"{model.Made}, seed {model.Seed}"),
        ];
        return Html.Of($"""<dl class="facts">{facts.Select(fact => Html.Of($"<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd></div>"))}</dl>""");
    }

    public static Html Phases(IReadOnlyDictionary<string, double> seconds)
    {
        var known = PageWords.Stages.Where(stage => seconds.ContainsKey(stage.Stage)).Select(stage => (stage.Words, seconds[stage.Stage]));
        var other = seconds.Where(stage => PageWords.Stages.All(mine => mine.Stage != stage.Key)).Select(stage => (stage.Key, stage.Value));
        var rows = known.Concat(other).ToList();
        if (rows.Count == 0) return default;
        var longest = Math.Max(0.01, rows.Max(row => row.Item2));
        return Html.Of($"""
            <table class="phases">
              <caption>Where the time went: {rows.Sum(row => row.Item2):0} seconds</caption>
              <thead class="unseen"><tr><th scope="col">Phase</th><th scope="col">Share</th><th scope="col">Seconds</th></tr></thead>
              <tbody>{rows.Select(row => Html.Of($"""
                <tr><th scope="row">{row.Item1}</th>
                <td><svg aria-hidden="true"><rect width="{Math.Max(0.3, 100 * row.Item2 / longest):0.0}%" height="100%" rx="2"/></svg></td>
                <td class="amount">{row.Item2:0.0} s</td></tr>
                """))}</tbody>
            </table>
            """);
    }

    private static string N(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
