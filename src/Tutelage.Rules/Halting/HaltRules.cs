using Tutelage.Rules.Grants;

namespace Tutelage.Rules.Halting;

/// <summary>Who stops a programme and who lets it go on. Pure; vault and auditor each ask it for themselves.</summary>
/// <remarks>Stopping takes one person and no check; going on takes two people and every check. If this were wrong the other way round, a stop could be talked away.</remarks>
public static class HaltRules
{
    public const int LongestWhy = 500;

    /// <summary>A halt may name an epoch that this custodian has not heard of yet, but not one that nobody can have.</summary>
    public const int MostEpochsAhead = 16;

    private const int NonceDigits = 32;

    public static bool MayHalt(Role role) => role is Role.Steward or Role.Auditor or Role.Representative;

    /// <summary>Why these words stop nothing in this state; null if they do, or if everything stands already.</summary>
    public static string? Refusal(ProgrammeStanding state, HaltWords halt, Person person)
    {
        if (!MayHalt(person.Role)) return $"{Spelling.Of(person.Role)}s do not halt; a steward, an auditor or a representative of the participants does";
        if (halt.Why.Trim().Length is 0 or > LongestWhy || halt.Why.Any(char.IsControl)) return $"why must be one line of 1 to {LongestWhy} characters";
        if (halt.Nonce.Length != NonceDigits || !halt.Nonce.All(char.IsAsciiHexDigitLower)) return $"nonce must be {NonceDigits} hex digits";
        return halt.Epoch < 0 || halt.Epoch > state.Epoch + MostEpochsAhead ? $"epoch {halt.Epoch} is none that this programme can have reached; it is in epoch {state.Epoch}" : null;
    }

    /// <summary>Whether it is of an epoch that has ended: a halt that was seen long ago must not stop what two people have resumed since.</summary>
    public static bool IsOld(ProgrammeStanding state, HaltWords halt) => halt.Epoch < state.Epoch && state.Stage != Stage.Halted;

    /// <summary>The stage after this one; null where nothing is halted.</summary>
    public static Stage? Next(ProgrammeStanding state) => state.Stage == Stage.Release ? null : state.Stage + 1;

    /// <summary>Why this effect cannot be signed in this state; empty if it can.</summary>
    public static IReadOnlyList<string> Faults(ProgrammeStanding state, ResumeWords effect)
    {
        if (Next(state) is not { } next) return ["nothing is halted"];
        var faults = new List<string>();
        if (effect.Epoch != state.Epoch) faults.Add($"it is for epoch {effect.Epoch}, and the programme is in epoch {state.Epoch}: it was halted again since");
        if (effect.Stage != Spelling.Of(next)) faults.Add($"the next stage is {Spelling.Of(next)}, not {effect.Stage}");
        if (effect.AdmittedFrom != state.AdmittedFrom && !(next == Stage.Ingest && effect.AdmittedFrom == state.Epoch))
            faults.Add(next == Stage.Ingest ? $"ingest may admit from epoch {state.AdmittedFrom} or from {state.Epoch} on, not from {effect.AdmittedFrom}" : "what ingest admits is decided at the stage ingest only");
        if (effect.ChecksSha256 != ResumeChecks.AllGreen) faults.Add("its checks are not all green, or not those of this version");
        return faults;
    }

    /// <summary>Why these two people may not let it go on; empty if they may.</summary>
    /// <param name="haltedBy">The role of whoever halted.</param>
    public static IReadOnlyList<string> FaultsOfPair(Person one, Person other, Role haltedBy)
    {
        var faults = new List<string>();
        foreach (var person in new[] { one, other }.Where(person => !MayHalt(person.Role))) faults.Add($"{Spelling.Of(person.Role)}s do not resume; {person.KeyId} is one");
        if (one.KeyId == other.KeyId) faults.Add("two different people must sign");
        if (one.Role != haltedBy && other.Role != haltedBy) faults.Add($"it was halted by a {Spelling.Of(haltedBy)}: one of the two must be a {Spelling.Of(haltedBy)}, so that nobody's stop is undone without their side");
        return faults;
    }
}
