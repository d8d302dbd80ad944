namespace Tutelage.Rules.Access;

/// <summary>May this person ask to open this, for this purpose, now?</summary>
/// <param name="KeyId">Of whoever asks.</param>
/// <param name="Role">The role they are enrolled with, which must be the one that the rules say.</param>
/// <param name="Sensitivity">Of what is asked for; what carries no label is sensitive (<see cref="SensitivityLabels.Strictest"/>).</param>
public sealed record AccessQuestion(string KeyId, Role Role, Purpose Purpose, DataClass Class, Sensitivity Sensitivity, ProgrammeState State)
{
    /// <summary>True if everything that is asked for is about the asker alone. False where that was not looked at.</summary>
    public bool OwnOnly { get; init; }
}

/// <summary>What a reason says about a question.</summary>
public enum ReasonKind
{
    /// <summary>This would be enough if nothing denied it.</summary>
    Allows,

    /// <summary>This alone is enough to deny.</summary>
    Denies,

    /// <summary>A sentence that names the asker and does not fit; it decides nothing and explains much.</summary>
    Misses,
}

/// <summary>One reason of a decision.</summary>
/// <param name="Sentence">Its number in the rules; 0 where no sentence says it.</param>
/// <param name="Line">Its line; 0 where there is none.</param>
/// <param name="Needed">What would have to be different; null for what allows.</param>
public sealed record AccessReason(ReasonKind Kind, int Sentence, int Line, string What, string? Needed);

/// <summary>The decision with every reason for and against it, in the order in which they were looked at.</summary>
public sealed record AccessDecision(bool Allowed, IReadOnlyList<AccessReason> Reasons)
{
    /// <summary>The reasons against, as messages.</summary>
    public IEnumerable<string> Against => Reasons.Where(reason => reason.Kind == ReasonKind.Denies).Select(reason => reason.Needed is { } needed ? $"{reason.What}; needed: {needed}" : reason.What);
}
