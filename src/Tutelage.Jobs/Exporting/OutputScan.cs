using System.Formats.Tar;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tutelage.Jobs.Hosting;
using Tutelage.Redaction.Detection;

namespace Tutelage.Jobs.Exporting;

/// <summary>Reads an export as its holder will, and refuses to let it go if a detector finds anything in its words.</summary>
/// <remarks>An export is the one thing that leaves our control. Structure (paths of pictures, ids, coordinates, the manifest's own names) is ours and is not looked at; every other string is.</remarks>
internal sealed partial class OutputScan(DetectorSet detectors)
{
    private static readonly HashSet<string> Structure = ["image", "task_id", "index", "format", "tag", "part", "object_id", "redactor", "manifest", "app", "site"];
    private readonly Dictionary<string, bool> _verdicts = new(StringComparer.Ordinal);

    public long Texts { get; private set; }

    /// <exception cref="JobFailureException">Something was found; the message names the entry, the line and the kind.</exception>
    public void Check(Stream tar, CancellationToken cancellation) => Check(tar, depth: 0, cancellation);

    private void Check(Stream tar, int depth, CancellationToken cancellation)
    {
        using var reader = new TarReader(tar, leaveOpen: true);
        while (reader.GetNextEntry() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            if (entry.DataStream is not { } content || entry.Name.EndsWith(".png", StringComparison.Ordinal)) continue;
            if (depth == 0 && entry.Name.EndsWith(".tar", StringComparison.Ordinal))
            {
                Check(content, depth + 1, cancellation);
                continue;
            }
            // Shards hold one document a line in .json, too (docs/formats/data-set.md).
            var isJson = entry.Name.EndsWith(".jsonl", StringComparison.Ordinal) || entry.Name.EndsWith(".json", StringComparison.Ordinal);
            using var lines = new StreamReader(content, leaveOpen: true);
            for (var number = 1; lines.ReadLine() is { } line; number++)
            {
                if (!isJson) Check(line, entry.Name, number);
                else if (line.Length > 0) CheckJson(line, entry.Name, number);
            }
        }
    }

    private void CheckJson(string line, string entry, int number)
    {
        using var document = JsonDocument.Parse(line);
        Walk(document.RootElement, name: "", entry, number);
    }

    private void Walk(JsonElement element, string name, string entry, int number)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject()) Walk(member.Value, member.Name, entry, number);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) Walk(item, name, entry, number);
                break;
            case JsonValueKind.String when !Structure.Contains(name):
                var text = element.GetString() ?? "";
                if (name != "code") Check(text, entry, number);
                else foreach (Match literal in CodeLiterals().Matches(text)) Check(literal.Groups[1].Value.Replace("\\'", "'").Replace("\\\\", "\\"), entry, number);
                break;
        }
    }

    private void Check(string text, string entry, int line)
    {
        if (text.Length == 0) return;
        Texts++;
        if (_verdicts.ContainsKey(text)) return; // seen, and nothing was found or we would not be here
        _verdicts.Add(text, true);
        if (detectors.Find(text) is [var first, ..])
            throw new JobFailureException(JobExit.NoOutput, "found-in-output", $"the export's {entry}, line {line}, holds what looks like {first.Kind}; nothing was exported; build the data set anew under the present rules");
    }

    /// <summary>What stands between quotes in a call such as <c>pyautogui.write(message='…')</c>.</summary>
    [GeneratedRegex(@"'((?:[^'\\]|\\.)*)'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex CodeLiterals();
}
