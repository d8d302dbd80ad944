using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Recovery;

/// <summary>Deleted persons, as the entries tell it. Replayed at each start before anything is served, so that no older copy of the database gives their keys back.</summary>
internal static class Tombstones
{
    /// <summary>Does again what each entry of kind <c>deleted</c> has done: a tombstone, and no key of that person.</summary>
    /// <returns>Persons whose tombstone was missing.</returns>
    public static int Replay(VaultStore store)
    {
        lock (store.Gate)
        {
            var database = store.Database;
            database.Execute("PRAGMA secure_delete = ON; CREATE INDEX IF NOT EXISTS entry_deleted ON entry (position) WHERE kind = 'deleted'");
            using var transaction = database.BeginTransaction();
            var replayed = 0;
            foreach (var (position, body) in database.Query<(long, byte[])>("SELECT position, body FROM entry WHERE kind = 'deleted' ORDER BY position", transaction: transaction))
            {
                using var entry = JsonDocument.Parse(body);
                if (entry.RootElement.GetProperty("scope").GetString() != "person") continue;
                foreach (var link in entry.RootElement.GetProperty("about").EnumerateArray()) replayed += Put(database, link.GetProperty("tag").GetString() ?? "", position, transaction);
            }

            // If we crash here nothing was replayed; the next start comes here again before it serves.
            transaction.Commit();
            if (replayed > 0) database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            return replayed;
        }
    }

    /// <summary>Makes one person's keys dark. For the transaction that writes their entry of kind <c>deleted</c>, under the store's gate.</summary>
    /// <returns>1, or 0 if they were.</returns>
    public static int Put(SqliteConnection database, string tag, long position, SqliteTransaction transaction)
    {
        var put = database.Execute("INSERT INTO tombstone VALUES (@tag, @position) ON CONFLICT DO NOTHING", new { tag, position }, transaction);
        var gone = database.Execute("DELETE FROM person_key WHERE tag = @tag", new { tag }, transaction);
        return put + gone > 0 ? 1 : 0;
    }
}
