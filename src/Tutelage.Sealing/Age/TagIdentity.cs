using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>The private half of a <see cref="TagRecipient"/>.</summary>
public sealed class TagIdentity : AgeIdentity
{
    /// <summary>Size of <see cref="Export"/>: the scalar, big-endian.</summary>
    public const int SecretSizeBytes = 32;

    private const int BodySize = FileKey.SizeBytes + HpkeContext.TagSize;

    private readonly ECDiffieHellman _key;

    private TagIdentity(ECDiffieHellman key)
    {
        _key = key;
        Recipient = new TagRecipient(P256Point.Export(key));
    }

    public TagRecipient Recipient { get; }

    public static TagIdentity Generate() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Takes what <see cref="Export"/> gave; the caller zeroes <paramref name="secret"/>.</summary>
    /// <exception cref="AgeFormatException">Not 32 bytes, zero, or not below the order of the curve.</exception>
    public static TagIdentity Import(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretSizeBytes) throw new AgeFormatException($"a P-256 secret has {SecretSizeBytes} bytes, not {secret.Length}");
        var scalar = GC.AllocateUninitializedArray<byte>(SecretSizeBytes, pinned: true);
        secret.CopyTo(scalar);
        try
        {
            return new TagIdentity(ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar }));
        }
        catch (CryptographicException e)
        {
            throw new AgeFormatException("a P-256 secret is not in the range of the curve", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>The secret in pinned memory, which the caller MUST zero.</summary>
    public byte[] Export()
    {
        var parameters = _key.ExportParameters(includePrivateParameters: true);
        var secret = GC.AllocateUninitializedArray<byte>(SecretSizeBytes, pinned: true);
        parameters.D.CopyTo(secret.AsSpan());
        CryptographicOperations.ZeroMemory(parameters.D);
        return secret;
    }

    public override void Dispose() => _key.Dispose();

    internal override FileKey? TryUnwrap(Stanza stanza)
    {
        if (stanza.Type != TagRecipient.StanzaType) return null;
        if (stanza.Arguments.Count != 2) throw new AgeFormatException($"a p256tag stanza has {stanza.Arguments.Count} arguments, not 2");
        var tag = CanonicalBase64.Decode(stanza.Arguments[0], "the tag of a p256tag stanza");
        var enc = CanonicalBase64.Decode(stanza.Arguments[1], "the share of a p256tag stanza");
        if (tag.Length != TagRecipient.TagSize || enc.Length != P256Point.UncompressedSize || stanza.Body.Length != BodySize)
            throw new AgeFormatException("a p256tag stanza has a tag, share or body of the wrong size");
        if (!tag.AsSpan().SequenceEqual(Recipient.Tag(enc))) return null;

        using var context = Hpke.SetupP256(_key, enc, enc, Recipient.Point, TagRecipient.Label);
        return OpenFileKey(stanza.Body, context.TryOpen);
    }
}
