using System.Buffers.Binary;
using System.Text;

namespace Tutelage.Ledger;

/// <summary>One signature line: <c>— name base64(key id || bytes)</c>.</summary>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Bytes)
{
    public string Line
    {
        get
        {
            var blob = new byte[4 + Bytes.Length];
            BinaryPrimitives.WriteUInt32BigEndian(blob, KeyId);
            Bytes.Span.CopyTo(blob.AsSpan(4));
            return $"— {Name} {Convert.ToBase64String(blob)}\n";
        }
    }

    public static bool TryParse(string line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out NoteSignature? signature)
    {
        signature = null;
        if (!line.StartsWith("— ", StringComparison.Ordinal)) return false;
        var parts = line[2..].Split(' ');
        if (parts.Length != 2 || !VerifierKey.IsName(parts[0])) return false;
        var blob = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], blob, out var written) || written < 5) return false;
        if (Convert.ToBase64String(blob, 0, written) != parts[1]) return false;
        signature = new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(blob), blob[4..written]);
        return true;
    }
}

/// <summary>A text with signature lines, as c2sp.org/signed-note writes it: text, empty line, one line per signature.</summary>
/// <remarks>Parsing proves nothing: <see cref="VerifiedBy"/> does.</remarks>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Bound of a note read from outside; ours have about 300 bytes, a crowd of witnesses fits too.</summary>
    public const int MaxSizeBytes = 64 * 1024;

    private const int MaxSignatures = 100;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public byte[] ToBytes() => Strict.GetBytes(Text + "\n" + string.Concat(Signatures.Select(s => s.Line)));

    /// <summary>Reads a note, or null if the bytes are none.</summary>
    public static SignedNote? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSizeBytes || bytes.IndexOf("\n\n"u8) < 0) return null;
        string all;
        try
        {
            all = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        if (all.Any(c => c < ' ' && c != '\n') || !all.EndsWith('\n')) return null;

        // The signatures are what follows the last empty line: the text may have empty lines of its own.
        var split = all.LastIndexOf("\n\n", StringComparison.Ordinal);
        var lines = all[(split + 2)..].TrimEnd('\n').Split('\n');
        if (lines.Length > MaxSignatures) return null;
        var signatures = new List<NoteSignature>(lines.Length);
        foreach (var line in lines)
        {
            if (!NoteSignature.TryParse(line, out var signature)) return null;
            signatures.Add(signature);
        }

        return new SignedNote(all[..(split + 1)], signatures);
    }

    /// <summary>The valid signatures of <paramref name="known"/> keys; null if a known key's signature is bad, which rejects the whole note.</summary>
    /// <remarks>Signatures of unknown keys are ignored. An empty list means: nobody known signed.</remarks>
    public IReadOnlyList<VerifiedSignature>? VerifiedBy(params IEnumerable<VerifierKey> known)
    {
        var keys = known.ToArray();
        var valid = new List<VerifiedSignature>();
        foreach (var signature in Signatures)
        {
            var key = Array.Find(keys, k => k.Claims(signature));
            if (key is null || valid.Exists(v => v.Key == key)) continue;
            if (!key.Verify(Text, signature, out var seconds)) return null;
            valid.Add(new VerifiedSignature(key, key.Kind == NoteKeyKind.Cosignature ? DateTimeOffsetOrNull(seconds) : null));
        }

        return valid;
    }

    public SignedNote With(NoteSignature signature) =>
        this with { Signatures = [.. Signatures.Where(s => s.KeyId != signature.KeyId || s.Name != signature.Name), signature] };

    private static DateTimeOffset? DateTimeOffsetOrNull(long seconds) =>
        seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}

/// <param name="Time">When a witness cosigned; null for a log's own signature.</param>
public sealed record VerifiedSignature(VerifierKey Key, DateTimeOffset? Time);
