using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutelage.Identity;

/// <summary>Something a person or device says once and for all: an approval, an enrolment, a certificate. Immutable.</summary>
/// <remarks>
/// Signed bytes: <c>tutelage-statement/v1 LF kind LF payload</c>. A kind has no line feed, so the bytes are read in one way only, and a signature over one kind
/// is none over another. The payload travels as its exact bytes, never re-serialised. Layout: docs/formats/identity.md.
/// </remarks>
[JsonConverter(typeof(SignedStatementJson))]
public sealed class SignedStatement
{
    /// <summary>A statement is a few hundred bytes; bounds what is taken from outside.</summary>
    public const int MaxPayloadSizeBytes = 64 * 1024;

    private const int MaxKindLength = 64;

    private readonly byte[] _payload;
    private readonly byte[] _signature;

    private SignedStatement(string kind, byte[] payload, string keyId, byte[] signature)
    {
        if (!IsKind(kind)) throw new FormatException($"a statement's kind has 1 to {MaxKindLength} of a-z, 0-9, '-' and '.'");
        if (payload.Length > MaxPayloadSizeBytes) throw new FormatException($"a statement's payload has {payload.Length} bytes; at most {MaxPayloadSizeBytes}");
        if (keyId.Length > MaxKindLength) throw new FormatException("a statement's key id is too long");
        if (signature.Length != PublicKey.SignatureSizeBytes) throw new FormatException($"a statement's signature has {signature.Length} bytes, not {PublicKey.SignatureSizeBytes}");
        (Kind, _payload, KeyId, _signature) = (kind, payload, keyId, signature);
    }

    public string Kind { get; }

    /// <summary>The exact bytes that were signed, JSON in UTF-8. Untrusted until <see cref="Verify"/> said true.</summary>
    public ReadOnlyMemory<byte> Payload => _payload;

    /// <summary>Whose signature it claims to be (<see cref="PublicKey.Id"/>).</summary>
    public string KeyId { get; }

    /// <summary>64 bytes, P1363.</summary>
    public ReadOnlyMemory<byte> Signature => _signature;

    /// <exception cref="FormatException">The kind or the payload's size is not allowed.</exception>
    public static SignedStatement Sign(SigningKey key, string kind, ReadOnlySpan<byte> payload) =>
        new(kind, payload.ToArray(), key.Public.Id, key.Sign(SignedBytes(kind, payload)));

    /// <inheritdoc cref="Sign(SigningKey, string, ReadOnlySpan{byte})"/>
    public static SignedStatement Sign(SigningKey key, string kind, byte[] payload) => Sign(key, kind, payload.AsSpan());

    /// <inheritdoc cref="Sign(SigningKey, string, ReadOnlySpan{byte})"/>
    public static SignedStatement Sign(SigningKey key, string kind, ReadOnlyMemory<byte> payload) => Sign(key, kind, payload.Span);

    /// <summary>Signs the payload as snake_case JSON.</summary>
    public static SignedStatement Sign<T>(SigningKey key, string kind, T payload) =>
        Sign(key, kind, JsonSerializer.SerializeToUtf8Bytes(payload, StatementJson.Options).AsSpan());

    /// <summary>True if <paramref name="key"/> signed this statement as one of <paramref name="expectedKind"/>.</summary>
    public bool Verify(PublicKey key, string expectedKind) =>
        Kind == expectedKind && KeyId == key.Id && key.Verify(SignedBytes(Kind, _payload), _signature);

    /// <summary>The payload as an object; snake_case, unknown members are faults.</summary>
    /// <exception cref="FormatException">The payload is no such JSON.</exception>
    public T Read<T>()
    {
        try
        {
            return JsonSerializer.Deserialize<T>(_payload, StatementJson.Options) ?? throw new FormatException($"the payload of statement '{Kind}' is null");
        }
        catch (JsonException e)
        {
            throw new FormatException($"the payload of statement '{Kind}' is not what its kind says (line {e.LineNumber}, byte {e.BytePositionInLine})", e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, StatementJson.Options);

    /// <exception cref="FormatException">Not a statement.</exception>
    public static SignedStatement Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<SignedStatement>(json, StatementJson.Options) ?? throw new FormatException("a statement is null");
        }
        catch (JsonException e)
        {
            throw new FormatException($"not a statement: {e.Message}", e);
        }
    }

    internal static SignedStatement From(StatementText text) => new(
        text.Kind,
        Base64UrlText.Decode(text.Payload, "a statement's payload"),
        text.Key,
        Base64UrlText.Decode(text.Signature, "a statement's signature"));

    private static byte[] SignedBytes(string kind, ReadOnlySpan<byte> payload) =>
        [.. "tutelage-statement/v1\n"u8, .. Encoding.ASCII.GetBytes(kind), (byte)'\n', .. payload];

    private static bool IsKind(string kind) =>
        kind.Length is > 0 and <= MaxKindLength && kind.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.');
}

/// <summary>A statement in JSON; payload and signature in base64url.</summary>
internal sealed record StatementText(string Kind, string Payload, string Key, string Signature);

internal static class StatementJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 16,
    };
}

internal sealed class SignedStatementJson : JsonConverter<SignedStatement>
{
    public override SignedStatement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = JsonSerializer.Deserialize<StatementText>(ref reader, StatementJson.Options) ?? throw new JsonException("a statement is null");
        try
        {
            return SignedStatement.From(text);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, SignedStatement value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(
            writer,
            new StatementText(value.Kind, Base64UrlText.Encode(value.Payload.Span), value.KeyId, Base64UrlText.Encode(value.Signature.Span)),
            StatementJson.Options);
}
