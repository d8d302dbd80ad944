using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>age's STREAM: chunks of 64 KiB, each under its own nonce = counter (11 bytes, big-endian) || 1 for the last chunk, else 0.</summary>
/// <remarks>
/// If this were wrong in one place, the whole file would fall: two chunks under one nonce give away the XOR of their plaintexts and the key of the
/// authenticator. So the counter lives here, only goes up, and stops at the last chunk.
/// </remarks>
internal sealed class PayloadChunks : IDisposable
{
    public const int PlainSize = 64 * 1024;
    public const int TagSize = 16;
    public const int SealedSize = PlainSize + TagSize;
    public const int NonceSize = 16;

    private readonly ChaCha20Poly1305 _aead;
    private readonly byte[] _nonce = new byte[12];
    private ulong _index;
    private bool _ended;

    /// <param name="nonce">The 16 bytes that stand behind the header.</param>
    public PayloadChunks(FileKey key, ReadOnlySpan<byte> nonce)
    {
        Span<byte> payloadKey = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, payloadKey, nonce, "payload"u8);
        _aead = new ChaCha20Poly1305(payloadKey);
        CryptographicOperations.ZeroMemory(payloadKey);
    }

    /// <summary>Number of chunks sealed or opened so far.</summary>
    public ulong Count => _index;

    /// <summary>Seals the next chunk.</summary>
    /// <param name="output">Room for the chunk and its 16-byte tag.</param>
    /// <exception cref="InvalidOperationException">The last chunk was sealed already.</exception>
    public void Seal(ReadOnlySpan<byte> chunk, bool last, Span<byte> output)
    {
        Advance(last);
        _aead.Encrypt(_nonce, chunk, output[..chunk.Length], output.Slice(chunk.Length, TagSize));
    }

    /// <summary>Opens the next chunk; false, and no step forward, if it is not that chunk.</summary>
    public bool TryOpen(ReadOnlySpan<byte> chunk, bool last, Span<byte> output)
    {
        if (_ended || chunk.Length < TagSize) return false;
        WriteNonce(last);
        try
        {
            _aead.Decrypt(_nonce, chunk[..^TagSize], chunk[^TagSize..], output[..(chunk.Length - TagSize)]);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        Advance(last);
        return true;
    }

    public void Dispose() => _aead.Dispose();

    private void Advance(bool last)
    {
        if (_ended) throw new InvalidOperationException("the last chunk of this payload was sealed already");
        WriteNonce(last);
        _index++;
        _ended = last;
    }

    private void WriteNonce(bool last)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_nonce.AsSpan(3), _index); // bytes 0 to 2 stay zero: 2^64 chunks are out of reach
        _nonce[11] = last ? (byte)1 : (byte)0;
    }

    /// <summary>Bytes of nonce and chunks for so much plaintext.</summary>
    public static long SizeBytes(long plaintext) =>
        NonceSize + plaintext + TagSize * Math.Max(1, (plaintext + PlainSize - 1) / PlainSize);
}
