using System.Text;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Sealing;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Tests.Keys;

/// <summary>A backup opens with the root key and a keyring that still holds its epoch; with anything less, nothing under it does.</summary>
public sealed class BackupTests
{
    [Fact]
    public void A_backup_comes_back_with_a_keyring_that_still_holds_its_epoch_and_opens_what_was_sealed()
    {
        using var sut = new KeyStoreUnderTest().Open();
        var tag = sut.AddPerson();
        var backup = sut.Backup();
        for (var day = 0; day < Keyring.Kept - 1; day++) sut.NextDay();

        var (restored, faults, folder) = sut.Restore(backup, sut.Keys.EscrowPath);
        faults.ShouldBeEmpty();
        restored.ShouldNotBeNull().ShouldBe(new RestoredKeys(sut.Vault.Identity.Public.Id, 1, restored!.Made, 7, 7, true));
        using var vault = VaultKeys.Load(folder, faults).ShouldNotBeNull();
        using var store = VaultStore.Open(folder, faults).ShouldNotBeNull();
        using var keys = KeyStore.Open(folder, vault.Root, store, sut.Clock, faults).ShouldNotBeNull();
        using var there = sut.Keys.OpenPersonKey(tag, DataClass.Frames).ShouldNotBeNull();
        using var here = keys.OpenPersonKey(tag, DataClass.Frames).ShouldNotBeNull();
        here.Recipient.Text.ShouldBe(there.Recipient.Text);
        vault.Identity.Public.ShouldBe(sut.Vault.Identity.Public);
        vault.TagOf("somebody").ShouldBe(sut.Vault.TagOf("somebody"));
        keys.Rows.CountByEpoch().Keys.ShouldBe([keys.Ring.Current.Number]);
    }

    [Fact]
    public void Seven_rotations_later_nothing_in_a_backup_opens_with_anything_that_is_left()
    {
        using var sut = new KeyStoreUnderTest().Open();
        sut.AddPerson();
        var backup = sut.Backup();
        var rows = sut.Keys.Rows.Page("", 100);
        for (var day = 0; day < Keyring.Kept; day++) sut.NextDay();

        var dark = Should.Throw<BackupDarkException>(() => sut.Restore(backup));
        dark.Epoch.ShouldBe(1);
        dark.Message.ShouldContain("dark");
        Should.Throw<BackupDarkException>(() => sut.Restore(backup, sut.Keys.EscrowPath));

        // Not by any other way either: every key that still exists, on the backup's own key and on every row that it holds.
        var card = BackupCard.Load(backup, []).ShouldNotBeNull();
        using var epochs = new EpochKeys();
        epochs.Open(sut.Keys.Ring, sut.Vault.Root, "", []);
        foreach (var key in epochs.Numbers.Select(number => epochs[number]!).Append(sut.Vault.Root))
        {
            key.Unwrap(card.SecretName, card.Wrapped).ShouldBeNull();
            foreach (var row in rows) key.Unwrap(row.Name, row.Wrapped).ShouldBeNull();
        }

        var sealedFile = File.ReadAllBytes(Path.Combine(backup, BackupCard.SealedName));
        foreach (var kept in sut.Keys.Rows.Page("", 100))
        {
            using var identity = sut.Keys.OpenSecret(kept).ShouldNotBeNull();
            Should.Throw<NoMatchingIdentityException>(() => AgeReader.Open(new MemoryStream(sealedFile), identity));
        }
    }

