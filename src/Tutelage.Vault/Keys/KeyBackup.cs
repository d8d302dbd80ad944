using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Sealing;

namespace Tutelage.Vault.Keys;

/// <summary>The open part of a backup, <c>backup.json</c>: which vault, when, and which key epoch opens it.</summary>
/// <param name="Made">Unix seconds.</param>
/// <param name="KeyEpoch">Number of the epoch that wraps the backup's own key and every person key in it.</param>
/// <param name="Wrapped">The backup's own secret under <c>backup/ID</c>.</param>
/// <param name="Sha256">Of <c>backup.age</c>, hex.</param>
internal sealed record BackupCard(int Version, string Id, string Vault, long Made, long KeyEpoch, string Recipient, byte[] Wrapped, long SizeBytes, string Sha256)
{
    public const string FileName = "backup.json";
    public const string SealedName = "backup.age";

    private const int MaxSizeBytes = 16 * 1024;

    public string SecretName => "backup/" + Id;

    public static BackupCard? Load(string folder, List<string> faults)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            faults.Add($"{path}: missing; {folder} holds no backup that came to its end");
            return null;
        }

        var card = new FileInfo(path).Length <= MaxSizeBytes ? Wire.Read<BackupCard>(File.ReadAllBytes(path)) : null;
        if (card is null || card.Id is not { Length: > 0 and <= 64 } || card.Wrapped is not { Length: TagIdentity.SecretSizeBytes + WrappingKey.OverheadBytes } || card.Sha256 is not { Length: 64 }) faults.Add($"{path}: is no description of a backup; copy the backup again");
        else if (card.Version != 1) faults.Add($"{path}: version is {card.Version}; this program reads 1");
        else return card;
        return null;
    }
}

/// <summary>Copies the key store, sealed under the current key epoch. Never the root key, never the keyring.</summary>
/// <remarks>
/// Order: the sealed file, then its card; without a card it is no backup. Whoever has a backup needs the root key and a keyring that still holds its epoch as well:
/// seven rotations later nobody has that any more.
/// </remarks>
internal static class KeyBackup
{
    private const string SnapshotName = "snapshot.part";

    /// <param name="onStage">Called with stage, done and total.</param>
    /// <exception cref="IOException">The folder is not empty, or cannot be written.</exception>
    public static BackupCard Make(KeyStore keys, VaultKeys vault, string folder, TimeProvider time, Action<string, long, long> onStage, CancellationToken cancellation)
    {
        RefuseUsed(folder);
        PrivateFile.CreateFolder(folder);
        return keys.WhileStill(() => MakeStill(keys, vault, folder, time, onStage, cancellation));
    }

    /// <exception cref="IOException">The folder is not empty.</exception>
    public static void RefuseUsed(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()) throw new IOException($"{folder} is not empty; name a new folder for each backup");
    }

    private static BackupCard MakeStill(KeyStore keys, VaultKeys vault, string folder, TimeProvider time, Action<string, long, long> onStage, CancellationToken cancellation)
    {
        var names = VaultKeys.Files.Concat(Directory.EnumerateFiles(Path.Combine(keys.Folder, "invitations")).Select(path => "invitations/" + Path.GetFileName(path)).Order(StringComparer.Ordinal)).ToList();
        var snapshot = Path.Combine(keys.Folder, SnapshotName);
        PrivateFile.Destroy(snapshot); // of a backup that was killed
        try
        {
            onStage("copy", 0, names.Count + 1);
            PrivateFile.OpenNew(snapshot).Dispose();
            keys.Rows.CopyTo(snapshot);
            using var identity = TagIdentity.Generate();
            var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            var (epoch, wrapped) = keys.WrapIdentity(identity, "backup/" + id);
            var target = Path.Combine(folder, BackupCard.SealedName);
            using (var file = PrivateFile.OpenNew(target + PrivateFile.Unfinished))
            {
                Seal(file, identity.Recipient, names.Select(name => (name, Path.Combine(keys.Folder, name))).Prepend(("vault.db", snapshot)).ToList(), onStage, cancellation);
                file.Flush(flushToDisk: true);
            }

            // If we crash here a sealed file without a card stands there: no backup.
            File.Move(target + PrivateFile.Unfinished, target);
            using var written = File.OpenRead(target);
            var card = new BackupCard(1, id, vault.Identity.Public.Id, time.GetUtcNow().ToUnixTimeSeconds(), epoch, identity.Recipient.Text, wrapped, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
            PrivateFile.Create(Path.Combine(folder, BackupCard.FileName), JsonSerializer.SerializeToUtf8Bytes(card, Wire.Json));
            return card;
        }
        finally
        {
            PrivateFile.Destroy(snapshot);
        }
    }

    private static void Seal(Stream destination, AgeRecipient recipient, IReadOnlyList<(string Name, string Path)> files, Action<string, long, long> onStage, CancellationToken cancellation)
    {
        using var sealing = new AgeWriter(destination, recipient);
        using (var tar = new TarWriter(sealing, TarEntryFormat.Ustar, leaveOpen: true))
        {
            for (var i = 0; i < files.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var content = File.OpenRead(files[i].Path);
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, files[i].Name) { DataStream = content, ModificationTime = DateTimeOffset.UnixEpoch, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                onStage("seal", i + 1, files.Count);
            }
        }

        sealing.Complete();
    }
}
