using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>A private key that opens files. Dispose it when its time is over.</summary>
public abstract class AgeIdentity : IDisposable
{
    private protected AgeIdentity()
    {
    }

    private protected delegate bool OpenBody(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, ReadOnlySpan<byte> associated = default);

    public abstract void Dispose();

    /// <summary>The key in the stanza, or null if the stanza is not for this identity.</summary>
    /// <exception cref="AgeFormatException">A stanza of this identity's type that its specification does not allow.</exception>
    internal abstract FileKey? TryUnwrap(Stanza stanza);

    private protected static FileKey? OpenFileKey(ReadOnlySpan<byte> body, OpenBody open)
    {
        Span<byte> plaintext = stackalloc byte[FileKey.SizeBytes];
        try
        {
            return open(body, plaintext) ? FileKey.From(plaintext) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }
}
