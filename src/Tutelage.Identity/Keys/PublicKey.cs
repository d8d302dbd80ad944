using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutelage.Identity;

/// <summary>The public half of a person's or device's ECDSA P-256 key. Immutable, equal by value, thread-safe; in JSON its <see cref="Text"/>.</summary>
/// <remarks>One key has one text: only the 91-byte SPKI with an uncompressed point is read. Layout: docs/formats/identity.md.</remarks>
[JsonConverter(typeof(PublicKeyJson))]
public sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>P1363 form: r and s, 32 bytes each. The DER form is never accepted (several spellings of one signature).</summary>
    public const int SignatureSizeBytes = 64;

    private const int IdLength = 22;
    private const int PointSize = 64;

    private readonly ECDsa _key; // used under its own lock: the base library promises no thread-safety

    private PublicKey(byte[] spki)
    {
        if (spki.Length != SpkiPrefix.Length + PointSize || !spki.AsSpan().StartsWith(SpkiPrefix))
            throw new FormatException($"a public key of {spki.Length} bytes is not the SPKI of an uncompressed P-256 point ({SpkiPrefix.Length + PointSize} bytes)");
        var point = spki.AsSpan(SpkiPrefix.Length);
        try
        {
            _key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = point[..32].ToArray(), Y = point[32..].ToArray() },
            });
        }
        catch (CryptographicException e)
        {
            throw new FormatException("a public key is no point of P-256", e);
        }
        Text = Base64UrlText.Encode(spki);
        Id = Base64UrlText.Encode(SHA256.HashData(spki))[..IdLength];
    }

    /// <summary>First 22 characters of base64url(SHA-256(SPKI)): 132 bits.</summary>
    public string Id { get; }

    /// <summary>base64url of the SPKI (DER, 91 bytes), without padding.</summary>
    public string Text { get; }

    /// <summary>SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING } up to the 04 of the point (RFC 5480).</summary>
    private static ReadOnlySpan<byte> SpkiPrefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];

    /// <exception cref="FormatException">Not the canonical text of a P-256 key.</exception>
    public static PublicKey Parse(string text) => new(Base64UrlText.Decode(text, "a public key"));

    /// <summary>True if this key signed the message. Never throws for a bad signature.</summary>
    /// <param name="signature">64 bytes, P1363.</param>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSizeBytes) return false;
        lock (_key)
            return _key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public override string ToString() => Text;
    public bool Equals(PublicKey? other) => other is not null && other.Text == Text;
    public override bool Equals(object? obj) => Equals(obj as PublicKey);
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    internal static PublicKey Of(ECDsa key) => new(key.ExportSubjectPublicKeyInfo());
}

internal sealed class PublicKeyJson : JsonConverter<PublicKey>
{
    public override PublicKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return PublicKey.Parse(reader.GetString() ?? "");
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, PublicKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}
