using System.Security.Cryptography;
using Tutelage.Sealing.Memory;

namespace Tutelage.Sealing;

/// <summary>age's native <c>X25519</c> recipient, for exchange with other age tools; our own keys are <see cref="TagRecipient"/>.</summary>
/// <remarks>
/// <code>
/// -> X25519 base64(share, 32 bytes)
/// base64(ChaCha20Poly1305(key = HKDF(ikm = shared secret, salt = share || recipient, info), nonce = 0, file key), 32 bytes)
/// </code>
/// Needs OpenSSL 3 (libcrypto.so.3).
/// </remarks>
public sealed class X25519Recipient : AgeRecipient
{
    internal const string StanzaType = "X25519";
    private const string Prefix = "age";

    private readonly byte[] _point;

    internal X25519Recipient(byte[] point)
    {
        _point = point;
        Text = Bech32.Encode(Prefix, point);
    }

    public override string Text { get; }

    internal ReadOnlySpan<byte> Point => _point;

    /// <exception cref="AgeFormatException">Not <c>age1…</c> with 32 bytes.</exception>
    public static new X25519Recipient Parse(string text)
    {
        var (prefix, bytes) = Bech32.Decode(text);
        if (prefix != Prefix || text.StartsWith('A') || bytes.Length != X25519.Size)
            throw new AgeFormatException($"not a recipient: prefix '{prefix}', {bytes.Length} bytes; expected age1… or age1tag1…");
        return new X25519Recipient(bytes);
    }

    internal override Stanza Wrap(FileKey key)
    {
        Span<byte> ephemeral = stackalloc byte[X25519.Size];
        Span<byte> shared = stackalloc byte[X25519.Size];
        RandomNumberGenerator.Fill(ephemeral);
        try
        {
            var share = X25519.PublicKey(ephemeral);
            if (!X25519.TryAgree(ephemeral, _point, shared)) throw new AgeFormatException($"recipient {Text} is a point of low order; no file can be sealed to it");
            using var context = WrappingContext(shared, share, _point);
            return new Stanza(StanzaType, [CanonicalBase64.Encode(share)], context.Seal(key.Bytes));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ephemeral);
            CryptographicOperations.ZeroMemory(shared);
        }
    }

    /// <summary>The wrapping key is used for one message under nonce 0, which is HPKE's context with a base nonce of zeros.</summary>
    internal static HpkeContext WrappingContext(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> share, ReadOnlySpan<byte> recipient)
    {
        byte[] salt = [.. share, .. recipient];
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, key, salt, "age-encryption.org/v1/X25519"u8);
        var context = new HpkeContext(key, new byte[12]);
        CryptographicOperations.ZeroMemory(key);
        return context;
    }
}

/// <summary>The private half of an <see cref="X25519Recipient"/>.</summary>
public sealed class X25519Identity : AgeIdentity
{
    private const string Prefix = "age-secret-key-";
    private const int BodySize = FileKey.SizeBytes + HpkeContext.TagSize;

    private readonly LockedBytes _secret;

    private X25519Identity(ReadOnlySpan<byte> secret)
    {
        _secret = LockedBytes.CopyOf(secret);
        Recipient = new X25519Recipient(X25519.PublicKey(secret));
    }

    public X25519Recipient Recipient { get; }

    public static X25519Identity Generate()
    {
        Span<byte> secret = stackalloc byte[X25519.Size];
        RandomNumberGenerator.Fill(secret);
        var identity = new X25519Identity(secret);
        CryptographicOperations.ZeroMemory(secret);
        return identity;
    }

    /// <summary>Reads <c>AGE-SECRET-KEY-1…</c>.</summary>
    /// <exception cref="AgeFormatException">Not such a key.</exception>
    public static X25519Identity Parse(string text)
    {
        var (prefix, bytes) = Bech32.Decode(text);
        try
        {
            if (prefix != Prefix || text.StartsWith('a') || bytes.Length != X25519.Size)
                throw new AgeFormatException($"not an age identity (prefix '{prefix}'); expected AGE-SECRET-KEY-1…");
            return new X25519Identity(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes <c>AGE-SECRET-KEY-1…</c>: a string, which nobody can zero.</summary>
    public string ExportText() => Bech32.Encode(Prefix, _secret.Span).ToUpperInvariant();

    public override void Dispose() => _secret.Dispose();

    internal override FileKey? TryUnwrap(Stanza stanza)
    {
        if (stanza.Type != X25519Recipient.StanzaType) return null;
        if (stanza.Arguments.Count != 1) throw new AgeFormatException($"an X25519 stanza has {stanza.Arguments.Count} arguments, not 1");
        var share = CanonicalBase64.Decode(stanza.Arguments[0], "the share of an X25519 stanza");
        if (share.Length != X25519.Size || stanza.Body.Length != BodySize)
            throw new AgeFormatException("an X25519 stanza has a share or body of the wrong size");

        Span<byte> shared = stackalloc byte[X25519.Size];
        try
        {
            if (!X25519.TryAgree(_secret.Span, share, shared)) throw new AgeFormatException("the share of an X25519 stanza is a point of low order");
            using var context = X25519Recipient.WrappingContext(shared, share, Recipient.Point);
            return OpenFileKey(stanza.Body, context.TryOpen);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(shared);
        }
    }
}
