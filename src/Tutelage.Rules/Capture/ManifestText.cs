using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tutelage.Rules.Capture;

/// <summary>A fault in a manifest, with the line it stands on (from 1; 0 where there is none).</summary>
public readonly record struct ManifestFault(int Line, string What)
{
    public override string ToString() => Line > 0 ? $"line {Line}: {What}" : What;
}

/// <summary>A manifest, or every fault that keeps the text from being one.</summary>
public sealed record ManifestReading(CaptureManifest? Manifest, IReadOnlyList<ManifestFault> Faults);

/// <summary>Reads the YAML that people write (docs/formats/manifest.md). Unknown keys are faults: a misspelt limit must not be no limit.</summary>
public static class ManifestText
{
    /// <summary>Longer texts are refused before they are parsed.</summary>
    public const int LongestText = 256 * 1024;

    public static ManifestReading Read(string yaml)
    {
        var faults = new List<ManifestFault>();
        if (yaml.Length > LongestText)
            return new(null, [new(0, $"the manifest has {yaml.Length} characters; at most {LongestText} are read")]);
        YamlMappingNode? root;
        try
        {
            var stream = new YamlStream();
            stream.Load(new Parser(new StringReader(yaml)));
            root = stream.Documents is [{ RootNode: YamlMappingNode mapping }] ? mapping : null;
        }
        catch (Exception fault) when (fault is YamlException or ArgumentException or InvalidOperationException)
        {
            return new(null, [new((int)((fault as YamlException)?.Start.Line ?? 0), "this is not YAML: " + fault.Message)]);
        }
        if (root is null) return new(null, [new(0, "a manifest is one YAML mapping; see docs/formats/manifest.md for an example")]);

        var section = new ManifestSection(root, faults);
        if (section.Number("tutelage-manifest", 1, 1, null) is null) faults.Add(new(0, "the first line must be 'tutelage-manifest: 1'"));
        var programme = section.Text("programme", 80) ?? "";
        var version = section.Number("version", 1, int.MaxValue, null) ?? 0;
        var quantum = section.Number("timing-quantum-ms", 1, 1000, 50) ?? 0;
        var hold = section.Number("hold-minutes", 0, 10080, 60) ?? 0;
        var offline = section.Number("offline-minutes", 0, 1440, 0) ?? 0;
        var frames = section.Number("frames-per-second", 0, 10, 4) ?? 0;
        var quotas = section.Each("quotas", 0, 1000, ReadQuota);
        var rules = section.Each("capture", 1, 1000, ReadRule);
        foreach (var twice in quotas.GroupBy(quota => quota.Skill).Where(group => group.Count() > 1)) section.Fault($"skill '{twice.Key}' has {twice.Count()} quotas; write one");
        foreach (var unused in quotas.Where(quota => rules.All(rule => rule.Skill != quota.Skill)))
            section.Fault($"no entry of 'capture' has the skill '{unused.Skill}'; add 'skill: {unused.Skill}' to the places that it counts, or take the quota away");
        foreach (var twice in rules.GroupBy(rule => rule.Name).Where(group => group.Count() > 1)) section.Fault($"'{twice.Key}' stands {twice.Count()} times in 'capture'; write one entry");
        section.RefuseOthers();
        return faults.Count > 0 ? new(null, faults) : new(new(programme, version, rules, quotas, quantum, hold, offline, frames), faults);
    }

    private static SkillQuota? ReadQuota(ManifestSection section)
    {
        var skill = ReadSkill(section, optional: false);
        var minutes = section.Number("minutes", 1, 100_000, null);
        section.RefuseOthers();
        return skill is null || minutes is null ? null : new(skill, minutes.Value);
    }

    private static string? ReadSkill(ManifestSection section, bool optional)
    {
        var skill = section.Text("skill", 40, optional);
        if (skill is not null && !skill.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            section.Fault($"skill '{skill}' must be of small letters, digits and hyphens, such as filling-forms");
        return skill;
    }

    private static AccountEvidence? ReadAccount(ManifestSection section)
    {
        var role = section.Text("role", 40);
        var name = section.Text("name", 200);
        section.RefuseOthers();
        if (role is null || name is null) return null;
        var evidence = AccountEvidence.Parse(role, name);
        if (evidence is null)
            section.Fault($"account name '{name}' must begin with at least {AccountEvidence.LeastBeginning} characters that are the same for every account, and may have one * for the part that differs, such as 'Signed in as *@acme.example'");
        return evidence;
    }

    private static ManifestRule? ReadRule(ManifestSection section)
    {
        var app = section.Text("app", 80)?.ToLowerInvariant();
        var siteText = section.Text("site", 2048, optional: true);
        var title = section.Text("title-suffix", 80, optional: true);
        var account = section.One("account", ReadAccount);
        var skill = ReadSkill(section, optional: true);
        var classes = section.Words<DataClass>("classes");
        var fields = section.Each("fields", 0, 1000, ReadField);
        section.RefuseOthers();
        SitePattern? site = null;
        if (siteText is not null && !SitePattern.TryParse(siteText, out site))
            section.Fault($"site '{siteText}' must be an http or https address without wildcard, query or user name, such as https://tracker.example/issues/");
        if (app is not null && site is null && siteText is null && PermanentBlocks.IsBrowser(app))
            section.Fault($"app '{app}' is a browser: name the site as well, or everything in it would be allowed");
        foreach (var made in classes.Where(kept => kept is DataClass.Derived or DataClass.Model))
            section.Fault($"class '{Spelling.Of(made)}' is made from recordings and cannot be captured");
        if (app is not null && PermanentBlocks.Match(app, siteText) is { } blocked)
            section.Fault($"'{blocked}' is on the permanent block list and cannot be allowed");
        return app is null ? null : new(app, site, title, classes.ToHashSet(), fields) { Account = account, Skill = skill };
    }

    private static FieldRule? ReadField(ManifestSection section)
    {
        var role = section.Text("role", 40);
        var name = section.Text("name", 200);
        var text = section.Words<FieldText>("text", single: true);
        section.RefuseOthers();
        return role is null || name is null || text.Count != 1 ? null : new(role, name, text[0]);
    }
}
