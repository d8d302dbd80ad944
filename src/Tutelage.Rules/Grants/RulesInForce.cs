using Tutelage.Rules.Access;

namespace Tutelage.Rules.Grants;

/// <summary>The approved rules and the state of the programme at the moment of a decision. Vault and auditor each have their own.</summary>
public sealed record RulesInForce(RuleSet Rules, ProgrammeState State)
{
    /// <summary>What the rules have against a request, every class of it at this label.</summary>
    /// <param name="label">The strictest label of what is asked for; null where it is not known, which counts as sensitive.</param>
    internal IEnumerable<string> Against(GrantRequest request, Person requester, Sensitivity? label)
    {
        var ownOnly = request.Tags is [var tag] && tag == requester.Tag;
        return request.Classes
            .Select(kept => new AccessQuestion(requester.KeyId, requester.Role, request.Purpose, kept, SensitivityLabels.Strictest([label]), State) { OwnOnly = ownOnly })
            .SelectMany(question => AccessRules.Decide(Rules, question).Against).Distinct(StringComparer.Ordinal);
    }
}
