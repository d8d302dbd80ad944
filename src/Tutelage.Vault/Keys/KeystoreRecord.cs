using Dapper;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Keys;

/// <summary>Tells in the log what is done with the key store: entries of kind <c>keystore</c>.</summary>
/// <remarks>
/// A backup is told before it is made, because it takes wrapped keys elsewhere; the others when they are done. A rotation whose entry a crash kept away is told at the next start:
/// what has been told lies in the database, in the transaction of the entry.
/// </remarks>
internal sealed class KeystoreRecord(VaultStore store, VaultLedger ledger, TimeProvider time)
{
    public const string Rotated = "rotated";
    public const string BackedUp = "backed-up";
    public const string Restored = "restored";
    public const string Rehearsed = "rehearsed";

    public const string Upsert = "INSERT INTO keystore_act VALUES (@act, @epoch, @at) ON CONFLICT (act) DO UPDATE SET epoch = excluded.epoch, at = excluded.at";

    private readonly Lock _rotation = new(); // held while a rotation is told: once is enough

    public void Tell(string act, long epoch)
    {
        var at = time.GetUtcNow().ToUnixTimeSeconds();
        ledger.Record(transaction => store.Database.Execute(Upsert, new { act, epoch, at }, transaction), new EntryDraft("keystore", [], json =>
        {
            json.WriteString("act", act);
            json.WriteNumber("epoch", epoch);
        }));
    }

    /// <summary>Tells the newest epoch unless that was done. The first one, made with the vault itself, is not told.</summary>
    public void TellRotation(Keyring ring)
    {
        lock (_rotation)
        {
            long told;
            lock (store.Gate) told = store.Database.ExecuteScalar<long?>("SELECT epoch FROM keystore_act WHERE act = 'rotated'") ?? 1;
            if (ring.Current.Number > told) Tell(Rotated, ring.Current.Number);
        }
    }
}
