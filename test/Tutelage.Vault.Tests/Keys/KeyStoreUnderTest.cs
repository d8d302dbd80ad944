using System.Security.Cryptography;
using System.Text;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Sealing;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Tests.Keys;

/// <summary>A clock that stands where it is put.</summary>
internal sealed class SetClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2031, 5, 6, 23, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>A key store on disk that is opened and left as often as a test wants, with files that were sealed to people whose keys it holds.</summary>
internal sealed class KeyStoreUnderTest : IDisposable
{
    private readonly List<(string Tag, DataClass Class, byte[] Header)> _sealed = [];
    private VaultKeys? _vault;
    private VaultStore? _store;

    public KeyStoreUnderTest() => VaultKeys.Initialise(Folder).ShouldBe(0);

    public string Root { get; } = Directory.CreateTempSubdirectory("tutelage-keys-").FullName;

    public string Folder => Path.Combine(Root, "vault");

    public string KeyringPath => Path.Combine(Folder, Keyring.FileName);

    public SetClock Clock { get; } = new();

    public KeyStore Keys { get; private set; } = null!; // set by Open

    public VaultKeys Vault => _vault!; // while open

    public VaultStore Store => _store!; // while open

    /// <summary>Opens, and expects no fault.</summary>
    public KeyStoreUnderTest Open(Action<RotationStep>? onStep = null)
    {
        var faults = new List<string>();
        TryOpen(faults, onStep).ShouldBeTrue(string.Join("; ", faults));
        return this;
    }

    public bool TryOpen(List<string> faults, Action<RotationStep>? onStep = null)
    {
        Leave();
        _vault = VaultKeys.Load(Folder, faults).ShouldNotBeNull();
        _store = VaultStore.Open(Folder, faults).ShouldNotBeNull();
        if (KeyStore.Open(Folder, _vault.Root, _store, Clock, faults, onStep) is not { } keys) return false;
        Keys = keys;
        return true;
    }

    /// <summary>Closes without a word, as the end of the process would.</summary>
    public void Leave()
    {
        if (Keys is not null) Keys.Dispose();
        _store?.Dispose();
        _vault?.Dispose();
        (_store, _vault) = (null, null);
    }

    /// <summary>A person with a key a class, and a file sealed to each.</summary>
    public string AddPerson()
    {
        var tag = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        lock (Store.Gate)
        {
            using var transaction = Store.Database.BeginTransaction();
            foreach (var name in Enum.GetValues<DataClass>())
            {
                var key = Keys.NewPersonKey(tag, name);
                Keys.Insert(key, transaction);
                using var file = new MemoryStream();
                using var writer = new AgeWriter(file, AgeRecipient.Parse(key.Recipient));
                _sealed.Add((tag, name, writer.Header.Bytes.ToArray()));
            }

            transaction.Commit();
        }

        return tag;
    }

    public void NextDay()
    {
        Clock.Now += TimeSpan.FromDays(1);
        Keys.RotateIfDue().ShouldNotBeNull();
    }

    /// <summary>Everything that was ever sealed opens, every row is under the current epoch, and keyring and escrow copy are one.</summary>
    public void AssertWhole()
    {
        foreach (var (tag, name, header) in _sealed)
        {
            using var identity = Keys.OpenPersonKey(tag, name).ShouldNotBeNull();
            using var key = AgeHeader.Parse(header).Unwrap(identity);
        }

        Keys.Rows.CountByEpoch().ShouldHaveSingleItem().ShouldBe(new KeyValuePair<long, long>(Keys.Ring.Current.Number, _sealed.Count + 1));
        Keys.Unopened.ShouldBe(0);
        Keys.Ring.Epochs.Count.ShouldBeLessThanOrEqualTo(Keyring.Kept);
        File.ReadAllBytes(Keys.EscrowPath).ShouldBe(File.ReadAllBytes(KeyringPath));
        Keyring.Parse(File.ReadAllBytes(KeyringPath), out _).ShouldNotBeNull().Epochs.Select(epoch => epoch.Number).ShouldBe(Keys.Ring.Epochs.Select(epoch => epoch.Number));
        foreach (var path in Directory.EnumerateFiles(Folder, "keyring*", SearchOption.AllDirectories)) PrivateFile.FaultOfMode(path).ShouldBeNull();
    }

    public string Backup()
    {
        var folder = Path.Combine(Root, "backup-" + Guid.NewGuid().ToString("n"));
        KeyBackup.Make(Keys, Vault, folder, Clock, static (_, _, _) => { }, CancellationToken.None);
        return folder;
    }

    /// <summary>Restores into a new folder, with this vault's root key and the named keyring.</summary>
    public (RestoredKeys? Restored, List<string> Faults, string Folder) Restore(string backup, string? keyring = null)
    {
        var target = Path.Combine(Root, "restored-" + Guid.NewGuid().ToString("n"));
        var faults = new List<string>();
        return (KeyRestore.Restore(backup, target, Path.Combine(Folder, RootKey.FileName), keyring ?? KeyringPath, static (_, _, _) => { }, faults), faults, target);
    }

    /// <summary>Every secret that this store knows now, in the forms in which somebody might write it down.</summary>
    public IReadOnlyList<(string What, byte[] Bytes)> Secrets()
    {
        var secrets = new List<(string, byte[])> { ("root", File.ReadAllBytes(Path.Combine(Folder, RootKey.FileName))) };
        foreach (var epoch in Keys.Ring.Epochs) Add(FormattableString.Invariant($"epoch {epoch.Number}"), Vault.Root, epoch.Name, epoch.Wrapped);
        Add("tag", Vault.Root, "tag", File.ReadAllBytes(Path.Combine(Folder, "tag.key")));
        Add("log", Vault.Root, "log", File.ReadAllBytes(Path.Combine(Folder, "log.key")));
        foreach (var kept in Keys.Rows.Page("", 1000))
        {
            using var identity = Keys.OpenSecret(kept).ShouldNotBeNull();
            secrets.Add((kept.Name, identity.Export()));
        }

        return [.. secrets.SelectMany(secret => new (string, byte[])[]
        {
            secret, (secret.Item1 + " in hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret.Item2))), (secret.Item1 + " in base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(secret.Item2)[..40])),
        })];

        void Add(string what, WrappingKey under, string name, byte[] wrapped)
        {
            using var secret = under.Unwrap(name, wrapped).ShouldNotBeNull();
            secrets.Add((what, secret.Span.ToArray()));
        }
    }

    public void Dispose()
    {
        Leave();
        Directory.Delete(Root, recursive: true);
    }
}
