using System.Security.Cryptography;
using System.Text;
using Tutelage.Sealing.Memory;

namespace Tutelage.Hosting;

/// <summary>A key under which other keys are kept: 32 bytes in locked memory.</summary>
/// <remarks>
/// Wrapped form (docs/formats/keys.md): 12-byte nonce, ciphertext, 16-byte tag; AES-256-GCM with the secret's name as associated data, so that one wrapped secret
/// cannot stand in for another. Nonces are random: with fewer than 2^32 wraps under one key the chance of a repeat stays below 2^-32.
/// The cipher's own copy of the key lives for one call. Thread-safe until disposed.
/// </remarks>
internal sealed class WrappingKey : IDisposable
{
    public const int SizeBytes = 32;

    /// <summary>What wrapping adds to a secret.</summary>
    public const int OverheadBytes = NonceBytes + TagBytes;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly LockedBytes _key;

    /// <param name="key">Taken over: disposed with this.</param>
    public WrappingKey(LockedBytes key)
    {
        if (key.Length != SizeBytes) throw new CryptographicException($"a wrapping key has {SizeBytes} bytes, not {key.Length}");
        _key = key;
    }

    public static WrappingKey Generate()
    {
        var key = new LockedBytes(SizeBytes);
        RandomNumberGenerator.Fill(key.Span);
        return new WrappingKey(key);
    }

    public byte[] Wrap(string name, ReadOnlySpan<byte> secret)
    {
        using var cipher = new AesGcm(_key.Span, TagBytes);
        var wrapped = new byte[OverheadBytes + secret.Length];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        cipher.Encrypt(wrapped.AsSpan(0, NonceBytes), secret, wrapped.AsSpan(NonceBytes, secret.Length), wrapped.AsSpan(NonceBytes + secret.Length), Encoding.UTF8.GetBytes(name));
        return wrapped;
    }

    /// <summary>This key itself, wrapped under another.</summary>
    public byte[] WrappedBy(WrappingKey other, string name) => other.Wrap(name, _key.Span);

    /// <summary>The secret, for the caller to dispose; null if it was not wrapped under this key and name.</summary>
    public LockedBytes? Unwrap(string name, ReadOnlySpan<byte> wrapped)
    {
        var size = wrapped.Length - OverheadBytes;
        if (size is < 1 or > LockedMemory.MaxSizeBytes) return null;
        var secret = new LockedBytes(size);
        try
        {
            using var cipher = new AesGcm(_key.Span, TagBytes);
            cipher.Decrypt(wrapped[..NonceBytes], wrapped.Slice(NonceBytes, size), wrapped[^TagBytes..], secret.Span, Encoding.UTF8.GetBytes(name));
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            secret.Dispose();
            return null;
        }
    }

    public void Dispose() => _key.Dispose();
}
