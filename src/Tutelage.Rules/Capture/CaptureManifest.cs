using System.Security.Cryptography;

namespace Tutelage.Rules.Capture;

/// <summary>The capture rules a participant agrees to. What it does not name is not captured.</summary>
/// <remarks>Immutable and valid: only <see cref="ManifestText.Read"/> and <see cref="ManifestBytes.Decode"/> construct one.</remarks>
public sealed class CaptureManifest
{
    internal CaptureManifest(
        string programme, int version, IReadOnlyList<ManifestRule> rules, int quantumMs, int holdMinutes, int offlineMinutes, int framesPerSecond)
    {
        (Programme, Version, Rules, QuantumMs, HoldMinutes, OfflineMinutes, FramesPerSecond) =
            (programme, version, rules, quantumMs, holdMinutes, offlineMinutes, framesPerSecond);
        Digest = Convert.ToHexStringLower(SHA256.HashData(ManifestBytes.Encode(this)));
    }

    /// <value>What the people call it, 1 to 80 characters.</value>
    public string Programme { get; }

    /// <value>Counts from 1; a later version replaces an earlier one once it is agreed to.</value>
    public int Version { get; }

    public IReadOnlyList<ManifestRule> Rules { get; }

    /// <value>Milliseconds; times are rounded down to multiples of it. 1 to 1000, default 50 (finer timing identifies people).</value>
    public int QuantumMs { get; }

    /// <value>Minutes a segment waits on the person's machine before it is sent. 0 to 10080, default 60.</value>
    public int HoldMinutes { get; }

    /// <value>Minutes the recorder may go on without a lease. 0 to 1440, default 0.</value>
    public int OfflineMinutes { get; }

    /// <value>Screens looked at a second at most, when something changed. 0 to 10, default 4.</value>
    public int FramesPerSecond { get; }

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
}

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
