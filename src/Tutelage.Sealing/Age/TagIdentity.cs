using System.Security.Cryptography;
using Tutelage.Sealing.Memory;

namespace Tutelage.Sealing;

/// <summary>The private half of a <see cref="TagRecipient"/>.</summary>
/// <remarks>The scalar lives in locked memory; OpenSSL gets a copy for the time of one unwrapping, or of <see cref="Open()"/>, which it clears when that is freed.</remarks>
public sealed class TagIdentity : AgeIdentity
{
    /// <summary>Size of <see cref="Export"/>: the scalar, big-endian.</summary>
    public const int SecretSizeBytes = 32;

    private const int BodySize = FileKey.SizeBytes + HpkeContext.TagSize;

    private readonly LockedBytes _secret;

    private TagIdentity(LockedBytes secret, byte[] point) => (_secret, Recipient) = (secret, new TagRecipient(point));

    public TagRecipient Recipient { get; }

    public static TagIdentity Generate()
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        var secret = LockedBytes.CopyOf(parameters.D);
        CryptographicOperations.ZeroMemory(parameters.D);
        return new TagIdentity(secret, P256Point.Export(key));
    }

    /// <summary>Takes what <see cref="Export"/> gave; the caller zeroes <paramref name="secret"/>.</summary>
    /// <exception cref="AgeFormatException">Not 32 bytes, zero, or not below the order of the curve.</exception>
    public static TagIdentity Import(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretSizeBytes) throw new AgeFormatException($"a P-256 secret has {SecretSizeBytes} bytes, not {secret.Length}");
        var copy = LockedBytes.CopyOf(secret);
        try
        {
            using var key = Open(copy);
            return new TagIdentity(copy, P256Point.Export(key));
        }
        catch (CryptographicException e)
        {
            copy.Dispose();
            throw new AgeFormatException("a P-256 secret is not in the range of the curve", e);
        }
    }

    /// <summary>The secret in pinned memory, which the caller MUST zero.</summary>
    public byte[] Export()
    {
        var secret = GC.AllocateUninitializedArray<byte>(SecretSizeBytes, pinned: true);
        _secret.Span.CopyTo(secret);
        return secret;
    }

    /// <summary>The same identity for many headers in a row: OpenSSL keeps its copy of the scalar until this is disposed, and need not check it for each.</summary>
    /// <returns>Not thread-safe: each thread opens its own, and disposes it before this identity.</returns>
    public AgeIdentity Open() => new OpenTagIdentity(this);

    public override void Dispose() => _secret.Dispose();

    internal override FileKey? TryUnwrap(Stanza stanza)
    {
        using var open = new OpenTagIdentity(this);
        return open.TryUnwrap(stanza);
    }

    private FileKey? TryUnwrap(Stanza stanza, Func<ECDiffieHellman> open)
    {
        if (stanza.Type != TagRecipient.StanzaType) return null;
        if (stanza.Arguments.Count != 2) throw new AgeFormatException($"a p256tag stanza has {stanza.Arguments.Count} arguments, not 2");
        var tag = CanonicalBase64.Decode(stanza.Arguments[0], "the tag of a p256tag stanza");
        var enc = CanonicalBase64.Decode(stanza.Arguments[1], "the share of a p256tag stanza");
        if (tag.Length != TagRecipient.TagSize || enc.Length != P256Point.UncompressedSize || stanza.Body.Length != BodySize)
            throw new AgeFormatException("a p256tag stanza has a tag, share or body of the wrong size");
        if (!CryptographicOperations.FixedTimeEquals(tag, Recipient.Tag(enc))) return null;

        using var context = Hpke.SetupP256(open(), enc, enc, Recipient.Point, TagRecipient.Label);
        return OpenFileKey(stanza.Body, context.TryOpen);
    }

    private static ECDiffieHellman Open(LockedBytes secret)
    {
        var scalar = GC.AllocateUninitializedArray<byte>(SecretSizeBytes, pinned: true);
        try
        {
            secret.Span.CopyTo(scalar);
            return ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>Opens the key at the first stanza that is for it.</summary>
    private sealed class OpenTagIdentity(TagIdentity identity) : AgeIdentity
    {
        private ECDiffieHellman? _key;

        public override void Dispose() => _key?.Dispose();

        internal override FileKey? TryUnwrap(Stanza stanza) => identity.TryUnwrap(stanza, () => _key ??= Open(identity._secret));
    }
}
