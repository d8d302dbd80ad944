using FsCheck;
using FsCheck.Fluent;
using Tutelage.Rules.Capture;

namespace Tutelage.Rules.Tests;

public sealed class ManifestDiffTests
{
    private const string Before = """
        tutelage-manifest: 1
        programme: Pilot
        version: 1
        quotas:
          - {skill: forms, minutes: 30}
        capture:
          - app: chromium
            site: https://tracker.example/
            classes: [input, text, elements]
            skill: forms
            account: {role: button, name: Signed in as *@acme.example}
            fields:
              - {role: textbox, name: Merchant, text: surrogate}
          - app: chromium
            site: https://tracker.example/private/
            classes: [input]
        """;

    [Fact]
    public void The_same_rules_change_nothing() => ManifestDiff.Between(Read(Before), Read(Before.Replace("version: 1", "version: 2", StringComparison.Ordinal))).ShouldBeEmpty();

    [Theory]
    [InlineData("classes: [input, text, elements]", "classes: [input, text, elements, frames]", "also: the screen")]
    [InlineData("text: surrogate", "text: keep", "kept as written")]
    [InlineData("    account: {role: button, name: Signed in as *@acme.example}\n", "", "every account")]
    [InlineData("*@acme.example", "*@acme2.example", "only while")]
    [InlineData("minutes: 30", "minutes: 60", "until 60 minutes")]
    [InlineData("quotas:\n  - {skill: forms, minutes: 30}\n", "", "without an end")]
    [InlineData("capture:", "timing-quantum-ms: 10\ncapture:", "rounded to 10 ms")]
    [InlineData("capture:", "hold-minutes: 5\ncapture:", "wait 5 minutes")]
    [InlineData("capture:", "offline-minutes: 5\ncapture:", "go on for 5 minutes")]
    [InlineData("capture:", "frames-per-second: 10\ncapture:", "10 times a second")]
    [InlineData("  - app: chromium\n    site: https://tracker.example/private/\n    classes: [input]", "", "tracker.example/private/ also")]
    [InlineData("https://tracker.example/private/", "https://tracker.example/private/notes/", "tracker.example/private/ also")]
    [InlineData("programme: Pilot", "programme: Another", "called \"Another\"")]
    public void What_lets_more_be_recorded_has_to_be_agreed_to(string right, string wrong, string expected)
    {
        var after = Changed(right, wrong);
        ManifestDiff.Between(Read(Before), after).ShouldContain(change => change.Widens && change.What.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("classes: [input, text, elements]", "classes: [input, text]", "no longer: buttons")]
    [InlineData("minutes: 30", "minutes: 20", "until 20 minutes")]
    [InlineData("capture:", "timing-quantum-ms: 100\ncapture:", "rounded to 100 ms")]
    [InlineData("capture:", "hold-minutes: 90\ncapture:", "wait 90 minutes")]
    [InlineData("      - {role: textbox, name: Merchant, text: surrogate}", "      - {role: textbox, name: merchant, text: surrogate}", null)]
    public void What_lets_less_be_recorded_does_not(string right, string wrong, string? expected)
    {
        var changes = ManifestDiff.Between(Read(Before), Changed(right, wrong));
        changes.ShouldAllBe(change => !change.Widens);
        if (expected is null) changes.ShouldBeEmpty();
        else changes.ShouldContain(change => change.What.Contains(expected, StringComparison.Ordinal));
    }

    /// <summary>Against a definition written apart: what may be recorded at each of many addresses, as a set.</summary>
    [Fact]
    public void A_change_widens_exactly_if_some_address_gives_more() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            var (before, after) = (Read(Invented(random)), Read(Invented(random)));
            string[] probes = ["/", "/a", "/a/", "/a/b/c", "/a/bb/", "/a/b/", "/b/x", "/b/", "/c"];
            var more = probes.Any(path => May(after, path).Except(May(before, path)).Any() || IsLooser(before, after, path));
            return ManifestDiff.Widens(before, after) == more;
        }));

    private static HashSet<string> May(CaptureManifest manifest, string path)
    {
        if (Gate.Decide(manifest, "chromium", "https://t.example" + path, false).Rule is not { } rule) return [];
        var may = rule.Classes.Select(kept => kept.ToString()).ToHashSet();
        if (!rule.Classes.Contains(DataClass.Text)) return may;
        foreach (var field in rule.Fields) may.UnionWith(field.Text == FieldText.Keep ? [field.Name + " invented", field.Name + " kept"] : [field.Name + " invented"]);
        return may;
    }

    private static bool IsLooser(CaptureManifest before, CaptureManifest after, string path)
    {
        if (Gate.Decide(before, "chromium", "https://t.example" + path, false).Rule is not { } was || Gate.Decide(after, "chromium", "https://t.example" + path, false).Rule is not { } isNow) return false;
        if (was.Account is { } account && isNow.Account != account) return true;
        var (had, has) = (before.Quotas.FirstOrDefault(quota => quota.Skill == was.Skill), after.Quotas.FirstOrDefault(quota => quota.Skill == isNow.Skill));
        return had is not null && (has is null || has.Minutes > had.Minutes || has.Skill != had.Skill);
    }

    private static string Invented(System.Random random)
    {
        var yaml = new System.Text.StringBuilder("tutelage-manifest: 1\nprogramme: Pilot\nversion: 1\n");
        var skills = new[] { "forms", "mail" };
        var paths = new[] { "/", "/a/", "/a/b/", "/b/" }.Where(_ => random.Next(2) == 0).DefaultIfEmpty("/c/").ToList();
        var rules = paths.Select(path => (Path: path, Skill: random.Next(3) is var skill && skill < 2 ? skills[skill] : null)).ToList();
        var quotas = skills.Where(skill => rules.Any(rule => rule.Skill == skill) && random.Next(2) == 0).ToList();
        if (quotas.Count > 0) yaml.Append("quotas:\n").AppendJoin("", quotas.Select(skill => $"  - {{skill: {skill}, minutes: {random.Next(1, 4)}}}\n"));
        yaml.Append("capture:\n");
        foreach (var (path, skill) in rules)
        {
            var classes = new[] { "text", "elements" }.Where(_ => random.Next(2) == 0).Prepend("input");
            yaml.Append($"  - app: chromium\n    site: https://t.example{path}\n    classes: [{string.Join(", ", classes)}]\n");
            if (skill is not null) yaml.Append($"    skill: {skill}\n");
            if (random.Next(3) == 0) yaml.Append($"    account: {{role: button, name: As *@{random.Next(2)}.example}}\n");
            if (random.Next(2) == 0) yaml.Append($"    fields:\n      - {{role: textbox, name: Amount, text: {(random.Next(2) == 0 ? "keep" : "surrogate")}}}\n");
        }
        return yaml.ToString();
    }

    private static CaptureManifest Changed(string right, string wrong)
    {
        var text = Before.Replace("version: 1", "version: 2", StringComparison.Ordinal);
        text.ShouldContain(right.Trim('\n'));
        return Read(text.Replace(right, wrong, StringComparison.Ordinal));
    }

    private static CaptureManifest Read(string yaml) => ManifestTests.Read(yaml);
}
