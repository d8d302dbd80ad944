namespace Tutelage.Rules.Access;

/// <summary>What no sentence can give: the purposes that a role never has.</summary>
public static class RoleBounds
{
    /// <summary>Why this role can never open anything for this purpose by a sentence, or null if a sentence may allow it.</summary>
    /// <remarks>A person's own view is never a sentence's to give: everybody has it, for what is about themselves.</remarks>
    public static string? WhyNever(Role role, Purpose purpose) => (role, purpose) switch
    {
        (Role.Researcher, Purpose.Train or Purpose.Evaluate) or (Role.Steward or Role.Auditor, Purpose.Review or Purpose.Incident) => null,
        (_, Purpose.OwnView) => "own-view is everybody's for what is about themselves, and nobody's for anything else",
        (Role.Participant, _) => "a participant opens their own view and nothing else",
        (Role.Representative, _) => "a representative may halt and see scope, and opens nothing",
        (Role.Operator, _) => "an operator runs the machines and opens nothing",
        (_, Purpose.Train or Purpose.Evaluate) => $"{Spelling.Of(purpose)} is for researchers",
        (_, Purpose.Review or Purpose.Incident) => $"{Spelling.Of(purpose)} is for stewards and auditors",
        _ => "role or purpose is not known here",
    };
}
