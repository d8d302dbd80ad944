using System.Security.Cryptography;

namespace Tutelage.Ledger;

/// <summary>What our log holds of an entry: SHA-256("tutelage/entry/v1\n" || salt || body). Once salt and body are destroyed it says nothing.</summary>
/// <remarks>Layout: docs/formats/ledger.md. The salt MUST be 32 random bytes, one for each entry: a guessable body without it could be confirmed.</remarks>
public static class EntryCommitment
{
    public const int SaltSizeBytes = 32;

    /// <exception cref="ArgumentException">The salt is not 32 bytes long.</exception>
    public static byte[] Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> body)
    {
        if (salt.Length != SaltSizeBytes) throw new ArgumentException($"an entry's salt has {SaltSizeBytes} bytes, not {salt.Length}", nameof(salt));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("tutelage/entry/v1\n"u8);
        hash.AppendData(salt);
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
