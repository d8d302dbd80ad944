namespace Tutelage.Rules.Capture;

/// <summary>A manifest in plain sentences, as it is shown to the person who is asked to agree.</summary>
public static class ManifestWords
{
    public static IReadOnlyList<string> Of(CaptureManifest manifest)
    {
        var words = new List<string> { $"Programme \"{manifest.Programme}\", version {manifest.Version}." };
        foreach (var rule in manifest.Rules)
        {
            words.Add($"Recorded in {rule.App}{(rule.Site is null ? "" : $", only at {rule.Site} and below")}: {string.Join(", ", rule.Classes.Order().Select(Describe))}.");
            if (rule.Account is { } account) words.Add($"  Only while the {account.Role} \"{account.Pattern}\" shows whose account it is; with another account, or none in sight, nothing is recorded.");
            if (manifest.Quotas.FirstOrDefault(quota => quota.Skill == rule.Skill) is { } quota) words.Add($"  Until {quota.Minutes} minutes of \"{quota.Skill}\" have been recorded from you; then nothing more of it.");
            foreach (var field in rule.Fields)
                words.Add($"  What you write into the {field.Role} \"{field.Name}\" {(field.Text == FieldText.Keep ? "is kept as written, unless it looks like a secret" : "is replaced by an invented text of the same kind")}.");
            if (rule.Classes.Contains(DataClass.Text) && rule.Fields.Count == 0) words.Add("  Whatever you write becomes its shape (how long, what kind), never its letters.");
        }
        words.Add("Nothing is recorded anywhere else. Password fields, private windows, password managers, lock screens, health, bank, tax, legal and union sites never are.");
        words.Add($"Times are rounded to {manifest.QuantumMs} ms. The screen is looked at no more than {manifest.FramesPerSecond} times a second, when it changes.");
        words.Add(manifest.HoldMinutes == 0
            ? "Recordings are sent as soon as they are sealed."
            : $"Recordings wait {manifest.HoldMinutes} minutes on your machine; until then you can look at them and discard them.");
        words.Add(manifest.OfflineMinutes == 0
            ? "Without a connection recording stops within a minute."
            : $"Without a connection recording may go on for {manifest.OfflineMinutes} minutes.");
        words.Add("You can pause at any time, for as long as you like, without a reason.");
        return words;
    }

    internal static string Describe(DataClass kept) => kept switch
    {
        DataClass.Input => "pointer, clicks and shortcuts",
        DataClass.Text => "text of the fields named below",
        DataClass.Elements => "buttons, menus, labels and the like",
        DataClass.Frames => "the screen with its content blanked out",
        _ => Spelling.Of(kept),
    };
}
