namespace Tutelage.Rules.Halting;

/// <summary>Payload of a statement of kind <c>halt</c>: one entitled person stops everything (docs/formats/halt.md).</summary>
/// <param name="Epoch">The epoch that it ends; a halt of an epoch that has ended is old and stops nothing.</param>
/// <param name="Nonce">32 lower-case hex digits, so that no two halts are one.</param>
public sealed record HaltWords(string Why, long Epoch, string Nonce)
{
    public const string Kind = "halt";
}

/// <summary>Payload of a statement of kind <c>resume</c>: the exact effect that two people sign alike.</summary>
/// <param name="Stage">The stage that is reached by it, one further than now.</param>
/// <param name="AdmittedFrom">From which epoch on ingest takes objects afterwards.</param>
/// <param name="ChecksSha256">Digest of the checks and their results (<see cref="ResumeChecks"/>).</param>
public sealed record ResumeWords(long Epoch, string Stage, long AdmittedFrom, string ChecksSha256)
{
    public const string Kind = "resume";
}

/// <summary>Payload of a statement of kind <c>programme-state</c>: what a custodian lets go on, said once to whoever gave the nonce.</summary>
/// <param name="Host"><c>vault</c> or <c>auditor</c>.</param>
/// <param name="Halt">The halt in force, a statement as text; null while none is.</param>
public sealed record StateWords(string Host, long Epoch, string Stage, long AdmittedFrom, string Nonce, string? Halt)
{
    public const string Kind = "programme-state";

    public const string Vault = "vault";
    public const string Auditor = "auditor";

    /// <summary>Null if the stage is none, or the numbers cannot be.</summary>
    public ProgrammeStanding? Read() => Spelling.TryRead<Stage>(Stage, out var stage) && AdmittedFrom >= 0 && AdmittedFrom <= Epoch ? new ProgrammeStanding(Epoch, stage.Value, AdmittedFrom) : null;
}
