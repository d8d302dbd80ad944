using Tutelage.Rules.Access;
using Tutelage.Rules.Grants;

namespace Tutelage.Rules.Tests;

/// <summary>Decisions about grants where the rules allow everything that they could to one researcher: what is left are the checks of the request itself.</summary>
internal static class Ruled
{
    public static readonly string ResearcherKey = new('r', 22);

    private static readonly RulesInForce Rules = new(RehearsalRules.Of(RehearsalRules.Unnamed, [new(ResearcherKey, Role.Researcher, null)]), ProgrammeState.Running);

    public static GrantDecision DecideRequest(GrantRequest request, Person requester) => GrantRules.DecideRequest(request, requester, Rules, null);

    public static GrantDecision DecideRelease(GrantRequest request, Person requester, IReadOnlyList<VerifiedApproval> approvals) => GrantRules.DecideRelease(request, requester, approvals, Rules, null);
}
