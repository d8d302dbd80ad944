namespace Tutelage.Identity;

/// <summary>The public half of a person's or device's ECDSA P-256 key. Immutable, equal by value, thread-safe.</summary>
public sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>First 22 characters of base64url(SHA-256(SPKI)).</summary>
    public string Id => throw new NotImplementedException();

    /// <summary>base64url of the SPKI (DER, 91 bytes), without padding.</summary>
    public string Text => throw new NotImplementedException();

    /// <exception cref="FormatException">Not the canonical SPKI of a P-256 key.</exception>
    public static PublicKey Parse(string text) => throw new NotImplementedException();
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => throw new NotImplementedException();
    public override string ToString() => Text;
    public bool Equals(PublicKey? other) => other is not null && other.Text == Text;
    public override bool Equals(object? obj) => Equals(obj as PublicKey);
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
