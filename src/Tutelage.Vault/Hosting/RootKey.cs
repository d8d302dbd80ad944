using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Hosting;

/// <summary>The key under which a host keeps all its other secrets: 32 random bytes in a file that only its owner reads.</summary>
/// <remarks>
/// Wrapped form: 12-byte nonce, ciphertext, 16-byte tag; AES-256-GCM with the secret's name as associated data, so that one wrapped secret
/// cannot stand in for another. Nonces are random: with fewer than 2^32 wraps under one root the chance of a repeat stays below 2^-32.
/// </remarks>
internal sealed class RootKey : IDisposable
{
    private const int SizeBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly AesGcm _cipher;

    private RootKey(ReadOnlySpan<byte> key) => _cipher = new AesGcm(key, TagBytes);

    /// <exception cref="IOException">The file exists already: a root key is never replaced.</exception>
    public static void Create(string path)
    {
        var key = RandomNumberGenerator.GetBytes(SizeBytes);
        PrivateFile.Create(path, key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Loads the key, or adds to <paramref name="faults"/> why it cannot.</summary>
    public static RootKey? Load(string path, List<string> faults)
    {
        if (PrivateFile.Read(path, faults) is not { } key) return null;
        if (key.Length == SizeBytes)
        {
            var root = new RootKey(key);
            CryptographicOperations.ZeroMemory(key);
            return root;
        }

        faults.Add($"{path}: a root key has {SizeBytes} bytes, this file {key.Length}");
        return null;
    }

    public byte[] Wrap(string name, ReadOnlySpan<byte> secret)
    {
        var wrapped = new byte[NonceBytes + secret.Length + TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        _cipher.Encrypt(wrapped.AsSpan(0, NonceBytes), secret, wrapped.AsSpan(NonceBytes, secret.Length), wrapped.AsSpan(NonceBytes + secret.Length), Encoding.UTF8.GetBytes(name));
        return wrapped;
    }

    /// <summary>The secret in pinned memory, for the caller to zero; null if it was not wrapped under this root and name.</summary>
    public byte[]? Unwrap(string name, ReadOnlySpan<byte> wrapped)
    {
        var size = wrapped.Length - NonceBytes - TagBytes;
        if (size < 0) return null;
        var secret = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        try
        {
            _cipher.Decrypt(wrapped[..NonceBytes], wrapped.Slice(NonceBytes, size), wrapped[^TagBytes..], secret, Encoding.UTF8.GetBytes(name));
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public void Dispose() => _cipher.Dispose();
}
