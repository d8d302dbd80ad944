using System.Buffers.Binary;
using System.Security.Cryptography;
using Tutelage.Sealing.Memory;

namespace Tutelage.Sealing;

/// <summary>age's STREAM: chunks of 64 KiB, each under its own nonce = counter (11 bytes, big-endian) || 1 for the last chunk, else 0.</summary>
/// <remarks>
/// If this were wrong in one place, the whole file would fall: two chunks under one nonce give away the XOR of their plaintexts and the key of the
/// authenticator. So the counter of what is sealed lives here, only goes up, and stops at the last chunk. Opening has no counter: any chunk, in any order.
/// The payload key lives in locked memory; OpenSSL has its copy for the time of one chunk.
/// </remarks>
internal sealed class PayloadChunks : IDisposable
{
    public const int PlainSize = 64 * 1024;
    public const int TagSize = 16;
    public const int SealedSize = PlainSize + TagSize;
    public const int NonceSize = 16;
    private const int ChunkNonceSize = 12;

    private readonly LockedBytes _key = new(32);
    private ulong _index;
    private bool _ended;

    /// <param name="nonce">The 16 bytes that stand behind the header.</param>
    public PayloadChunks(FileKey key, ReadOnlySpan<byte> nonce)
    {
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, _key.Span, nonce, "payload"u8);
    }

    /// <summary>Number of chunks sealed so far.</summary>
    public ulong Count => _index;

    /// <summary>Seals the next chunk.</summary>
    /// <param name="output">Room for the chunk and its 16-byte tag.</param>
    /// <exception cref="InvalidOperationException">The last chunk was sealed already.</exception>
    public void Seal(ReadOnlySpan<byte> chunk, bool last, Span<byte> output)
    {
        if (_ended) throw new InvalidOperationException("the last chunk of this payload was sealed already");
        Span<byte> nonce = stackalloc byte[ChunkNonceSize];
        WriteNonce(nonce, _index++, last);
        _ended = last;
        using var aead = new ChaCha20Poly1305(_key.Span);
        aead.Encrypt(nonce, chunk, output[..chunk.Length], output.Slice(chunk.Length, TagSize));
    }

    /// <summary>Opens a chunk; false if it is not that chunk of this payload.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <param name="output">Zeros where the answer is false.</param>
    public bool TryOpen(ulong index, ReadOnlySpan<byte> chunk, bool last, Span<byte> output)
    {
        if (chunk.Length < TagSize) return false;
        Span<byte> nonce = stackalloc byte[ChunkNonceSize];
        WriteNonce(nonce, index, last);
        using var aead = new ChaCha20Poly1305(_key.Span);
        try
        {
            aead.Decrypt(nonce, chunk[..^TagSize], chunk[^TagSize..], output[..(chunk.Length - TagSize)]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _key.Dispose();

    private static void WriteNonce(Span<byte> nonce, ulong index, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[3..], index); // bytes 0 to 2 stay zero: 2^64 chunks are out of reach
        nonce[11] = last ? (byte)1 : (byte)0;
    }

    /// <summary>Bytes of nonce and chunks for so much plaintext.</summary>
    public static long SizeBytes(long plaintext) =>
        NonceSize + plaintext + TagSize * Math.Max(1, (plaintext + PlainSize - 1) / PlainSize);
}
