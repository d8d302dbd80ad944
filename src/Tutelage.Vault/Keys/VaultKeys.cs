using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Sealing.Memory;

namespace Tutelage.Vault.Keys;

/// <summary>The vault's own secrets: root key, identity, log key, tag key. Person keys are the <see cref="KeyStore"/>'s.</summary>
/// <remarks>Files <c>root.key</c>, <c>identity.key</c>, <c>log.key</c>, <c>tag.key</c>, mode 0600 (docs/formats/keys.md). If the root key were lost, every inner key is lost with it.</remarks>
internal sealed class VaultKeys : IDisposable
{
    private const string LogSecret = "log";
    private const string TagSecret = "tag";

    /// <summary>Written once by <see cref="Initialise"/>, apart from the root key; a backup holds them sealed.</summary>
    public static readonly IReadOnlyList<string> Files = ["identity.key", "log.key", "tag.key"];

    private readonly LockedBytes _tagKey;

    private VaultKeys(WrappingKey root, SigningKey identity, LogSigner log, LockedBytes tagKey) => (Root, Identity, Log, _tagKey) = (root, identity, log, tagKey);

    public WrappingKey Root { get; }

    public SigningKey Identity { get; }

    /// <summary>Owned by the log once that is open.</summary>
    public LogSigner Log { get; }

    /// <summary>Creates what is missing and prints the public part as one JSON line. Run twice it prints the same.</summary>
    public static int Initialise(string folder)
    {
        PrivateFile.CreateFolder(folder);
        var faults = new List<string>();
        FolderGuard.Check(folder, faults);
        InitialFolder.Refuse(folder, ["vault.db", "log", "keyring", "log.key", "tag.key"], [RootKey.FileName, "identity.key"], faults);
        InitialFolder.Refuse(folder, ["vault.db", "log", "keyring"], ["log.key", "tag.key"], faults);
        if (faults.Count > 0) return HostExit.Refuse("vault", HostExit.DoubtfulState, faults);
        if (!File.Exists(Path.Combine(folder, RootKey.FileName))) RootKey.Create(Path.Combine(folder, RootKey.FileName));
        using var root = RootKey.Load(Path.Combine(folder, RootKey.FileName), faults);
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
            var seed = created.Export();
            PrivateFile.Create(Path.Combine(folder, "log.key"), root.Wrap(LogSecret, seed));
            CryptographicOperations.ZeroMemory(seed);
        }

        if (!File.Exists(Path.Combine(folder, "tag.key")))
        {
            using var created = WrappingKey.Generate();
            PrivateFile.Create(Path.Combine(folder, "tag.key"), created.WrappedBy(root, TagSecret));
        }

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
        if (RootKey.Load(Path.Combine(folder, RootKey.FileName), faults) is not { } root) return null;
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
            log?.Dispose();
            tag?.Dispose();
            return null;
        }

        var signer = LogSigner.Import(OriginOf(identity.Public), log.Span);
        log.Dispose();
        return new VaultKeys(root, identity, signer, tag);

        LockedBytes? Unwrap(string file, string name)
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
        Convert.ToHexStringLower(HMACSHA256.HashData(_tagKey.Span, System.Text.Encoding.UTF8.GetBytes(personId)).AsSpan(0, 16));

    public void Dispose()
    {
        _tagKey.Dispose();
        Identity.Dispose();
        Root.Dispose();
    }

    private static string OriginOf(PublicKey identity) => "tutelage.vault." + identity.Id;
}
