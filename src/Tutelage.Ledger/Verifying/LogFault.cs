namespace Tutelage.Ledger;

/// <summary>What can be wrong with a log's folder. Up to <see cref="Fork"/> it is damage; after it, something to know that harms nothing.</summary>
public enum LogFaultKind
{
    Missing,
    WrongLength,
    BadSignature,

    /// <summary>A tile does not hold the hash of what lies below it.</summary>
    HashMismatch,

    /// <summary>Entries and tiles fit each other and not the signed root.</summary>
    RootMismatch,

    /// <summary>The signed checkpoint has more entries than there are files for.</summary>
    CheckpointBeyondFiles,

    /// <summary>Witnesses have cosigned a larger size than the checkpoint has.</summary>
    RolledBack,

    /// <summary>Witnesses have cosigned another root at a size that the log has.</summary>
    Fork,

    /// <summary>A file that was being written when its writer ended.</summary>
    HalfWritten,

    /// <summary>A tile or bundle that no checkpoint covers: written by an append that never got to its checkpoint.</summary>
    BeyondCheckpoint,

    /// <summary>A file that does not belong to a log.</summary>
    Stray,

    /// <summary>A signature by a key that the policy does not name.</summary>
    UnknownSigner,

    /// <summary>No quorum of witnesses has cosigned anything here.</summary>
    NotAudited,
}

/// <param name="Where">The file, relative to the log's folder.</param>
/// <param name="What">What is wrong, with the values.</param>
public sealed record LogFault(LogFaultKind Kind, string Where, string What)
{
    public bool IsDamage => Kind <= LogFaultKind.Fork;

    public string WhatToDo => Kind switch
    {
        LogFaultKind.Missing or LogFaultKind.WrongLength or LogFaultKind.HashMismatch => "restore this file from a copy of the log and check again; do not change other files to fit it",
        LogFaultKind.BadSignature => "check that the policy names this log's key; if it does, restore the file from a copy",
        LogFaultKind.RootMismatch => "compare with a copy of the log: entries or the checkpoint were replaced; until it is explained, believe neither",
        LogFaultKind.CheckpointBeyondFiles => "restore the missing files from a copy; entries that were answered for are gone here",
        LogFaultKind.RolledBack => "this is an older copy: restore the newest one; appending here would fork the log",
        LogFaultKind.Fork => "keep this folder as evidence: the log showed its witnesses another history",
        LogFaultKind.HalfWritten => "nothing; the log's writer removes or replaces it when it opens the log",
        LogFaultKind.BeyondCheckpoint => "nothing; nobody was answered for it, and the log's writer removes it when it opens the log",
        LogFaultKind.Stray => "look who put it there, then move it away: everything in this folder is served to everybody",
        LogFaultKind.UnknownSigner => "nothing, or add the key to the policy if you believe it",
        LogFaultKind.NotAudited => "ask the log for a cosigned checkpoint; without one this is complete only if the operator was honest",
    };

    public override string ToString() => $"{Where}: {What}";
}

/// <summary>What a full check of a log's folder found.</summary>
/// <param name="Size">Entries the checkpoint claims; 0 if there is no believable checkpoint.</param>
/// <param name="AuditedSize">Up to where the policy's quorum of witnesses has cosigned; 0 for nowhere.</param>
/// <param name="Faults">All damage, not the first damage; at most <see cref="MaxFaults"/>.</param>
/// <param name="Notes">What is there and harms nothing.</param>
public sealed record LogReport(string Origin, long Size, long AuditedSize, IReadOnlyList<LogFault> Faults, IReadOnlyList<LogFault> Notes)
{
    /// <summary>So that a log of nothing but damage does not fill the memory; the list then ends with words that say so.</summary>
    public const int MaxFaults = 1000;

    public bool Verified => Faults.Count == 0;
}
