namespace Tutelage.Rules;

/// <summary>Where the programme as a whole stands.</summary>
public enum ProgrammeState
{
    Running,

    /// <summary>Nothing is opened, by anybody, for any purpose.</summary>
    Halted,

    /// <summary>On the way back, in stages; only sentences that name this state hold.</summary>
    Resuming,
}
