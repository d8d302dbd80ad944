using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Tutelage.Cli.Demo.Reporting.Page;

namespace Tutelage.Cli.Demo.Reporting;

/// <summary>Writes the report: one HTML file that asks nothing of the network and is forbidden to.</summary>
/// <remarks>The page's policy (CSP) allows the one script and the one style sheet in it, by hash, and pictures that are in it; nothing else. So even markup
/// that escaped <see cref="Html"/> could load and run nothing.</remarks>
internal static partial class DemoReport
{
    public static void Write(string path, ReportModel model) => File.WriteAllText(path, Render(model), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    internal static string Render(ReportModel model)
    {
        var (style, script) = (Part("report.css"), Part("report.js"));
        var parts = new Dictionary<string, Html>(StringComparer.Ordinal)
        {
            ["policy"] = Html.Of($"default-src 'none'; img-src data:; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'"),
            ["style"] = Html.FromTrusted(style),
            ["script"] = Html.FromTrusted(script),
            ["people"] = Html.Of($"{PageWords.Count(model.Sessions.Count, "synthetic participant")}"),
            ["verdict"] = SummarySection.Verdict(model.Summary),
            ["numbers"] = SummarySection.Numbers(model.Summary),
            ["facts"] = SummarySection.Facts(model),
            ["phases"] = SummarySection.Phases(model.Summary.Seconds),
            ["tabs"] = SessionSection.Tabs(model.Sessions),
            ["sessions"] = SessionSection.Panels(model.Sessions),
            ["gaps"] = GapSection.Of(model.Sessions),
            ["plants"] = PlantSection.Of(model.Plants),
            ["checkpoint"] = LogSection.Checkpoint(model.Ledger),
            ["options"] = LogSection.Options(model.Ledger),
            ["entries"] = LogSection.Entries(model.Ledger),
            ["content"] = PageContent.Of(model).Json(),
        };
        return Place().Replace(Part("report.html"), place => parts[place.Groups[1].Value].ToString());
    }

    /// <summary>The browser hashes the element's text after line ends are normalised; so do we.</summary>
    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Part(string name)
    {
        using var reader = new StreamReader(typeof(DemoReport).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"'{name}' is not built into this assembly"));
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\{\{([a-z]+)\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
