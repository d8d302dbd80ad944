using System.Globalization;

namespace Tutelage.Ledger;

/// <summary>The log's state in three lines: origin, size, root (c2sp.org/tlog-checkpoint).</summary>
public sealed record Checkpoint(string Origin, long Size, MerkleHash Root)
{
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root}\n");

    /// <summary>Reads a checkpoint's text, or null if it is none. Extension lines are kept in the note and ignored here.</summary>
    public static Checkpoint? Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length != 0 || lines[..^1].Any(l => l.Length == 0)) return null;
        if (!TrySize(lines[1], out var size) || !MerkleHash.TryParse(lines[2], out var root)) return null;
        if (size == 0 && root != MerkleTree.Empty) return null;
        return new Checkpoint(lines[0], size, root);
    }

    /// <summary>Opens a signed checkpoint: valid only if <paramref name="log"/> signed it and every signature of a known key is good.</summary>
    /// <returns>Null for anything else.</returns>
    public static SignedCheckpoint? Open(ReadOnlySpan<byte> note, VerifierKey log, params IEnumerable<VerifierKey> witnesses)
    {
        if (SignedNote.Parse(note) is not { } parsed || Parse(parsed.Text) is not { } checkpoint) return null;
        if (checkpoint.Origin != log.Name) return null;
        var signatures = parsed.VerifiedBy([log, .. witnesses]);
        if (signatures is null || !signatures.Any(s => s.Key == log)) return null;
        return new SignedCheckpoint(checkpoint, parsed, [.. signatures.Where(s => s.Key != log)]);
    }

    /// <summary>Decimal without sign or leading zeros, below 2^63.</summary>
    internal static bool TrySize(string text, out long size) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && (text.Length == 1 || text[0] != '0');
}

/// <summary>A checkpoint whose log signature holds, with the witnesses whose cosignatures hold.</summary>
public sealed record SignedCheckpoint(Checkpoint Checkpoint, SignedNote Note, IReadOnlyList<VerifiedSignature> Cosignatures);
