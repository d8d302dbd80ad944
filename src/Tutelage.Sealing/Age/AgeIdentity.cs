namespace Tutelage.Sealing;

/// <summary>A private key that opens files. Dispose it when its time is over.</summary>
public abstract class AgeIdentity : IDisposable
{
    private protected AgeIdentity()
    {
    }

    /// <summary>The key in the stanza, or null if the stanza is not for this identity.</summary>
    /// <exception cref="AgeFormatException">A stanza of this identity's type that its specification does not allow.</exception>
    internal abstract FileKey? TryUnwrap(Stanza stanza);

    public abstract void Dispose();
}