    [Fact]
    public void A_backup_without_its_root_key_or_with_a_foreign_one_stays_shut()
    {
        using var sut = new KeyStoreUnderTest().Open();
        using var other = new KeyStoreUnderTest().Open();
        sut.AddPerson();
        var backup = sut.Backup();
        var (restored, faults, _) = other.Restore(backup, sut.KeyringPath);
        restored.ShouldBeNull();
        faults.ShouldHaveSingleItem().ShouldContain("was not wrapped by this root key");

        (restored, faults, _) = other.Restore(backup);
        restored.ShouldBeNull();
        faults.ShouldHaveSingleItem().ShouldContain("was not wrapped by epoch 1 of this keyring");

        faults.Clear();
        KeyRestore.Restore(backup, Path.Combine(sut.Root, "empty"), null, null, static (_, _, _) => { }, faults).ShouldBeNull();
        faults.ShouldContain(fault => fault.Contains("--root FILE", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.Contains("--keyring FILE", StringComparison.Ordinal));
    }

    [Fact]
    public void A_backup_that_was_cut_off_changed_or_not_finished_is_refused()
    {
        using var sut = new KeyStoreUnderTest().Open();
        var backup = sut.Backup();
        var path = Path.Combine(backup, BackupCard.SealedName);
        var bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 1;
        File.WriteAllBytes(path, bytes);
        sut.Restore(backup).Faults.ShouldHaveSingleItem().ShouldContain("copy the backup again");
        File.WriteAllBytes(path, bytes[..^1]);
        sut.Restore(backup).Faults.ShouldHaveSingleItem().ShouldContain("copy the backup again");
        File.Delete(Path.Combine(backup, BackupCard.FileName));
        sut.Restore(backup).Faults.ShouldHaveSingleItem().ShouldContain("no backup that came to its end");
    }

    [Fact]
    public void A_restore_never_replaces_a_vault_and_a_backup_never_an_earlier_one()
    {
        using var sut = new KeyStoreUnderTest().Open();
        var backup = sut.Backup();
        var faults = new List<string>();
        KeyRestore.Restore(backup, sut.Folder, null, null, static (_, _, _) => { }, faults).ShouldBeNull();
        faults.ShouldHaveSingleItem().ShouldContain("holds a vault already");
        Should.Throw<IOException>(() => KeyBackup.Make(sut.Keys, sut.Vault, backup, sut.Clock, static (_, _, _) => { }, CancellationToken.None)).Message.ShouldContain("not empty");
    }

    [Fact]
    public void A_rehearsal_opens_the_probe_and_every_key_and_leaves_nothing_behind()
    {
        using var sut = new KeyStoreUnderTest().Open();
        sut.AddPerson();
        Directory.CreateDirectory(Path.Combine(sut.Folder, "rehearsal-killed"));
        var before = Directory.EnumerateFiles(sut.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var faults = new List<string>();
        var stages = new List<string>();
        var restored = KeyRehearsal.Run(sut.Keys, sut.Vault, sut.Clock, (stage, _, _) => stages.Add(stage), faults, CancellationToken.None).ShouldNotBeNull();
        (restored.Probe, restored.Keys, restored.Opened).ShouldBe((true, 7L, 7L));
        stages.Distinct(StringComparer.Ordinal).ShouldBe(["copy", "seal", "check", "restore", "open", "destroyed"]);
        Directory.EnumerateFiles(sut.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ShouldBe(before);
        Directory.EnumerateDirectories(sut.Folder, "rehearsal-*").ShouldBeEmpty();
    }

    [Fact]
    public void No_key_stands_in_any_file_but_the_root_in_its_own()
    {
        using var sut = new KeyStoreUnderTest().Open();
        for (var i = 0; i < 3; i++) sut.AddPerson();
        var secrets = sut.Secrets().ToList();
        for (var day = 0; day < 3; day++)
        {
            sut.NextDay();
            secrets.AddRange(sut.Secrets());
        }

        var backup = sut.Backup();
        sut.Restore(backup).Restored.ShouldNotBeNull();
        KeyRehearsal.Run(sut.Keys, sut.Vault, sut.Clock, static (_, _, _) => { }, [], CancellationToken.None).ShouldNotBeNull();
        var files = Directory.EnumerateFiles(sut.Root, "*", SearchOption.AllDirectories).ToList();
        files.Count.ShouldBeGreaterThan(20);
        foreach (var path in files)
        {
            var bytes = ReadShared(path);
            foreach (var (what, secret) in secrets.Where(secret => Path.GetFileName(path) != RootKey.FileName || secret.What != "root"))
                (bytes.AsSpan().IndexOf(secret) < 0).ShouldBeTrue($"{what} stands in {path}");
        }

        foreach (var path in Directory.EnumerateFiles(backup)) Encoding.Latin1.GetString(File.ReadAllBytes(path)).ShouldNotContain("SQLite format");
        Directory.EnumerateFiles(backup).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["backup.age", "backup.json"]);
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
