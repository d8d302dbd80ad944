namespace Tutelage.Rules.Capture;

/// <summary>One difference between two manifests, in a plain sentence.</summary>
/// <param name="Widens">More may be recorded, or kept longer or closer, than before: the person has to agree again.</param>
public readonly record struct ManifestChange(string What, bool Widens);

/// <summary>What a new manifest changes for the person who agreed to the old one.</summary>
/// <remarks>
/// <para>Within the paths that either manifest names the rules that apply are the same everywhere between one named path and the next longer one. So the two are compared
/// at each named path, by the rule that applies <em>there</em> in each: taking away a narrow rule below a wide one is then seen for the widening that it is.</para>
/// <para>What cannot be told to be narrower counts as wider: if this were wrong the other way round, somebody would be recorded who never agreed.</para>
/// </remarks>
public static class ManifestDiff
{
    public static IReadOnlyList<ManifestChange> Between(CaptureManifest before, CaptureManifest after)
    {
        var changes = new List<ManifestChange>();
        if (before.Programme != after.Programme) changes.Add(new($"The programme is called \"{after.Programme}\", before: \"{before.Programme}\".", true));
        foreach (var (app, site) in before.Rules.Concat(after.Rules).Select(rule => (rule.App, rule.Site)).Distinct())
        {
            var (was, isNow) = (before.RuleFor(app, site?.ToString()), after.RuleFor(app, site?.ToString()));
            var place = site is null ? app : $"{app} at {site}";
            if (was is null && isNow is null) continue;
            if (was is null) changes.Add(new($"New: recorded in {place}: {Words(isNow!.Classes)}.", true));
            else if (isNow is null) changes.Add(new($"No longer recorded in {place}.", false));
            else changes.AddRange(Between(place, was, isNow, before.MinutesOf(was), after.MinutesOf(isNow)));
        }

        Number("Times are rounded to {0} ms", before.QuantumMs, after.QuantumMs, widerIfMore: false);
        Number("The screen is looked at {0} times a second at most", before.FramesPerSecond, after.FramesPerSecond, widerIfMore: true);
        Number("Recordings wait {0} minutes on your machine", before.HoldMinutes, after.HoldMinutes, widerIfMore: false);
        Number("Without a connection recording may go on for {0} minutes", before.OfflineMinutes, after.OfflineMinutes, widerIfMore: true);
        return changes;

        void Number(string sentence, int was, int isNow, bool widerIfMore)
        {
            if (was == isNow) return;
            changes.Add(new($"{string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, isNow)}, before: {was}.", isNow > was == widerIfMore));
        }
    }

    /// <summary>Whether a person who agreed to <paramref name="before"/> has to be asked again.</summary>
    public static bool Widens(CaptureManifest before, CaptureManifest after) => Between(before, after).Any(change => change.Widens);

    private static IEnumerable<ManifestChange> Between(string place, ManifestRule was, ManifestRule isNow, int? minutesWere, int? minutesAre)
    {
        var (more, fewer) = (isNow.Classes.Except(was.Classes).ToList(), was.Classes.Except(isNow.Classes).ToList());
        if (more.Count > 0) yield return new($"In {place} also: {Words(more)}.", true);
        if (fewer.Count > 0) yield return new($"In {place} no longer: {Words(fewer)}.", false);
        if (was.Title != isNow.Title) yield return new($"In {place} \"{isNow.Title ?? "nothing"}\" counts as the app's own part of window titles, before: \"{was.Title ?? "nothing"}\".", isNow.Title is not null);
        if (was.Account != isNow.Account) yield return OfAccount(place, was.Account, isNow.Account);
        if (was.Skill != isNow.Skill || minutesWere != minutesAre) yield return OfQuota(place, was, isNow, minutesWere, minutesAre);
        foreach (var (role, name) in was.Fields.Concat(isNow.Fields).Select(field => (field.Role, Name: field.Name.ToUpperInvariant())).Distinct())
        {
            var (before, after) = (TextOf(was, role, name), TextOf(isNow, role, name));
            if (before == after) continue;
            var field = isNow.Fields.Concat(was.Fields).First(kept => kept.Role == role && kept.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            yield return new($"In {place} what you write into the {role} \"{field.Name}\" {Become(after)}, before: {Become(before)}.", after > before);
        }
    }

    private static ManifestChange OfAccount(string place, AccountEvidence? was, AccountEvidence? isNow) => isNow is null
        ? new($"In {place} with every account, before: only while \"{was!.Pattern}\" is shown.", true)
        : new($"In {place} only while the {isNow.Role} \"{isNow.Pattern}\" is shown, before: {(was is null ? "with every account" : $"\"{was.Pattern}\"")}.", was is not null);

    private static ManifestChange OfQuota(string place, ManifestRule was, ManifestRule isNow, int? minutesWere, int? minutesAre)
    {
        var widens = minutesWere is { } before && (minutesAre is not { } after || after > before || was.Skill != isNow.Skill);
        return new($"In {place} {(minutesAre is { } least ? $"until {least} minutes of \"{isNow.Skill}\"" : "without an end")}, before: {(minutesWere is { } had ? $"until {had} minutes of \"{was.Skill}\"" : "without an end")}.", widens);
    }

    /// <summary>0: shape, 1: an invented text, 2: as written.</summary>
    private static int TextOf(ManifestRule rule, string role, string name) =>
        !rule.Classes.Contains(DataClass.Text) ? 0
        : rule.Fields.Where(field => field.Role == role && field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Text == FieldText.Keep ? 2 : 1).DefaultIfEmpty(0).Max();

    private static string Become(int text) => text switch { 0 => "becomes its shape", 1 => "is replaced by an invented text of the same kind", _ => "is kept as written" };

    private static string Words(IEnumerable<DataClass> classes) => string.Join(", ", classes.Order().Select(ManifestWords.Describe));
}
