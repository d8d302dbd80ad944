using System.Globalization;
using System.Text;

namespace Tutelage.Ledger;

/// <summary>Body of <c>POST /add-checkpoint</c> (c2sp.org/tlog-witness): <c>old N</c>, up to 63 consistency hashes, empty line, signed checkpoint.</summary>
public sealed record AddCheckpointRequest(long OldSize, IReadOnlyList<MerkleHash> Proof, ReadOnlyMemory<byte> Checkpoint)
{
    public const int MaxSizeBytes = SignedNote.MaxSizeBytes + 8 * 1024;

    private const int MaxProofHashes = 63;

    public byte[] ToBytes()
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"old {OldSize}\n"));
        foreach (var hash in Proof) text.Append(hash).Append('\n');
        text.Append('\n');
        return [.. Encoding.ASCII.GetBytes(text.ToString()), .. Checkpoint.Span];
    }

    /// <summary>Reads a request, or null if the bytes are none.</summary>
    public static AddCheckpointRequest? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSizeBytes) return null;
        var split = bytes.IndexOf("\n\n"u8);
        if (split < 0) return null;
        var lines = Encoding.Latin1.GetString(bytes[..split]).Split('\n');
        if (lines.Length > 1 + MaxProofHashes || !lines[0].StartsWith("old ", StringComparison.Ordinal)) return null;
        if (!Ledger.Checkpoint.TrySize(lines[0][4..], out var old)) return null;
        return MerkleLines.Parse(lines.AsSpan(1)) is { } proof ? new AddCheckpointRequest(old, proof, bytes[(split + 2)..].ToArray()) : null;
    }
}

internal static class MerkleLines
{
    public static IReadOnlyList<MerkleHash>? Parse(ReadOnlySpan<string> lines)
    {
        var hashes = new List<MerkleHash>(lines.Length);
        foreach (var line in lines)
        {
            if (!MerkleHash.TryParse(line, out var hash)) return null;
            hashes.Add(hash);
        }

        return hashes;
    }
}
