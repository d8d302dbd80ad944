namespace Tutelage.Ledger;

/// <summary>A witness's answer; the number is the HTTP status that c2sp.org/tlog-witness gives it.</summary>
public enum WitnessVerdict
{
    Cosign = 200,

    /// <summary>The request is malformed, or its old size lies beyond the checkpoint.</summary>
    BadRequest = 400,

    /// <summary>No signature of the log's key.</summary>
    NoTrustedSignature = 403,

    UnknownOrigin = 404,

    /// <summary>The old size is not what the witness last cosigned; the answer's body is that size. Also: same size, another root.</summary>
    WrongOldSize = 409,

    /// <summary>The proof does not lead from the last cosigned root to this one: the log has rewritten history.</summary>
    BadProof = 422,
}

/// <param name="Accepted">What the witness MUST store before it cosigns; null unless the verdict is <see cref="WitnessVerdict.Cosign"/>.</param>
/// <param name="KnownSize">The size last cosigned, 0 for none.</param>
public sealed record WitnessAnswer(WitnessVerdict Verdict, SignedCheckpoint? Accepted, long KnownSize);

/// <summary>The decision of c2sp.org/tlog-witness. Pure: the caller stores <see cref="WitnessAnswer.Accepted"/> and cosigns, in that order, in one transaction.</summary>
/// <remarks>If this let two histories of one log pass, every proof in every report would be worth nothing.</remarks>
public static class Witness
{
    /// <param name="known">What was last cosigned for this log; null if nothing.</param>
    public static WitnessAnswer Check(ReadOnlySpan<byte> body, VerifierKey log, Checkpoint? known)
    {
        var knownSize = known?.Size ?? 0;
        if (AddCheckpointRequest.Parse(body) is not { } request) return Answer(WitnessVerdict.BadRequest);
        if (SignedNote.Parse(request.Checkpoint.Span) is not { } note || Checkpoint.Parse(note.Text) is not { } claimed) return Answer(WitnessVerdict.BadRequest);
        if (claimed.Origin != log.Name) return Answer(WitnessVerdict.UnknownOrigin);
        if (Checkpoint.Open(request.Checkpoint.Span, log) is not { } signed) return Answer(WitnessVerdict.NoTrustedSignature);
        if (request.OldSize > claimed.Size) return Answer(WitnessVerdict.BadRequest);
        if (request.OldSize != knownSize) return Answer(WitnessVerdict.WrongOldSize);
        if (known is not null && claimed.Size == knownSize && claimed.Root != known.Root) return Answer(WitnessVerdict.WrongOldSize);

        var extends = known is null || knownSize == 0
            ? request.Proof.Count == 0
            : MerkleProof.VerifyConsistency(knownSize, claimed.Size, known.Root, claimed.Root, request.Proof);
        return extends ? new WitnessAnswer(WitnessVerdict.Cosign, signed, knownSize) : Answer(WitnessVerdict.BadProof);

        WitnessAnswer Answer(WitnessVerdict verdict) => new(verdict, null, knownSize);
    }
}
