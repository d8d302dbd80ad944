using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Ledger;

/// <summary>One SHA-256 value of the tree: 32 bytes, compared by value.</summary>
/// <remarks><c>default</c> is 32 zero bytes and the hash of nothing; it never equals a real root.</remarks>
public readonly record struct MerkleHash
{
    public const int SizeBytes = 32;

    private readonly ulong _a, _b, _c, _d;

    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 32 bytes long.</exception>
    public MerkleHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes) throw new ArgumentException($"a tree hash has 32 bytes, not {bytes.Length}", nameof(bytes));
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    public static MerkleHash Of(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        SHA256.HashData(data, hash);
        return new MerkleHash(hash);
    }

    /// <summary>Reads standard base64 with padding: exactly 44 characters, canonical.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MerkleHash hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[SizeBytes + 1];
        if (text.Length != 44 || !Convert.TryFromBase64Chars(text, bytes, out var written) || written != SizeBytes) return false;
        hash = new MerkleHash(bytes[..SizeBytes]);
        return text.SequenceEqual(hash.ToString());
    }

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[SizeBytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Standard base64 with padding, as checkpoints and proofs spell it.</summary>
    public override string ToString() => Convert.ToBase64String(ToArray());
}
