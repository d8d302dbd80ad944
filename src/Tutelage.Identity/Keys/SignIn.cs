namespace Tutelage.Identity;

/// <summary>Who may act now under a key's id. The plug-in point for passkeys and an organisation's own sign-in, which nothing uses yet (docs/adr/0005).</summary>
public interface ISignIn
{
    /// <summary>The key with that id whose holder may act now, or null.</summary>
    PublicKey? Find(string keyId);
}

/// <summary>The keys that a host has enrolled, for as long as its register holds them.</summary>
public sealed class EnrolledKeys(Func<string, PublicKey?> find) : ISignIn
{
    public PublicKey? Find(string keyId) => find(keyId);
}
