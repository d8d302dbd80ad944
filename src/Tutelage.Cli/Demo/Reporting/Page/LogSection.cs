using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tutelage.Cli.Demo.Reporting.Page;

/// <summary>The log as a reader sees it: its signed state, and each entry with its body, its leaf and its proof. Checks are the script's.</summary>
internal static class LogSection
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The note line by line, each with what it is (c2sp.org/tlog-checkpoint, tlog-cosignature).</summary>
    public static Html Checkpoint(ReportLedger ledger)
    {
        var lines = ledger.Checkpoint.TrimEnd('\n').Split('\n');
        var empty = Array.IndexOf(lines, "");
        return Html.Of($"""
            <div class="scroll wide" tabindex="0" role="region" aria-label="The signed state of the log">
            <table class="note">{lines.Select((line, index) => line.Length == 0 ? default : Html.Of($"""
              <tr><th scope="row">{Meaning(line, index, empty, ledger.Origin)}</th><td><code>{line}</code></td></tr>
              """))}</table>
            </div>
            """);
    }

    private static string Meaning(string line, int index, int empty, string origin) => index switch
    {
        0 => "whose log",
        1 => "number of entries",
        2 => "root: one number that stands for all of them",
        _ when empty < 0 || index < empty => "more",
        _ => line.StartsWith($"— {origin} ", StringComparison.Ordinal) ? "signed by the log" : "cosigned by the auditor",
    };

    public static Html Options(ReportLedger ledger) => Html.Join(ledger.Entries.Select(entry => Html.Of($"""
        <option value="{entry.Index}">{entry.Index} · {Words(entry)}</option>
        """)));

    public static Html Entries(ReportLedger ledger)
    {
        var hidden = ledger.Leaves.Count - ledger.Entries.Count;
        return Html.Of($"""
            <ol class="entries">{ledger.Entries.Select(entry => Entry(entry, ledger))}</ol>
            {(hidden <= 0 ? default : Html.Of($"""<p class="quiet">{PageWords.Count(hidden, "entry", "entries")} more may be read by other people only. Their leaves are in the log all the same, and the root covers them.</p>"""))}
            """);
    }

    private static Html Entry(ReportEntry entry, ReportLedger ledger) => Html.Of($"""
        <li id="entry-{entry.Index}">
          <details>
            <summary><span class="index">{entry.Index}</span> <span class="what">{Words(entry)}</span> <code class="kind">{entry.Kind}</code> <span class="when">{Member(entry, "time")}</span> <span class="check" data-entry="{entry.Index}"></span></summary>
            <div class="body">
              <pre tabindex="0" aria-label="Body of entry {entry.Index}">{Pretty(entry.Body)}</pre>
              <dl class="facts">
                <div><dt>Leaf in the log</dt><dd><code>{(entry.Index >= 0 && entry.Index < ledger.Leaves.Count ? ledger.Leaves[(int)entry.Index] : "none")}</code></dd></div>
                <div><dt>Salt</dt><dd><code>{entry.SaltBase64}</code></dd></div>
              </dl>
              <details><summary>Proof that it is in the log</summary><pre tabindex="0" aria-label="Proof of entry {entry.Index}">{entry.Proof}</pre></details>
            </div>
          </details>
        </li>
        """);

    private static string Words(ReportEntry entry) => PageWords.EntryKind(entry.Kind, Member(entry, "role"));

    private static string? Member(ReportEntry entry, string name)
    {
        try
        {
            using var json = JsonDocument.Parse(entry.Body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>For reading only; the commitment is over the exact bytes, which the script holds.</summary>
    private static string Pretty(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return JsonSerializer.Serialize(json.RootElement, Readable);
        }
        catch (JsonException)
        {
            return body;
        }
    }
}
