using System.Globalization;
using Tutelage.Hosting;

namespace Tutelage.Vault.Keys;

/// <summary>The key store in numbers, for status and <c>tutelage keystore status</c>. Nothing about anybody.</summary>
/// <param name="Epoch">The key epoch that new keys are wrapped under.</param>
/// <param name="Opened">The day it began, UTC.</param>
/// <param name="Oldest">Backups of this epoch and later ones still open.</param>
/// <param name="Keys">Wrapped keys, the probe included.</param>
/// <param name="AgeSeconds">Of the newest epoch.</param>
/// <param name="LastBackup">Unix seconds; null if none was told.</param>
/// <param name="LastRehearsal">Unix seconds of the last one in which every key opened; null if there was none.</param>
/// <param name="Unopened">Those that no epoch opens.</param>
internal sealed record KeystoreStatus(long Epoch, string Opened, long Oldest, int Epochs, bool Due, long Keys, long Unopened, string? Fault, IReadOnlyList<Unprotected> Unprotected, long AgeSeconds, long? LastBackup, long? LastRehearsal)
{
    public static KeystoreStatus Of(KeyStore keys, IEnumerable<Unprotected> more)
    {
        var ring = keys.Ring;
        var acts = keys.Rows.Acts();
        var beside = Path.GetDirectoryName(keys.EscrowPath)!.StartsWith(keys.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? new[] { new Unprotected("escrow-beside-keyring", $"the escrow copy of the keyring lies in the same folder; name one on another disk in {Path.Combine(keys.Folder, "escrow.path")}") }
            : [];
        return new KeystoreStatus(
            ring.Current.Number, ring.Current.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), ring.Epochs[0].Number, ring.Epochs.Count, keys.IsDue,
            keys.Rows.CountByEpoch().Values.Sum(), keys.Unopened, keys.Fault, [.. HostMemory.Unprotected(), .. beside, .. more], keys.AgeSeconds, At(KeystoreRecord.BackedUp), At(KeystoreRecord.Rehearsed));

        long? At(string act) => acts.TryGetValue(act, out var at) ? at : null;
    }
}
