using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Deletions;

/// <summary>A deletion that stands in the log, and how far it was carried out elsewhere.</summary>
/// <param name="Id">SHA-256 of the signed statement, hex: the same statement is the same deletion.</param>
/// <param name="Position">Its entry.</param>
/// <param name="Rotated">The key store has begun a new epoch since.</param>
/// <param name="Told">The server has removed what it kept.</param>
/// <param name="Removed">Objects that it removed then.</param>
internal sealed record KeptDeletion(string Id, string Tag, string Scope, long Position, bool Rotated, bool Told, long Removed);

/// <summary>Deletions in the database. What one does to keys and tombstones happens in the transaction of its entry, or at the next start from that entry: both by <see cref="Apply"/>.</summary>
/// <remarks>
/// <para>If we crash before the commit nothing was deleted and the person asks again. After it the keys are gone whatever else happens: an entry without its row,
/// which only an older copy of the database can have, is applied again before anything is served.</para>
/// <para>Rows are overwritten on disk (<c>secure_delete</c>); the write-ahead file, in which they stand as they were, is emptied after each and at each start.</para>
/// </remarks>
internal sealed class DeletionBook(VaultStore store, KeyStore keys)
{
    private const string Columns = "id AS Id, tag AS Tag, scope AS Scope, position AS Position, rotated AS Rotated, told AS Told, removed AS Removed";

