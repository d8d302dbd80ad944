using Tutelage.Rules.Grants;

namespace Tutelage.Rules.Change;

/// <summary>An approval of a change whose signature has been checked, and the effect that it names.</summary>
/// <param name="EffectSha256">Hex, as signed; one for another effect counts for nothing.</param>
public sealed record VerifiedChangeApproval(Person Approver, string EffectSha256);

/// <summary>The decision about a change, and every reason against it. Without a reason it takes effect.</summary>
/// <param name="ApprovalsNeeded">By stewards who are neither the requester nor each other.</param>
/// <param name="TellParticipants">Every participant is told, with <see cref="RuleChange.Words"/>, before it takes effect.</param>
public sealed record RuleChangeDecision(IReadOnlyList<string> Reasons, int ApprovalsNeeded, bool TellParticipants)
{
    public bool Allowed => Reasons.Count == 0;
}

/// <summary>Decides about changes of the rules. Pure; vault and auditor each ask it for themselves.</summary>
public static class RuleChangeRules
{
    /// <summary>Nobody, and nobody with one other person, lets anyone in.</summary>
    public const int ApprovalsToWiden = 2;

    /// <summary>Shutting out is quick, and still no one person's: without rules the work stands still.</summary>
    public const int ApprovalsOtherwise = 1;

    /// <summary>May this change be put to approvers?</summary>
    public static RuleChangeDecision DecideRequest(RuleDiff diff, Person requester)
    {
        var reasons = new List<string>();
        if (requester.Role is not (Role.Steward or Role.Auditor or Role.Representative)) reasons.Add($"changes of the rules are asked for by stewards, auditors and representatives; {requester.KeyId} is {Spelling.Of(requester.Role)}");
        if (diff.Before is { } before)
        {
            if (diff.After.Programme != before.Programme) reasons.Add($"these are rules of \"{diff.After.Programme}\", and those in force are of \"{before.Programme}\"");
            if (diff.After.Version <= before.Version) reasons.Add($"version {diff.After.Version} is not later than version {before.Version}, which is in force; write a higher number");
        }
        return new(reasons, diff.IsWidening ? ApprovalsToWiden : ApprovalsOtherwise, diff.IsWidening);
    }

    /// <summary>Does it take effect? The difference MUST be computed from the rules in force at this moment.</summary>
    public static RuleChangeDecision Decide(RuleDiff diff, Person requester, IReadOnlyList<VerifiedChangeApproval> approvals)
    {
        var asked = DecideRequest(diff, requester);
        var effect = RuleChange.EffectDigest(diff);
        var approvers = approvals.Where(approval => approval.EffectSha256 == effect && approval.Approver.Role == Role.Steward && approval.Approver.KeyId != requester.KeyId)
            .Select(approval => approval.Approver.KeyId).Distinct(StringComparer.Ordinal).Count();
        return approvers >= asked.ApprovalsNeeded ? asked : asked with
        {
            Reasons = [.. asked.Reasons, $"{approvers} of {asked.ApprovalsNeeded} approvals of exactly this effect ({effect}) by stewards who are neither the requester nor each other"],
        };
    }
}
