using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>RFC 9180 base mode with HKDF-SHA256, for the KEMs that are DHKEM with HKDF-SHA256. Files use ChaCha20Poly1305.</summary>
/// <remarks>If this were wrong, no file of ours would open elsewhere; the RFC's vectors pin it.</remarks>
internal static class Hpke
{
    /// <summary>DHKEM(P-256, HKDF-SHA256), RFC 9180 section 7.1.</summary>
    public const ushort KemP256 = 0x0010;

    private const int HashSize = 32;
    private const int NonceSize = 12;

    /// <summary>The sender's or receiver's context after SetupBase on P-256.</summary>
    /// <param name="own">The ephemeral key (sender) or the recipient's key (receiver).</param>
    /// <param name="peer">The other's public point.</param>
    public static HpkeContext SetupP256(ECDiffieHellman own, ReadOnlySpan<byte> peer, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> recipient, ReadOnlySpan<byte> info, HpkeAead aead = HpkeAead.ChaCha20Poly1305)
    {
        using var other = P256Point.Import(peer);
        using var otherPublic = other.PublicKey;
        var dh = own.DeriveRawSecretAgreement(otherPublic);
        try
        {
            return Setup(KemP256, dh, [.. enc, .. recipient], info, aead);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dh);
        }
    }

    /// <summary>ExtractAndExpand (section 4.1), then KeySchedule (section 5.1) in base mode.</summary>
    public static HpkeContext Setup(ushort kem, ReadOnlySpan<byte> dh, ReadOnlySpan<byte> kemContext, ReadOnlySpan<byte> info, HpkeAead aead = HpkeAead.ChaCha20Poly1305)
    {
        byte[] kemSuite = [.. "KEM"u8, (byte)(kem >> 8), (byte)kem];
        byte[] suite = [.. "HPKE"u8, (byte)(kem >> 8), (byte)kem, 0, 1, 0, (byte)aead];

        Span<byte> prk = stackalloc byte[HashSize];
        Span<byte> shared = stackalloc byte[HashSize];
        Span<byte> secret = stackalloc byte[HashSize];
        Span<byte> key = stackalloc byte[aead == HpkeAead.Aes128Gcm ? 16 : 32];
        var baseNonce = new byte[NonceSize];
        LabeledExtract(kemSuite, default, "eae_prk"u8, dh, prk);
        LabeledExpand(kemSuite, prk, "shared_secret"u8, kemContext, shared);

        var schedule = new byte[1 + 2 * HashSize]; // mode 0 = base
        LabeledExtract(suite, default, "psk_id_hash"u8, default, schedule.AsSpan(1, HashSize));
        LabeledExtract(suite, default, "info_hash"u8, info, schedule.AsSpan(1 + HashSize));
        LabeledExtract(suite, shared, "secret"u8, default, secret);
        LabeledExpand(suite, secret, "key"u8, schedule, key);
        LabeledExpand(suite, secret, "base_nonce"u8, schedule, baseNonce);
        try
        {
            return new HpkeContext(key, baseNonce, aead);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(prk);
            CryptographicOperations.ZeroMemory(shared);
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    public static void LabeledExtract(ReadOnlySpan<byte> suite, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> ikm, Span<byte> prk)
    {
        byte[] labelled = [.. "HPKE-v1"u8, .. suite, .. label, .. ikm];
        HKDF.Extract(HashAlgorithmName.SHA256, labelled, salt, prk);
        CryptographicOperations.ZeroMemory(labelled);
    }

    public static void LabeledExpand(ReadOnlySpan<byte> suite, ReadOnlySpan<byte> prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        byte[] labelled = [0, 0, .. "HPKE-v1"u8, .. suite, .. label, .. info];
        BinaryPrimitives.WriteUInt16BigEndian(labelled, checked((ushort)output.Length));
        HKDF.Expand(HashAlgorithmName.SHA256, prk, output, labelled);
    }
}

/// <summary>RFC 9180 section 7.3, by its numbers.</summary>
internal enum HpkeAead : byte
{
    Aes128Gcm = 1,
    Aes256Gcm = 2,
    ChaCha20Poly1305 = 3,
}

/// <summary>Key and running nonce of one HPKE message sequence. Each call takes the next nonce, so none is used twice.</summary>
internal sealed class HpkeContext : IDisposable
{
    public const int TagSize = 16;

    private readonly ChaCha20Poly1305? _chaCha;
    private readonly AesGcm? _aes;
    private readonly byte[] _baseNonce;
    private ulong _sequence;

    internal HpkeContext(ReadOnlySpan<byte> key, byte[] baseNonce, HpkeAead aead = HpkeAead.ChaCha20Poly1305)
    {
        _baseNonce = baseNonce;
        if (aead == HpkeAead.ChaCha20Poly1305) _chaCha = new ChaCha20Poly1305(key);
        else _aes = new AesGcm(key, TagSize);
    }

    public byte[] Seal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associated = default)
    {
        var result = new byte[plaintext.Length + TagSize];
        var ciphertext = result.AsSpan(0, plaintext.Length);
        var tag = result.AsSpan(plaintext.Length);
        _chaCha?.Encrypt(NextNonce(), plaintext, ciphertext, tag, associated);
        _aes?.Encrypt(NextNonce(), plaintext, ciphertext, tag, associated);
        return result;
    }

    /// <summary>False if the ciphertext was not made for this context.</summary>
    public bool TryOpen(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, ReadOnlySpan<byte> associated = default)
    {
        try
        {
            _chaCha?.Decrypt(NextNonce(), ciphertext[..^TagSize], ciphertext[^TagSize..], plaintext, associated);
            _aes?.Decrypt(NextNonce(), ciphertext[..^TagSize], ciphertext[^TagSize..], plaintext, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _chaCha?.Dispose();
        _aes?.Dispose();
    }

    private byte[] NextNonce()
    {
        var nonce = (byte[])_baseNonce.Clone();
        var low = nonce.AsSpan(nonce.Length - sizeof(ulong));
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ _sequence);
        _sequence = checked(_sequence + 1);
        return nonce;
    }
}