    public static string IdOf(string statement) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(statement)));

    public KeptDeletion? Find(string id) => One("id = @value", id);

    /// <summary>The deletion of everything of a person; null if there was none.</summary>
    public KeptDeletion? OfPerson(string tag) => One("scope = 'person' AND tag = @value", tag);

    /// <summary>Those that are not carried out everywhere yet, oldest first.</summary>
    public IReadOnlyList<KeptDeletion> Pending()
    {
        lock (store.Gate) return [.. store.Database.Query<Row>($"SELECT {Columns} FROM deletion WHERE rotated = 0 OR told = 0 ORDER BY position").AsList().Select(row => row.Read())];
    }

    /// <summary>Darkens what the deletion names. In the transaction that writes its entry, or that finds the entry again; under the store's gate.</summary>
    /// <param name="replaced">A data set was built from what it names, so the person's key for what was made of them is replaced. Only for scope <c>objects</c>.</param>
    /// <returns>1, or 0 if all of it had been done.</returns>
    public int Apply(SignedDeletion deletion, bool replaced, SqliteTransaction transaction)
    {
        var database = store.Database;
        var (id, tag) = (IdOf(deletion.Statement.ToJson()), deletion.Tag);
        // The entry's own index is not known yet: it is put in when the entry stands, or at the next start.
        var before = database.ExecuteScalar<long>("SELECT COALESCE(MAX(position) + 1, 0) FROM entry", transaction: transaction);
        var isNew = database.Execute("INSERT INTO deletion VALUES (@id, @tag, @Scope, @before, 0, 0, 0) ON CONFLICT DO NOTHING", new { id, tag, deletion.Scope, before }, transaction);
        if (deletion.IsOfPerson)
        {
            isNew += database.Execute("INSERT INTO tombstone VALUES (@tag, @before) ON CONFLICT DO NOTHING", new { tag, before }, transaction);
            isNew += database.Execute("DELETE FROM person_key WHERE tag = @tag", new { tag }, transaction);
            return Math.Min(isNew, 1);
        }

        if (isNew == 0) return 0;
        var gone = replaced ? deletion.Objects.Concat(DeletionReach.Of(database, tag, deletion.Objects, transaction).Shards) : deletion.Objects;
        database.Execute("INSERT INTO tombstone_object VALUES (@tag, @gone) ON CONFLICT DO NOTHING", gone.Select(o => new { tag, gone = o }), transaction);
        var hadKey = replaced && database.Execute("DELETE FROM person_key WHERE tag = @tag AND class = @name", new { tag, name = Spelling.Of(DataClass.Derived) }, transaction) > 0;
        if (hadKey) keys.Insert(keys.NewPersonKey(tag, DataClass.Derived), transaction);
        return 1;
    }

    /// <summary>Of the objects that a deletion names, those that are not deleted yet: only for them is a key replaced, or naming one twice would darken what was built since.</summary>
    public IReadOnlyList<string> NotYetGone(SignedDeletion deletion, SqliteTransaction transaction)
    {
        var gone = store.Database.Query<string>("SELECT object FROM tombstone_object WHERE tag = @Tag", new { deletion.Tag }, transaction).ToHashSet(StringComparer.Ordinal);
        return [.. deletion.Objects.Where(id => !gone.Contains(id))];
    }

    public void Stands(string id, long position)
    {
        lock (store.Gate) store.Database.Execute("UPDATE deletion SET position = @position WHERE id = @id", new { id, position });
    }

    public void Rotated(string id)
    {
        lock (store.Gate) store.Database.Execute("UPDATE deletion SET rotated = 1 WHERE id = @id", new { id });
    }

    public void Told(string id, long removed)
    {
        lock (store.Gate) store.Database.Execute("UPDATE deletion SET told = 1, removed = @removed WHERE id = @id", new { id, removed });
    }

    /// <summary>What the signed statement of a deletion names; read from its entry.</summary>
    public SignedDeletion StatementOf(KeptDeletion kept)
    {
        lock (store.Gate)
        {
            using var entry = JsonDocument.Parse(store.Database.QuerySingle<byte[]>("SELECT body FROM entry WHERE position = @Position", kept));
            return Statement(entry.RootElement, kept.Tag);
        }
    }

    public DeletionReach ReachOf(string tag, IReadOnlyList<string>? objects)
    {
        lock (store.Gate) return DeletionReach.Of(store.Database, tag, objects);
    }

    /// <summary>Before anything is served: does again what each entry of kind <c>deleted</c> has done and this database does not know, because it is an older copy.</summary>
    /// <returns>How many.</returns>
    public int Replay()
    {
        lock (store.Gate)
        {
            var database = store.Database;
            database.Execute("PRAGMA secure_delete = ON; CREATE INDEX IF NOT EXISTS entry_deleted ON entry (position) WHERE kind = 'deleted'");
            var entries = database.Query<(long, byte[])>("SELECT position, body FROM entry WHERE kind = 'deleted' ORDER BY position").AsList();
            if (entries.Count == 0) return 0;
            using var transaction = database.BeginTransaction();
            var replayed = 0;
            foreach (var (position, body) in entries)
            {
                using var document = JsonDocument.Parse(body);
                var entry = document.RootElement;
                var deletion = Statement(entry, entry.GetProperty("about")[0].GetProperty("tag").GetString() ?? "");
                replayed += Apply(deletion, IsReplaced(entry), transaction);
                database.Execute("UPDATE deletion SET position = @position WHERE id = @id AND position <> @position", new { position, id = IdOf(deletion.Statement.ToJson()) }, transaction);
            }

            // If we crash here nothing was replayed; the next start comes here again before it serves.
            transaction.Commit();
            database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            return replayed;
        }
    }

    private SignedDeletion Statement(JsonElement entry, string tag)
    {
        var text = entry.GetProperty("statement").GetString() ?? "";
        var key = store.Database.QuerySingleOrDefault<string>("SELECT key FROM person WHERE tag = @tag", new { tag }) ?? throw new InvalidDataException($"a deletion of {tag}, whom nobody enrolled");
        return SignedDeletion.Read(text, Identity.PublicKey.Parse(key), tag, out var fault) ?? throw new InvalidDataException($"the deletion of {tag} in the log does not read: {fault}");
    }

    private static bool IsReplaced(JsonElement entry) => entry.TryGetProperty("derived", out var derived) && derived.GetString() == DerivedKey.Replaced;

    private KeptDeletion? One(string where, string value)
    {
        lock (store.Gate) return store.Database.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM deletion WHERE {where}", new { value })?.Read();
    }

    private sealed record Row(string Id, string Tag, string Scope, long Position, long Rotated, long Told, long Removed)
    {
        public KeptDeletion Read() => new(Id, Tag, Scope, Position, Rotated != 0, Told != 0, Removed);
    }
}

/// <summary>What became of the key under which shards lie; the words of the entry.</summary>
internal static class DerivedKey
{
    public const string Replaced = "replaced";
    public const string Kept = "kept";
}
