using System.Globalization;
using Tutelage.Cli.Programme;
using Tutelage.Cli.Verbs;
using Tutelage.Ledger;

namespace Tutelage.Cli.Accesses;

/// <summary>How far a list of accesses can be believed.</summary>
internal enum Completeness
{
    /// <summary>Proven, by an auditor that is not known to be the operator.</summary>
    Complete,

    /// <summary>Vault and auditor have one owner, or nobody cosigned.</summary>
    IfOperatorHonest,

    /// <summary>Nothing says that these are all.</summary>
    Unknown,
}

/// <summary>A person's accesses with what is proven about them, for people and for programs.</summary>
/// <param name="OneOwner">Vault and auditor are known to have one owner; null if that was not asked.</param>
internal sealed record AccessPage(PersonHistory History, HistoryVerdict Verdict, AccessList List, bool? OneOwner)
{
    public const string OnlyIfHonest = "complete only if the operator was honest";

    public static AccessPage Of(PersonHistory history, LogPolicy policy, bool? oneOwner)
    {
        var verdict = history.Verify(policy);
        return new AccessPage(history, verdict, AccessList.Of(history), oneOwner);
    }

    public Completeness Completeness => Verdict.Fault is not null || Verdict.CompleteBelow == 0 ? Completeness.Unknown
        : Verdict.CompleteAudited && OneOwner != true ? Completeness.Complete
        : Completeness.IfOperatorHonest;

    /// <param name="rules">What the vault says of the rules in force; null offline.</param>
    public object ToJson(string? proof, ToldRules? rules = null) => new
    {
        History.Tag,
        Verified = Verdict.Fault is null,
        Verdict.Fault,
        Complete = Completeness switch { Completeness.Complete => "yes", Completeness.IfOperatorHonest => OnlyIfHonest, Completeness.Unknown => "unknown" },
        Verdict.CompleteBelow,
        Audited = Verdict.CompleteAudited,
        OneOwner,
        Entries = History.Entries.Count,
        List.Accesses,
        List.Refused,
        List.Deletions,
        Proof = proof,
        Rules = rules is null ? null : RulesChangeVerbs.Said(rules),
    };

    public void Print()
    {
        if (Verdict.Fault is { } fault)
        {
            Output.Line($"NOT PROVEN: {fault}");
            return;
        }

        if (List.Accesses.Count == 0) Output.Line($"Nobody has opened anything of {History.Tag}: no entry about this person releases a key.");
        else
        {
            Output.Line($"{List.Accesses.Count} {(List.Accesses.Count == 1 ? "access" : "accesses")} to recordings of {History.Tag}:");
            Output.Table(["entry", "when", "who asked", "purpose", "keys", "approved by", "job program (claimed)", "made of it"], List.Accesses.Select(access => (string?[])
            [
                Number(access.Entry), access.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture), access.By, $"{access.Purpose}, {access.Job}",
                string.Join(", ", access.Keys.Select(kept => $"{kept.Value} {kept.Key}")), string.Join(", ", access.Approvals), $"{access.JobSha256[..Math.Min(16, access.JobSha256.Length)]}; {access.Confinement}", access.Made ?? "nothing",
            ]));
        }

        if (List.Refused.Count > 0)
        {
            Output.Line($"{List.Refused.Sum(refused => refused.Times)} times something was asked for and refused:");
            Output.Table(["entry", "when", "who asked", "step", "why", "times"], List.Refused.Select(refused => (string?[])
                [Number(refused.Entry), refused.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture), refused.By, refused.Step, $"{refused.Error}: {string.Join("; ", refused.Reasons)}", Number(refused.Times)]));
        }

        foreach (var gone in List.Deletions)
            Output.Line($"Deleted by this person: {(gone.Segments is { } segments ? $"{segments} {(segments == 1 ? "segment" : "segments")}" : "everything")}, log entry {Number(gone.Entry)}, {gone.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}.");

        Output.Line(Completeness switch
        {
            Completeness.Complete => $"These are all accesses up to log entry {Verdict.CompleteBelow - 1}: the auditor has read and cosigned every entry, and each entry about this person names the one before.",
            Completeness.IfOperatorHonest => $"Up to log entry {Verdict.CompleteBelow - 1} this is {OnlyIfHonest}: {(Verdict.CompleteAudited ? "vault and auditor have one owner" : "no independent auditor has cosigned it")}.",
            Completeness.Unknown => "Nothing proves yet that these are all: the log has no root over all persons that covers this one. Ask again in a minute.",
        });
        if (Completeness == Completeness.Complete && OneOwner is null) Output.Line($"If the auditor whose key the policy names belongs to the operator, it is {OnlyIfHonest}.");
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
