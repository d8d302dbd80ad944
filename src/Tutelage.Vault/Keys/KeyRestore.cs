using System.Formats.Tar;
using System.Security.Cryptography;
using Tutelage.Hosting;
using Tutelage.Sealing;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Keys;

/// <summary>What came back from a backup.</summary>
/// <param name="Keys">Wrapped keys in it, the probe included.</param>
/// <param name="Opened">Those that the keyring opens and whose public half is the one beside them.</param>
/// <param name="Probe">The probe is among them.</param>
internal sealed record RestoredKeys(string Vault, long KeyEpoch, long Made, long Keys, long Opened, bool Probe);

/// <summary>The backup's epoch is not in the keyring: nothing in it can be opened, by anybody who has no older keyring.</summary>
internal sealed class BackupDarkException(long epoch, Keyring ring)
    : Exception($"the backup is of key epoch {epoch}, the keyring holds {ring.Epochs[0].Number} to {ring.Current.Number}: it is dark, and nothing under it can be opened any more; take a newer backup")
{
    public long Epoch { get; } = epoch;
}

/// <summary>Brings a backup back into a folder that holds no vault.</summary>
/// <remarks>
/// Files first, <c>vault.db</c> last: until it stands there the folder does not start and restoring can be repeated. The log's tiles are not in a backup; the
/// vault writes them anew from the entries. A folder that came back is as old as its backup: it is marked, and starts only after it has asked its auditor for what it lacks.
/// </remarks>
internal static class KeyRestore
{
    private const string DatabaseName = "vault.db";
    private const int MaxFiles = 64;

    /// <summary>A key file or an invitation.</summary>
    private const long MaxFileBytes = 64 * 1024;

    /// <param name="target">Made if missing. Its <c>root.key</c> and <c>keyring</c> are used unless others are named.</param>
    /// <exception cref="BackupDarkException">No key opens it.</exception>
    /// <returns>Null if there are faults.</returns>
    public static RestoredKeys? Restore(string backup, string target, string? rootPath, string? keyringPath, Action<string, long, long> onStage, List<string> faults)
    {
        PrivateFile.CreateFolder(target);
        FolderGuard.Check(target, faults);
        if (File.Exists(Path.Combine(target, DatabaseName))) faults.Add($"{target}: holds a vault already (vault.db); restore into a new folder");
        if (BackupCard.Load(backup, faults) is not { } card || faults.Count > 0) return null;
        if (!Bring(rootPath, Path.Combine(target, RootKey.FileName), "--root", faults) | !Bring(keyringPath, Path.Combine(target, Keyring.FileName), "--keyring", faults)) return null;
        using var root = RootKey.Load(Path.Combine(target, RootKey.FileName), faults);
        if (root is null || PrivateFile.Read(Path.Combine(target, Keyring.FileName), faults) is not { } ringBytes) return null;
        if (Keyring.Parse(ringBytes, out var fault) is not { } ring)
        {
            faults.Add($"{Path.Combine(target, Keyring.FileName)}: {fault}");
            return null;
        }

        using var epochs = new EpochKeys();
        epochs.Open(ring, root, Path.Combine(target, Keyring.FileName), faults);
        if (faults.Count > 0) return null;
        if (epochs[card.KeyEpoch] is not { } epoch) throw new BackupDarkException(card.KeyEpoch, ring);
        onStage("check", 0, 1);
        if (!IsWhole(backup, card))
        {
            faults.Add($"{Path.Combine(backup, BackupCard.SealedName)}: is not the file that {BackupCard.FileName} describes; copy the backup again");
            return null;
        }

        using var secret = epoch.Unwrap(card.SecretName, card.Wrapped);
        if (secret is null)
        {
            faults.Add($"{Path.Combine(backup, BackupCard.FileName)}: its key was not wrapped by epoch {card.KeyEpoch} of this keyring; put the backup, the keyring and the root key of one vault together");
            return null;
        }

        using var identity = TagIdentity.Import(secret.Span);
        Extract(Path.Combine(backup, BackupCard.SealedName), identity, target, onStage);
        if (VaultStore.Open(target, faults) is not { } store) return null;
        using (store) return Look(card, store, epochs, root, onStage);
    }

