using Dapper;
using Microsoft.Data.Sqlite;

namespace Tutelage.Vault.Record;

/// <summary>The vault's database, <c>vault.db</c>: people, wrapped keys, grants, entries with their salts. One connection, one lock, full synchronous commits.</summary>
/// <remarks>What a transaction commits is on disk. Readers and writers take <see cref="Gate"/>; nothing awaits under it.</remarks>
internal sealed class VaultStore : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        CREATE TABLE IF NOT EXISTS person (key_id TEXT PRIMARY KEY, key TEXT NOT NULL, role TEXT NOT NULL, person_id TEXT NOT NULL UNIQUE, name TEXT, tag TEXT UNIQUE,
            device_id TEXT UNIQUE, device_key TEXT, manifest TEXT, receipt TEXT, certificate TEXT) STRICT;
        CREATE TABLE IF NOT EXISTS person_key (tag TEXT NOT NULL, class TEXT NOT NULL, recipient TEXT NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (tag, class)) STRICT;
        CREATE TABLE IF NOT EXISTS grant_request (id TEXT PRIMARY KEY, requester TEXT NOT NULL REFERENCES person (key_id), request TEXT NOT NULL, effect TEXT NOT NULL,
            effect_sha256 TEXT NOT NULL, state TEXT NOT NULL, ends_at INTEGER, result TEXT) STRICT;
        CREATE TABLE IF NOT EXISTS approval (grant_id TEXT NOT NULL REFERENCES grant_request (id), approver TEXT NOT NULL REFERENCES person (key_id), statement TEXT NOT NULL,
            approved_at INTEGER NOT NULL, PRIMARY KEY (grant_id, approver)) STRICT;
        CREATE TABLE IF NOT EXISTS entry (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, body BLOB NOT NULL, salt BLOB NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS entry_about (position INTEGER NOT NULL REFERENCES entry (position), tag TEXT NOT NULL, PRIMARY KEY (tag, position)) STRICT;
        CREATE TABLE IF NOT EXISTS chain (tag TEXT PRIMARY KEY, sequence INTEGER NOT NULL, head TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS key_count (grant_id TEXT PRIMARY KEY REFERENCES grant_request (id), keys INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS tombstone (tag TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS tombstone_object (tag TEXT NOT NULL, object TEXT NOT NULL, PRIMARY KEY (tag, object)) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS deletion (id TEXT PRIMARY KEY, tag TEXT NOT NULL, scope TEXT NOT NULL, position INTEGER NOT NULL, rotated INTEGER NOT NULL, told INTEGER NOT NULL, removed INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS refusal (asker TEXT NOT NULL, grant_id TEXT NOT NULL, step TEXT NOT NULL, error TEXT NOT NULL, about TEXT NOT NULL, began INTEGER NOT NULL,
            untold INTEGER NOT NULL, PRIMARY KEY (asker, grant_id, step, error)) STRICT;
        CREATE TABLE IF NOT EXISTS rule_change (id TEXT PRIMARY KEY, requester TEXT NOT NULL REFERENCES person (key_id), statement TEXT NOT NULL, rules TEXT NOT NULL, proposed INTEGER NOT NULL,
            place INTEGER UNIQUE) STRICT;
        CREATE TABLE IF NOT EXISTS rule_approval (change_id TEXT NOT NULL REFERENCES rule_change (id), approver TEXT NOT NULL REFERENCES person (key_id), effect_sha256 TEXT NOT NULL,
            statement TEXT NOT NULL, PRIMARY KEY (change_id, approver)) STRICT;
        CREATE TABLE IF NOT EXISTS asked (asker TEXT PRIMARY KEY, began INTEGER NOT NULL, requests INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS heads_leaf (tag TEXT PRIMARY KEY, sequence INTEGER NOT NULL, head TEXT NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS entry_about_position ON entry_about (position);
        CREATE INDEX IF NOT EXISTS entry_rules ON entry (position) WHERE kind = 'rules';
        CREATE INDEX IF NOT EXISTS entry_heads ON entry (position) WHERE kind = 'heads';
        CREATE TABLE IF NOT EXISTS programme (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, halted INTEGER NOT NULL) STRICT;
        INSERT OR IGNORE INTO programme VALUES (1, 0, 0);
        """;

    private VaultStore(SqliteConnection database) => Database = database;

    /// <summary>Guards <see cref="Database"/>. Taken last: whoever holds it and records an entry gets an exception (<see cref="VaultLedger.Record"/>).</summary>
    public Lock Gate { get; } = new();

    public SqliteConnection Database { get; }

    public static VaultStore? Open(string folder, List<string> faults)
    {
        var path = Path.Combine(folder, "vault.db");
        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            database.Open();
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            database.Execute(Schema);

            // A run that was under way when the vault ended has no job any more. Its keys went with the job; the grant may be run again while it lasts.
            database.Execute("UPDATE grant_request SET state = 'approved' WHERE state = 'running'");
            return new VaultStore(database);
        }
        catch (SqliteException broken)
        {
            faults.Add($"{path}: {broken.Message}; restore it from a copy");
            database.Dispose();
            return null;
        }
    }

    /// <summary>Count of halts, and whether one is in force.</summary>
    public (long Epoch, bool Halted) Programme()
    {
        lock (Gate) return Database.QuerySingle<(long, bool)>("SELECT epoch, halted FROM programme");
    }

    public void Dispose() => Database.Dispose();
}
