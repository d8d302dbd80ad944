using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>age's <c>p256tag</c> recipient (c2sp.org/age): HPKE on P-256, with a tag by which the holder recognises a stanza without trying.</summary>
/// <remarks>
/// <code>
/// -> p256tag base64(tag, 4 bytes) base64(enc, 65 bytes)
/// base64(SealBase(file key), 32 bytes)
/// tag = HKDF-Extract(salt = info, ikm = enc || SHA-256(compressed recipient)[..4])[..4]
/// </code>
/// </remarks>
public sealed class TagRecipient : AgeRecipient
{
    internal const string StanzaType = "p256tag";
    internal const int TagSize = 4;
    private const string Prefix = "age1tag";

    private readonly byte[] _point;
    private readonly byte[] _compressed;

    /// <param name="point">65 bytes, on the curve.</param>
    internal TagRecipient(byte[] point)
    {
        _point = point;
        _compressed = P256Point.Compress(point);
        Text = Bech32.Encode(Prefix, _compressed);
    }

    internal static ReadOnlySpan<byte> Label => "age-encryption.org/p256tag"u8;

    public override string Text { get; }

    internal ReadOnlySpan<byte> Point => _point;

    /// <exception cref="AgeFormatException">Not <c>age1tag1…</c> with a point of the curve.</exception>
    public static new TagRecipient Parse(string text)
    {
        var (prefix, bytes) = Bech32.Decode(text);
        if (prefix != Prefix || text.StartsWith('A')) throw new AgeFormatException($"a recipient begins with '{prefix}1', not with '{Prefix}1' in lower case");
        return new TagRecipient(P256Point.Decompress(bytes));
    }

    internal override Stanza Wrap(FileKey key)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var enc = P256Point.Export(ephemeral);
        using var context = Hpke.SetupP256(ephemeral, _point, enc, _point, Label);
        return new Stanza(StanzaType, [CanonicalBase64.Encode(Tag(enc)), CanonicalBase64.Encode(enc)], context.Seal(key.Bytes));
    }

    internal byte[] Tag(ReadOnlySpan<byte> enc)
    {
        byte[] ikm = [.. enc, .. SHA256.HashData(_compressed).AsSpan(0, TagSize)];
        return HKDF.Extract(HashAlgorithmName.SHA256, ikm, Label.ToArray())[..TagSize];
    }
}
