namespace Tutelage.Sealing;

/// <summary>A public key to which files are sealed. Immutable, safe to share between threads.</summary>
public abstract class AgeRecipient : IEquatable<AgeRecipient>
{
    private protected AgeRecipient()
    {
    }

    /// <summary>The Bech32 text: <c>age1tag1…</c> or <c>age1…</c>.</summary>
    public abstract string Text { get; }

    /// <summary>Reads <c>age1tag1…</c> (P-256) or <c>age1…</c> (X25519).</summary>
    /// <exception cref="AgeFormatException">Neither, or not a point that may be used.</exception>
    public static AgeRecipient Parse(string text) =>
        text.StartsWith("age1tag1", StringComparison.Ordinal) ? TagRecipient.Parse(text) : X25519Recipient.Parse(text);

    internal abstract Stanza Wrap(FileKey key);

    public sealed override string ToString() => Text;
    public bool Equals(AgeRecipient? other) => other is not null && other.Text == Text;
    public sealed override bool Equals(object? obj) => Equals(obj as AgeRecipient);
    public sealed override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
