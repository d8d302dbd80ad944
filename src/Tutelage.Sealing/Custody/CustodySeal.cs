using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>What <see cref="CustodySeal"/> wrote.</summary>
/// <param name="SizeBytes">Of the whole sealed file.</param>
/// <param name="Sha256">Of the whole sealed file.</param>
/// <param name="OuterHeader">age header wrapped to the auditor; also the first bytes of the file.</param>
/// <param name="InnerHeader">age header wrapped to the vault; in the file it lies under the outer seal.</param>
public sealed record SealedFile(long SizeBytes, byte[] Sha256, byte[] OuterHeader, byte[] InnerHeader);

/// <summary>age inside age: opening takes the vault's key and the auditor's. Layout: docs/formats/sealed-object.md.</summary>
/// <remarks>
/// <code>
/// outer age file, plaintext = n (u64, big-endian) | inner age file (n bytes) | zeros up to the Padmé size of 8 + n
/// inner age file, plaintext = what was sealed
/// </code>
/// If this were wrong, one of the two could read alone, or the size would tell how much a person did.
/// </remarks>
public static class CustodySeal
{
    internal const int LengthSize = sizeof(ulong);
    private const int CopySize = 4 * PayloadChunks.PlainSize; // of four chunks three need no copy of their own

    /// <summary>Seals from the plaintext's position to its end.</summary>
    /// <exception cref="ArgumentException"><paramref name="plaintext"/> cannot seek, so its length is unknown.</exception>
    public static SealedFile Seal(Stream plaintext, Stream destination, AgeRecipient vault, AgeRecipient auditor)
    {
        if (!plaintext.CanSeek) throw new ArgumentException("the length of the plaintext is unknown; say it with the other overload", nameof(plaintext));
        return Seal(plaintext, plaintext.Length - plaintext.Position, destination, vault, auditor);
    }

    /// <summary>Seals <paramref name="lengthBytes"/> bytes, which MUST be all that the plaintext holds.</summary>
    /// <exception cref="InvalidDataException">The plaintext is longer or shorter; what was written opens nowhere.</exception>
    public static SealedFile Seal(Stream plaintext, long lengthBytes, Stream destination, AgeRecipient vault, AgeRecipient auditor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        if (vault.Equals(auditor)) throw new ArgumentException("vault and auditor are one recipient: custody needs two", nameof(auditor));
        using var hashed = new HashingStream(destination);
        using var outer = new AgeWriter(hashed, auditor);
        using var inner = new AgeWriter(outer, vault);

        var innerSize = inner.Header.Bytes.Length + PayloadChunks.SizeBytes(lengthBytes);
        var outerSize = Padme.PaddedSize(LengthSize + innerSize);
        Span<byte> length = stackalloc byte[LengthSize];
        BinaryPrimitives.WriteInt64BigEndian(length, innerSize);
        outer.Write(length);
        CopyExactly(plaintext, lengthBytes, inner);
        inner.Complete();
        WriteZeros(outer, outerSize - outer.Position);
        outer.Complete();
        return new SealedFile(hashed.Position, hashed.GetHash(), outer.Header.Bytes.ToArray(), inner.Header.Bytes.ToArray());
    }

    /// <summary>The plaintext of a sealed file. Its last read checks the padding and the outer seal too. <paramref name="sealedFile"/> stays open.</summary>
    /// <exception cref="AgeFormatException">Not such a file, or not these keys'.</exception>
    /// <exception cref="PayloadAuthenticationException">Altered or cut short (here, or on a later read).</exception>
    public static Stream Open(Stream sealedFile, FileKey outer, FileKey inner) => CustodyReader.Open(sealedFile, outer, inner);

    private static void CopyExactly(Stream source, long count, Stream destination)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(CopySize, pinned: true);
        try
        {
            var left = count;
            int read;
            while ((read = source.Read(buffer)) > 0)
            {
                left -= read;
                if (left < 0) throw new InvalidDataException($"the plaintext is longer than the {count} bytes announced");
                destination.Write(buffer.AsSpan(0, read));
            }
            if (left > 0) throw new InvalidDataException($"the plaintext is {left} bytes shorter than the {count} announced");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static void WriteZeros(Stream destination, long count)
    {
        var zeros = new byte[Math.Min(count, PayloadChunks.PlainSize)];
        for (; count > 0; count -= zeros.Length)
            destination.Write(zeros.AsSpan(0, (int)Math.Min(count, zeros.Length)));
    }
}
