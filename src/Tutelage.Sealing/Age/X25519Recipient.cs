namespace Tutelage.Sealing;

/// <summary>age's <c>X25519</c>.</summary>
public sealed class X25519Recipient : AgeRecipient
{
    public override string Text => throw new NotImplementedException();
    public static new X25519Recipient Parse(string text) => throw new NotImplementedException();
    internal override Stanza Wrap(FileKey key) => throw new NotImplementedException();
}

/// <summary>The private half of <see cref="X25519Recipient"/>.</summary>
public sealed class X25519Identity : AgeIdentity
{
    public X25519Recipient Recipient => throw new NotImplementedException();
    public static X25519Identity Generate() => throw new NotImplementedException();

    /// <summary>Reads <c>AGE-SECRET-KEY-1…</c>.</summary>
    public static X25519Identity Parse(string text) => throw new NotImplementedException();

    /// <summary>Writes <c>AGE-SECRET-KEY-1…</c>.</summary>
    public string ExportText() => throw new NotImplementedException();
    internal override FileKey? TryUnwrap(Stanza stanza) => throw new NotImplementedException();
    public override void Dispose() => throw new NotImplementedException();
}
