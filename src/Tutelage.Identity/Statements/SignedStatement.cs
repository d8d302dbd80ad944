namespace Tutelage.Identity;

/// <summary>Something a person or device says once and for all: an approval, an enrolment, a certificate.</summary>
public sealed record SignedStatement
{
    private SignedStatement() => throw new NotImplementedException();
    public string Kind => throw new NotImplementedException();

    /// <summary>The exact bytes that were signed, UTF-8 JSON. Untrusted until <see cref="Verify"/> said true.</summary>
    public ReadOnlyMemory<byte> Payload => throw new NotImplementedException();
    public string KeyId => throw new NotImplementedException();
    public static SignedStatement Sign(SigningKey key, string kind, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    /// <summary>Signs the payload as snake_case JSON.</summary>
    public static SignedStatement Sign<T>(SigningKey key, string kind, T payload) => throw new NotImplementedException();
    public bool Verify(PublicKey key, string expectedKind) => throw new NotImplementedException();

    /// <exception cref="FormatException">The payload is no such JSON.</exception>
    public T Read<T>() => throw new NotImplementedException();
    public string ToJson() => throw new NotImplementedException();

    /// <exception cref="FormatException">Not a statement.</exception>
    public static SignedStatement Parse(string json) => throw new NotImplementedException();
}