    private static bool Bring(string? from, string to, string option, List<string> faults)
    {
        if (from is null)
        {
            if (File.Exists(to)) return true;
            faults.Add($"{to}: missing, and a backup does not hold it; name the copy that was kept with {option} FILE");
            return false;
        }

        if (Path.GetFullPath(from) == Path.GetFullPath(to)) return true;
        if (File.Exists(to))
        {
            faults.Add($"{to}: exists already; leave {option} away, or restore into a new folder");
            return false;
        }

        using var bytes = PrivateFile.ReadSecret(from, faults);
        if (bytes is null) return false;
        PrivateFile.Create(to, bytes.Span);
        return true;
    }

    private static bool IsWhole(string backup, BackupCard card)
    {
        var path = Path.Combine(backup, BackupCard.SealedName);
        if (!File.Exists(path)) return false;
        using var file = File.OpenRead(path);
        return file.Length == card.SizeBytes && Convert.ToHexStringLower(SHA256.HashData(file)) == card.Sha256;
    }

    private static void Extract(string path, TagIdentity identity, string target, Action<string, long, long> onStage)
    {
        using var file = File.OpenRead(path);
        using var plaintext = AgeReader.Open(file, identity);
        using var tar = new TarReader(plaintext, leaveOpen: true);
        var database = Path.Combine(target, DatabaseName);
        for (var count = 0; tar.GetNextEntry() is { } entry; count++)
        {
            var isDatabase = entry.Name == DatabaseName;
            var isKnown = isDatabase || VaultKeys.Files.Contains(entry.Name, StringComparer.Ordinal) || entry.Name.StartsWith("invitations/", StringComparison.Ordinal) && entry.Name.AsSpan("invitations/".Length).IndexOfAnyExceptInRange('a', 'z') < 0;
            if (!isKnown || count >= MaxFiles || entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || !isDatabase && entry.Length > MaxFileBytes)
                throw new IOException($"{path}: holds '{entry.Name}', which is no part of a backup");
            var destination = isDatabase ? database + PrivateFile.Unfinished : Path.Combine(target, entry.Name);
            PrivateFile.CreateFolder(Path.GetDirectoryName(destination)!); // a path below a folder has one
            File.Delete(destination);
            using (var written = PrivateFile.OpenNew(destination))
            {
                entry.DataStream?.CopyTo(written);
                written.Flush(flushToDisk: true);
            }

            PrivateFile.FlushFolderOf(destination);
            onStage("restore", count + 1, MaxFiles);
        }

        Recovery.RestoredMark.Put(target);

        // If we crash before this line the folder holds no vault, and restoring is done again.
        File.Move(database + PrivateFile.Unfinished, database);
        PrivateFile.FlushFolderOf(database);
    }

    private static RestoredKeys Look(BackupCard card, VaultStore store, EpochKeys epochs, WrappingKey root, Action<string, long, long> onStage)
    {
        var rows = new PersonKeys(store);
        var (total, seen, opened, probe, after) = (rows.CountByEpoch().Values.Sum(), 0L, 0L, false, "");
        while (rows.Page(after, 500) is { Count: > 0 } page)
        {
            foreach (var kept in page)
            {
                seen++;
                using var secret = epochs.Unwrap(kept.Epoch, root, kept.Name, kept.Wrapped);
                if (secret is null) continue;
                using var identity = TagIdentity.Import(secret.Span);
                if (identity.Recipient.Text != kept.Recipient) continue;
                opened++;
                probe |= kept.Name == PersonKeys.ProbeName;
            }

            onStage("open", seen, total);
            after = page[^1].Name;
        }

        return new RestoredKeys(card.Vault, card.KeyEpoch, card.Made, total, opened, probe);
    }
}
