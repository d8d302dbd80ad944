namespace Tutelage.Rules.Halting;

/// <summary>How far a programme goes. Each stage includes those before it.</summary>
public enum Stage
{
    /// <summary>Nothing goes on: no lease, no upload, no key.</summary>
    Halted,

    /// <summary>Recorders have leases again; what they record waits with them.</summary>
    Recording,

    /// <summary>The server takes objects again.</summary>
    Ingest,

    /// <summary>Keys are released again: nothing is halted.</summary>
    Release,
}

/// <summary>Where a programme stands in the eyes of one custodian.</summary>
/// <param name="Epoch">Count of halts. It never goes back, so what belongs to an ended epoch can be told from what came after.</param>
/// <param name="AdmittedFrom">Ingest takes objects of epochs from this one to <paramref name="Epoch"/>; kept through a halt, so that a resume can admit what waited.</param>
public sealed record ProgrammeStanding(long Epoch, Stage Stage, long AdmittedFrom)
{
    /// <summary>Before the first halt.</summary>
    public static ProgrammeStanding Beginning { get; } = new(0, Stage.Release, 0);

    public bool MayRecord => Stage >= Stage.Recording;

    public bool MayIngest => Stage >= Stage.Ingest;

    public bool MayRelease => Stage == Stage.Release;

    /// <summary>The word of the rules for it: sentences that name <c>resuming</c> hold between a halt and its last stage, where requests may wait and no key is released.</summary>
    public ProgrammeState ForRules => Stage switch
    {
        Stage.Release => ProgrammeState.Running,
        Stage.Recording or Stage.Ingest => ProgrammeState.Resuming,
        _ => ProgrammeState.Halted,
    };

    public bool Admits(long epoch) => epoch >= AdmittedFrom && epoch <= Epoch;

    /// <summary>What a halt makes of it. Halting again what has not been resumed at all changes nothing: nobody holds anything of the present epoch.</summary>
    public ProgrammeStanding After(HaltWords halt) => Stage == Stage.Halted && halt.Epoch <= Epoch ? this : new(Math.Max(Epoch, halt.Epoch) + 1, Stage.Halted, AdmittedFrom);

    public ProgrammeStanding After(ResumeWords resume, Stage reached) => this with { Stage = reached, AdmittedFrom = resume.AdmittedFrom };

    /// <summary>What both custodians let go on: the narrower of two. Different epochs let nothing go on, for one of the two has not heard of a halt yet.</summary>
    public static ProgrammeStanding Both(ProgrammeStanding one, ProgrammeStanding other) => one.Epoch == other.Epoch
        ? new(one.Epoch, (Stage)Math.Min((int)one.Stage, (int)other.Stage), Math.Max(one.AdmittedFrom, other.AdmittedFrom))
        : new(Math.Max(one.Epoch, other.Epoch), Stage.Halted, Math.Max(one.AdmittedFrom, other.AdmittedFrom));
}
