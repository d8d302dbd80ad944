using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Rules;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Keys;

/// <summary>A new key of one person and class, wrapped and not yet stored.</summary>
internal sealed record WrappedPersonKey(string Tag, DataClass Class, string Recipient, long Epoch, byte[] Wrapped);

/// <summary>One wrapped key as it lies in the database; <paramref name="Name"/> is what it is wrapped under.</summary>
internal sealed record KeptSecret(string Name, string Recipient, long Epoch, byte[] Wrapped);

/// <summary>The wrapped keys in the database: one a person and class, and a probe that belongs to nobody and opens nothing.</summary>
/// <remarks>Everything here runs under <see cref="VaultStore.Gate"/>. Rows that change are overwritten on disk (<c>secure_delete</c>), and the write-ahead file is emptied after a rotation.</remarks>
internal sealed class PersonKeys(VaultStore store)
{
    public const string ProbeName = "probe";

    /// <summary>All wrapped keys alike: table, key columns, and the name each is wrapped under.</summary>
    private const string All = """
        SELECT 'person/' || tag || '/' || class AS Name, recipient AS Recipient, epoch AS Epoch, wrapped AS Wrapped FROM person_key
        UNION ALL SELECT 'probe', recipient, epoch, wrapped FROM key_probe
        """;

    public Lock Gate => store.Gate;

    public static string NameOf(string tag, string className) => $"person/{tag}/{className}";

    /// <summary>Adds what the key store needs to the database; run each time it is opened.</summary>
    public void Prepare()
    {
        lock (store.Gate)
        {
            store.Database.Execute("PRAGMA secure_delete = ON; CREATE TABLE IF NOT EXISTS key_probe (id INTEGER PRIMARY KEY CHECK (id = 1), recipient TEXT NOT NULL, wrapped BLOB NOT NULL, epoch INTEGER NOT NULL) STRICT; CREATE TABLE IF NOT EXISTS keystore_act (act TEXT PRIMARY KEY, epoch INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;");
            if (!store.Database.Query<string>("SELECT name FROM pragma_table_info('person_key')").Contains("epoch", StringComparer.Ordinal))
                store.Database.Execute("ALTER TABLE person_key ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0"); // wrapped by the root: EpochKeys.Root
        }
    }

    public IReadOnlyDictionary<long, long> CountByEpoch()
    {
        lock (store.Gate) return store.Database.Query<(long Epoch, long Count)>($"SELECT Epoch, COUNT(*) FROM ({All}) GROUP BY Epoch").ToDictionary(row => row.Epoch, row => row.Count);
    }

    public IReadOnlyList<KeptSecret> Page(string afterName, int count)
    {
        lock (store.Gate)
        {
            return store.Database.Query<(string Name, string Recipient, long Epoch, byte[] Wrapped)>($"SELECT * FROM ({All}) WHERE Name > @afterName ORDER BY Name LIMIT @count", new { afterName, count })
                .Select(row => new KeptSecret(row.Name, row.Recipient, row.Epoch, row.Wrapped)).ToList();
        }
    }

    public (long Epoch, byte[] Wrapped)? Find(string tag, DataClass name)
    {
        lock (store.Gate) return store.Database.QuerySingleOrDefault<(long, byte[])?>("SELECT epoch, wrapped FROM person_key WHERE tag = @tag AND class = @name", new { tag, name = Spelling.Of(name) });
    }

    public void Insert(WrappedPersonKey key, SqliteTransaction transaction) => store.Database.Execute(
        "INSERT INTO person_key (tag, class, recipient, wrapped, epoch) VALUES (@Tag, @name, @Recipient, @Wrapped, @Epoch)", new { key.Tag, name = Spelling.Of(key.Class), key.Recipient, key.Wrapped, key.Epoch }, transaction);

    /// <summary>When each act of <see cref="KeystoreRecord"/> was told last; unix seconds.</summary>
    public IReadOnlyDictionary<string, long> Acts()
    {
        lock (store.Gate) return store.Database.Query<(string Act, long At)>("SELECT act, at FROM keystore_act").ToDictionary(row => row.Act, row => row.At, StringComparer.Ordinal);
    }

    public KeptSecret? Probe()
    {
        lock (store.Gate)
        {
            var row = store.Database.QuerySingleOrDefault<(string Recipient, long Epoch, byte[] Wrapped)?>("SELECT recipient, epoch, wrapped FROM key_probe");
            return row is { } probe ? new KeptSecret(ProbeName, probe.Recipient, probe.Epoch, probe.Wrapped) : null;
        }
    }

    public void InsertProbe(KeptSecret probe)
    {
        lock (store.Gate) store.Database.Execute("INSERT OR IGNORE INTO key_probe VALUES (1, @Recipient, @Wrapped, @Epoch)", probe);
    }

    /// <summary>Puts newly wrapped secrets in the place of exactly those that were read; one that changed or went meanwhile stays as it is.</summary>
    public void Replace(IReadOnlyList<(KeptSecret Old, byte[] Wrapped)> changes, long epoch)
    {
        lock (store.Gate)
        {
            using var transaction = store.Database.BeginTransaction();
            foreach (var (old, wrapped) in changes)
            {
                if (old.Name == ProbeName)
                {
                    store.Database.Execute("UPDATE key_probe SET wrapped = @wrapped, epoch = @epoch WHERE wrapped = @Before", new { wrapped, epoch, Before = old.Wrapped }, transaction);
                    continue;
                }

                var parts = old.Name.Split('/');
                store.Database.Execute("UPDATE person_key SET wrapped = @wrapped, epoch = @epoch WHERE tag = @tag AND class = @name AND wrapped = @Before", new { wrapped, epoch, tag = parts[1], name = parts[2], Before = old.Wrapped }, transaction);
            }

            transaction.Commit();
        }
    }

    /// <summary>Empties the write-ahead file, in which rows stand as they were.</summary>
    public void ForgetOldPages()
    {
        lock (store.Gate) store.Database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>Copies the database, without its free pages, to an empty file.</summary>
    public void CopyTo(string path)
    {
        lock (store.Gate) store.Database.Execute("VACUUM INTO @path", new { path });
    }
}
