using Tutelage.Hosting;

namespace Tutelage.Vault.Keys;

/// <summary>Shows that a backup made now would come back: makes one, restores it beside the vault, opens every key in it, and destroys both.</summary>
/// <remarks>Scratch folders lie in the vault's own folder, where its secrets may be; those that a killed rehearsal left are destroyed by the next start or rehearsal.</remarks>
internal static class KeyRehearsal
{
    private const string Prefix = "rehearsal-";

    public static RestoredKeys? Run(KeyStore keys, VaultKeys vault, TimeProvider time, Action<string, long, long> onStage, List<string> faults, CancellationToken cancellation)
    {
        RemoveLeftovers(keys.Folder);
        var scratch = Path.Combine(keys.Folder, Prefix + Guid.NewGuid().ToString("n"));
        try
        {
            var (backup, restored) = (Path.Combine(scratch, "backup"), Path.Combine(scratch, "vault"));
            PrivateFile.CreateFolder(scratch);
            KeyBackup.Make(keys, vault, backup, time, onStage, cancellation);
            // The escrow copy, not the keyring: after a loss it is the one that is left.
            return KeyRestore.Restore(backup, restored, Path.Combine(keys.Folder, RootKey.FileName), keys.EscrowPath, onStage, faults);
        }
        finally
        {
            Destroy(scratch);
            onStage("destroyed", 1, 1);
        }
    }

    public static void RemoveLeftovers(string folder)
    {
        foreach (var left in Directory.EnumerateDirectories(folder, Prefix + "*")) Destroy(left);
    }

    private static void Destroy(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)) PrivateFile.Destroy(path);
        Directory.Delete(folder, recursive: true);
    }
}
