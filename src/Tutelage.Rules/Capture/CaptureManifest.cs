using System.Security.Cryptography;

namespace Tutelage.Rules.Capture;

/// <summary>The capture rules a participant agrees to. What it does not name is not captured.</summary>
/// <remarks>Immutable and valid: only <see cref="ManifestText.Read"/> and <see cref="ManifestBytes.Decode"/> construct one.</remarks>
public sealed class CaptureManifest
{
    internal CaptureManifest(
        string programme, int version, IReadOnlyList<ManifestRule> rules, IReadOnlyList<SkillQuota> quotas, int quantumMs, int holdMinutes, int offlineMinutes, int framesPerSecond)
    {
        (Programme, Version, Rules, Quotas, QuantumMs, HoldMinutes, OfflineMinutes, FramesPerSecond) =
            (programme, version, rules, quotas, quantumMs, holdMinutes, offlineMinutes, framesPerSecond);
        Digest = Convert.ToHexStringLower(SHA256.HashData(ManifestBytes.Encode(this)));
    }

    /// <value>What the people call it, 1 to 80 characters.</value>
    public string Programme { get; }

    /// <value>Counts from 1; a later version replaces an earlier one once it is agreed to.</value>
    public int Version { get; }

    public IReadOnlyList<ManifestRule> Rules { get; }

    /// <value>How much of a skill one person is asked for; a skill without one has no end.</value>
    public IReadOnlyList<SkillQuota> Quotas { get; }

    /// <value>Milliseconds; times are rounded down to multiples of it. 1 to 1000, default 50 (finer timing identifies people).</value>
    public int QuantumMs { get; }

    /// <value>Minutes a segment waits on the person's machine before it is sent. 0 to 10080, default 60.</value>
    public int HoldMinutes { get; }

    /// <value>Minutes the recorder may go on without a lease. 0 to 1440, default 0.</value>
    public int OfflineMinutes { get; }

    /// <value>Screens looked at a second at most, when something changed. 0 to 10, default 4.</value>
    public int FramesPerSecond { get; }

    /// <summary>The rule for a window class (lower case) and the address of its document; null if there is none.</summary>
    /// <remarks>The longest path wins, so that a rule for a part of a site can only be more specific, never overruled by order.</remarks>
    internal ManifestRule? RuleFor(string app, string? document) =>
        Rules.Where(rule => rule.App == app && (rule.Site is null ? document is null : rule.Site.Matches(document))).MaxBy(rule => rule.Site?.Path.Length ?? 0);

    /// <summary>Minutes of work that a rule asks of each person; null if there is no end.</summary>
    internal int? MinutesOf(ManifestRule rule) => Quotas.FirstOrDefault(quota => quota.Skill == rule.Skill)?.Minutes;

    /// <summary>SHA-256 of <see cref="ManifestBytes.Encode"/>, hex: what a receipt names.</summary>
    public string Digest { get; }
}

/// <summary>One place where work may be recorded.</summary>
/// <param name="App">Window class, lower case, exact.</param>
/// <param name="Site">For browsers: scheme, host, port and the beginning of the path; null for other apps.</param>
/// <param name="Title">What the app itself adds to window titles (<c> - Chromium</c>): the interface part, kept.</param>
/// <param name="Classes">Classes kept here; the others are never written.</param>
/// <param name="Fields">Fields whose text may stand. Without an entry text becomes shape.</param>
public sealed record ManifestRule(string App, SitePattern? Site, string? Title, IReadOnlySet<DataClass> Classes, IReadOnlyList<FieldRule> Fields)
{
    /// <summary>How faults and decisions name the rule.</summary>
    public string Name => Site is null ? App : $"{App} at {Site}";

    /// <summary>Who must be seen to be signed in; null where every account is as good.</summary>
    public AccountEvidence? Account { get; init; }

    /// <summary>What is learnt from work here, for <see cref="SkillQuota"/>; null if nothing is counted.</summary>
    public string? Skill { get; init; }
}

/// <summary>How much of one skill each person is asked for. Once it is there the gate is closed for it: what is needed is collected, not what is there.</summary>
/// <param name="Skill">As the rules name it: letters, digits and hyphens, at most 40.</param>
/// <param name="Minutes">Of recorded work, 1 to 100,000.</param>
public sealed record SkillQuota(string Skill, int Minutes);

/// <summary>A kind of field whose text may stand.</summary>
/// <param name="Role">ARIA role, exact.</param>
/// <param name="Name">Accessible name, exact, compared without case.</param>
public sealed record FieldRule(string Role, string Name, FieldText Text);

/// <summary>What becomes of a named field's text.</summary>
public enum FieldText
{
    /// <summary>It stands as it was typed, unless a detector finds something in it.</summary>
    Keep,

    /// <summary>A consistent stand-in of the same type.</summary>
    Surrogate,
}
