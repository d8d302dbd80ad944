using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Ledger;

/// <summary>The log's own Ed25519 key: signs checkpoints. Whoever holds it can write a log of their own, but no second one past a witness.</summary>
public sealed class LogSigner : IDisposable
{
    private readonly byte[] _seed; // pinned, zeroed on dispose

    private LogSigner(string name, ReadOnlySpan<byte> seed)
    {
        _seed = NoteSeeds.Pin(seed);
        VerifierKey = new VerifierKey(name, NoteKeyKind.Ed25519, Ed25519.PublicKey(seed));
    }

    public VerifierKey VerifierKey { get; }

    public static LogSigner Generate(string name) => new(name, RandomNumberGenerator.GetBytes(NoteSeeds.SizeBytes));

    /// <param name="seed">32 bytes, as <see cref="Export"/> gave them; the caller zeroes its copy.</param>
    public static LogSigner Import(string name, ReadOnlySpan<byte> seed) => new(name, seed);

    /// <summary>The 32-byte seed. It MUST be stored sealed or with mode 0600, and zeroed after use.</summary>
    public byte[] Export() => [.. _seed];

    public NoteSignature Sign(string noteText) =>
        new(VerifierKey.Name, VerifierKey.KeyId, Ed25519.Sign(_seed, System.Text.Encoding.UTF8.GetBytes(noteText)));

    public void Dispose() => CryptographicOperations.ZeroMemory(_seed);
}

/// <summary>A witness's Ed25519 key: its cosignature says "I saw this checkpoint at this time, and no other history".</summary>
public sealed class Cosigner : IDisposable
{
    private readonly byte[] _seed; // pinned, zeroed on dispose

    private Cosigner(string name, ReadOnlySpan<byte> seed)
    {
        _seed = NoteSeeds.Pin(seed);
        VerifierKey = new VerifierKey(name, NoteKeyKind.Cosignature, Ed25519.PublicKey(seed));
    }

    public VerifierKey VerifierKey { get; }

    public static Cosigner Generate(string name) => new(name, RandomNumberGenerator.GetBytes(NoteSeeds.SizeBytes));

    /// <inheritdoc cref="LogSigner.Import"/>
    public static Cosigner Import(string name, ReadOnlySpan<byte> seed) => new(name, seed);

    /// <inheritdoc cref="LogSigner.Export"/>
    public byte[] Export() => [.. _seed];

    /// <summary>Cosigns a checkpoint's text. The caller MUST have checked and stored the state first (<see cref="Witness"/>).</summary>
    public NoteSignature Cosign(string checkpointText, DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeSeconds();
        var blob = new byte[8 + Ed25519.SignatureSizeBytes];
        BinaryPrimitives.WriteUInt64BigEndian(blob, (ulong)seconds);
        Ed25519.Sign(_seed, VerifierKey.CosignedMessage(checkpointText, seconds)).CopyTo(blob, 8);
        return new NoteSignature(VerifierKey.Name, VerifierKey.KeyId, blob);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_seed);
}

internal static class NoteSeeds
{
    public const int SizeBytes = Ed25519.KeySizeBytes;

    public static byte[] Pin(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SizeBytes) throw new CryptographicException($"a note key's seed has 32 bytes, not {seed.Length}");
        var pinned = GC.AllocateUninitializedArray<byte>(SizeBytes, pinned: true);
        seed.CopyTo(pinned);
        return pinned;
    }
}
