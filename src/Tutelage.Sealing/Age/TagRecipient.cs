namespace Tutelage.Sealing;

/// <summary>age's <c>p256tag</c>.</summary>
public sealed class TagRecipient : AgeRecipient
{
    public override string Text => throw new NotImplementedException();
    public static new TagRecipient Parse(string text) => throw new NotImplementedException();
    internal override Stanza Wrap(FileKey key) => throw new NotImplementedException();
}

/// <summary>The private half of <see cref="TagRecipient"/>.</summary>
public sealed class TagIdentity : AgeIdentity
{
    public TagRecipient Recipient => throw new NotImplementedException();
    public static TagIdentity Generate() => throw new NotImplementedException();
    public static TagIdentity Import(ReadOnlySpan<byte> secret) => throw new NotImplementedException();

    /// <summary>The secret, 32 bytes, in pinned memory that the caller should zero.</summary>
    public byte[] Export() => throw new NotImplementedException();
    internal override FileKey? TryUnwrap(Stanza stanza) => throw new NotImplementedException();
    public override void Dispose() => throw new NotImplementedException();
}
