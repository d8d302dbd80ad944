using System.Globalization;
using System.Text;

namespace Tutelage.Ledger;

public enum TlogProofVerdict
{
    /// <summary>The entry is in the log, and as many witnesses as the policy wants have seen that state.</summary>
    Proven,

    /// <summary>The entry is in a state the log signed, but too few witnesses have seen it: complete only if the operator was honest.</summary>
    NotAudited,

    /// <summary>The checkpoint is not signed by the log, or a known key's signature is bad.</summary>
    BadCheckpoint,

    /// <summary>The hashes do not lead from this entry to the checkpoint's root.</summary>
    NotIncluded,
}

/// <summary>One offline file that shows an entry in the log: c2sp.org/tlog-proof@v1.</summary>
/// <param name="Extra">Unauthenticated bytes for the application; null for none. We put nothing there.</param>
public sealed record TlogProof(long Index, IReadOnlyList<MerkleHash> Hashes, ReadOnlyMemory<byte> Checkpoint, ReadOnlyMemory<byte>? Extra = null)
{
    public const string Header = "c2sp.org/tlog-proof@v1";
    public const string FileExtension = ".tlog-proof";

    private const int MaxSizeBytes = 2 * SignedNote.MaxSizeBytes;
    private const int MaxHashes = 64;

    /// <summary>The log that the checkpoint says it is of; unverified. Null if it is no checkpoint.</summary>
    internal string? Origin => SignedNote.Parse(Checkpoint.Span) is { } note ? Ledger.Checkpoint.Parse(note.Text)?.Origin : null;

    public string Text
    {
        get
        {
            var text = new StringBuilder(Header).Append('\n');
            if (Extra is { } extra) text.Append("extra ").Append(Convert.ToBase64String(extra.Span)).Append('\n');
            text.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
            foreach (var hash in Hashes) text.Append(hash).Append('\n');
            return text.Append('\n').Append(Encoding.UTF8.GetString(Checkpoint.Span)).ToString();
        }
    }

    /// <summary>Reads a proof, or null if the text is none.</summary>
    public static TlogProof? Parse(string text)
    {
        if (text.Length > MaxSizeBytes) return null;
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0) return null;
        var lines = text[..split].Split('\n');
        if (lines[0] != Header) return null;
        var next = 1;
        ReadOnlyMemory<byte>? extra = null;
        if (lines.Length > next && lines[next].StartsWith("extra ", StringComparison.Ordinal))
        {
            var buffer = new byte[lines[next].Length];
            if (!Convert.TryFromBase64String(lines[next][6..], buffer, out var written)) return null;
            extra = buffer.AsMemory(0, written);
            next++;
        }

        if (lines.Length <= next || !lines[next].StartsWith("index ", StringComparison.Ordinal)) return null;
        if (!Ledger.Checkpoint.TrySize(lines[next][6..], out var index) || lines.Length - next - 1 > MaxHashes) return null;
        return MerkleLines.Parse(lines.AsSpan(next + 1)) is { } hashes
            ? new TlogProof(index, hashes, Encoding.UTF8.GetBytes(text[(split + 2)..]), extra)
            : null;
    }

    /// <param name="entry">The log entry's own bytes; for our ledger the commitment (<see cref="EntryCommitment"/>).</param>
    public TlogProofVerdict Verify(ReadOnlySpan<byte> entry, LogPolicy policy)
    {
        if (policy.Open(Checkpoint.Span, out var audited) is not { } opened) return TlogProofVerdict.BadCheckpoint;
        var (_, size, root) = opened.Checkpoint;
        if (!MerkleProof.VerifyInclusion(Index, size, MerkleTree.HashLeaf(entry), Hashes, root)) return TlogProofVerdict.NotIncluded;
        return audited ? TlogProofVerdict.Proven : TlogProofVerdict.NotAudited;
    }
}
