using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Rules.Halting;

/// <summary>One thing that must be right before anything goes on.</summary>
/// <param name="Fault">What is wrong and what to do; null if it is right.</param>
public sealed record ResumeCheck(string Host, string Name, string? Fault)
{
    public bool IsGreen => Fault is null;
}

/// <summary>The checks of a resume. Vault and auditor each make their own, when they are shown and again when the second person signs.</summary>
public static class ResumeChecks
{
    public static IReadOnlyList<string> OfVault { get; } = ["auditor-reachable", "auditor-caught-up", "key-store", "server-reachable", "clocks-agree", "no-live-job"];

    public static IReadOnlyList<string> OfAuditor { get; } = ["no-refused-entry", "caught-up", "outer-keys"];

    /// <summary>The digest that two people sign: every check of this version, green.</summary>
    public static string AllGreen { get; } = DigestOf([.. OfVault.Select(name => new ResumeCheck(StateWords.Vault, name, null)), .. OfAuditor.Select(name => new ResumeCheck(StateWords.Auditor, name, null))]);

    /// <summary>SHA-256, hex, over one line a check, in their order: <c>host SP name SP ok|fault LF</c>.</summary>
    public static string DigestOf(IReadOnlyList<ResumeCheck> checks) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(checks.Select(check => $"{check.Host} {check.Name} {(check.IsGreen ? "ok" : "fault")}\n")))));
}
