using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Sealing;

namespace Tutelage.Vault.Keys;

/// <summary>The vault's secrets: root key, identity, log key, tag key. Person keys lie in the database, each wrapped by the root key under its tag and class.</summary>
/// <remarks>Files <c>root.key</c>, <c>identity.key</c>, <c>log.key</c>, <c>tag.key</c>, mode 0600. If the root key were lost, every inner key is lost with it.</remarks>
internal sealed class VaultKeys : IDisposable
{
    private const string LogSecret = "log";
    private const string TagSecret = "tag";

    private readonly RootKey _root;
    private readonly byte[] _tagKey; // pinned, zeroed on dispose

    private VaultKeys(RootKey root, SigningKey identity, LogSigner log, byte[] tagKey) => (_root, Identity, Log, _tagKey) = (root, identity, log, tagKey);

    public SigningKey Identity { get; }

    /// <summary>Owned by the log once that is open.</summary>
    public LogSigner Log { get; }

    /// <summary>Creates what is missing and prints the public part as one JSON line. Run twice it prints the same.</summary>
    public static int Initialise(string folder)
    {
        PrivateFile.CreateFolder(folder);
        var faults = new List<string>();
        if (!File.Exists(Path.Combine(folder, "root.key"))) RootKey.Create(Path.Combine(folder, "root.key"));
        using var root = RootKey.Load(Path.Combine(folder, "root.key"), faults);
        if (root is null) return HostExit.Refuse("vault", HostExit.DoubtfulState, faults);
        if (!File.Exists(Path.Combine(folder, "identity.key")))
        {
            using var created = SigningKey.Generate();
            created.Save(Path.Combine(folder, "identity.key"));
        }

        using var identity = SigningKey.Load(Path.Combine(folder, "identity.key"));
        if (!File.Exists(Path.Combine(folder, "log.key")))
        {
            using var created = LogSigner.Generate(OriginOf(identity.Public));
            PrivateFile.Create(Path.Combine(folder, "log.key"), root.Wrap(LogSecret, created.Export()));
        }

        if (!File.Exists(Path.Combine(folder, "tag.key"))) PrivateFile.Create(Path.Combine(folder, "tag.key"), root.Wrap(TagSecret, RandomNumberGenerator.GetBytes(32)));
        var invitations = People.Invitation.CreateFiles(folder);
        using var keys = Load(folder, faults);
        if (keys is null) return HostExit.Refuse("vault", HostExit.DoubtfulState, faults);
        using (keys.Log)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { service = "vault", vault_key = identity.Public.Text, log = keys.Log.VerifierKey.Text, invitations }));
        }

        return HostExit.Ended;
    }

    public static VaultKeys? Load(string folder, List<string> faults)
    {
        if (RootKey.Load(Path.Combine(folder, "root.key"), faults) is not { } root) return null;
        SigningKey? identity = null;
        try
        {
            identity = SigningKey.Load(Path.Combine(folder, "identity.key"));
        }
        catch (KeyFileException fault)
        {
            faults.Add(fault.Message);
        }

        var log = Unwrap("log.key", LogSecret);
        var tag = Unwrap("tag.key", TagSecret);
        if (identity is null || log is null || tag is null)
        {
            root.Dispose();
            identity?.Dispose();
            return null;
        }

        var signer = LogSigner.Import(OriginOf(identity.Public), log);
        CryptographicOperations.ZeroMemory(log);
        return new VaultKeys(root, identity, signer, tag);

        byte[]? Unwrap(string file, string name)
        {
            var path = Path.Combine(folder, file);
            if (PrivateFile.Read(path, faults) is not { } wrapped) return null;
            var secret = root.Unwrap(name, wrapped);
            if (secret is null) faults.Add($"{path}: was not wrapped by this folder's root key");
            return secret;
        }
    }

    public void CompareWith(TrustFile trust, string path, List<string> faults)
    {
        if (!trust.VaultKey.Equals(Identity.Public)) faults.Add($"--trust {path}: vault_key is not the key of this vault ({Identity.Public.Id})");
        if (trust.Log != Log.VerifierKey) faults.Add($"--trust {path}: log is not the log of this vault ({Log.VerifierKey.Name})");
    }

    /// <summary>A person's pseudonym: first 16 bytes of HMAC-SHA-256(tag key, person id), 32 hex digits.</summary>
    public string TagOf(string personId) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_tagKey, System.Text.Encoding.UTF8.GetBytes(personId)).AsSpan(0, 16));

    /// <summary>A new random key for one person and class, wrapped.</summary>
    public (byte[] Wrapped, string Recipient) NewPersonKey(string tag, DataClass name)
    {
        using var identity = TagIdentity.Generate();
        var secret = identity.Export();
        var wrapped = _root.Wrap(SecretName(tag, name), secret);
        CryptographicOperations.ZeroMemory(secret);
        return (wrapped, identity.Recipient.Text);
    }

    /// <summary>Opens a person key for as long as the caller holds it; null if it was not wrapped for that person and class.</summary>
    public TagIdentity? OpenPersonKey(string tag, DataClass name, byte[] wrapped)
    {
        if (_root.Unwrap(SecretName(tag, name), wrapped) is not { } secret) return null;
        var identity = TagIdentity.Import(secret);
        CryptographicOperations.ZeroMemory(secret);
        return identity;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_tagKey);
        Identity.Dispose();
        _root.Dispose();
    }

    private static string OriginOf(PublicKey identity) => "tutelage.vault." + identity.Id;

    private static string SecretName(string tag, DataClass name) => $"person/{tag}/{Spelling.Of(name)}";
}
