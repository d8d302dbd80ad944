using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Rules;
using Tutelage.Rules.Objects;

namespace Tutelage.Server.Store;

/// <summary>What can be asked for without opening files: one row an object, one a file. Keeps no time and no order of arrival.</summary>
/// <remarks>Thread-safe: each call has a connection of its own from the pool. Written only after the object's folder is durable.</remarks>
internal sealed class ObjectIndex(string path)
{
    private const int Version = 1;

    // Without row ids the order of rows is the order of random ids, not of arrival.
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE object (id TEXT PRIMARY KEY, kind TEXT NOT NULL, tag TEXT NOT NULL, epoch INTEGER NOT NULL, size_bytes INTEGER NOT NULL, classes TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE file (id TEXT NOT NULL, class TEXT NOT NULL, size_bytes INTEGER NOT NULL, sha256 BLOB NOT NULL, PRIMARY KEY (id, class)) WITHOUT ROWID;
        CREATE INDEX object_by_tag ON object (tag, kind, id);
        PRAGMA user_version = 1;
        """;

    private readonly string _connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 10 }.ToString();

    /// <summary>Creates the tables, or says what is wrong with those that are there.</summary>
    public string? Prepare()
    {
        using var connection = Open();
        var version = connection.ExecuteScalar<long>("PRAGMA user_version");
        if (version == Version)
            return connection.ExecuteScalar<string>("PRAGMA quick_check(1)") is "ok" ? null : $"index {path} is damaged; move it away and start again: it is rebuilt from the objects";
        if (version != 0) return $"index {path} is of version {version}; this server knows {Version}";
        connection.Execute(Schema);
        return null;
    }

    public void Add(ObjectHeader header)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        var classes = string.Join(',', header.Files.Select(file => Spelling.Of(file.Class)));
        connection.Execute(
            "INSERT INTO object VALUES (@Id, @Kind, @Tag, @Epoch, @SizeBytes, @classes)",
            new { Id = header.ObjectId, Kind = Spelling.Of(header.Kind), header.Tag, header.Epoch, SizeBytes = header.Files.Sum(file => file.SizeBytes), classes },
            transaction);
        connection.Execute(
            "INSERT INTO file VALUES (@Id, @Class, @SizeBytes, @Sha256)",
            header.Files.Select(file => new { Id = header.ObjectId, Class = Spelling.Of(file.Class), file.SizeBytes, Sha256 = file.Sha256.ToArray() }),
            transaction);
        transaction.Commit();
    }

    /// <summary>Ids of every object under a tag.</summary>
    public IReadOnlyList<string> Of(string tag)
    {
        using var connection = Open();
        return connection.Query<string>("SELECT id FROM object WHERE tag = @tag", new { tag }).AsList();
    }

    /// <summary>Forgets objects; afterwards none of them exists for anybody.</summary>
    public void Remove(IReadOnlyList<string> ids)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        connection.Execute("DELETE FROM file WHERE id = @id", ids.Select(id => new { id }), transaction);
        connection.Execute("DELETE FROM object WHERE id = @id", ids.Select(id => new { id }), transaction);
        transaction.Commit();
    }

    public ObjectRow? Find(ObjectId id)
    {
        using var connection = Open();
        return connection.QuerySingleOrDefault<ObjectRow>(SelectObject + " WHERE id = @Text", id);
    }

    public FileRow? FindFile(ObjectId id, DataClass kept)
    {
        using var connection = Open();
        return connection.QuerySingleOrDefault<FileRow>(SelectFile + " WHERE id = @Text AND class = @Class", new { id.Text, Class = Spelling.Of(kept) });
    }

    /// <summary>Ordered by id, from the first one after <paramref name="after"/>.</summary>
    public IReadOnlyList<ObjectRow> List(string? kind, string? tag, string? after, int limit)
    {
        using var connection = Open();
        return connection.Query<ObjectRow>(
            SelectObject + " WHERE (@kind IS NULL OR kind = @kind) AND (@tag IS NULL OR tag = @tag) AND (@after IS NULL OR id > @after) ORDER BY id LIMIT @limit",
            new { kind, tag, after, limit }).AsList();
    }

    public IReadOnlyList<FileRow> Files()
    {
        using var connection = Open();
        return connection.Query<FileRow>(SelectFile).AsList();
    }

    private const string SelectObject = "SELECT id AS ObjectId, kind AS Kind, tag AS Tag, epoch AS Epoch, size_bytes AS SizeBytes, classes AS Classes FROM object";
    private const string SelectFile = "SELECT id AS ObjectId, class AS Class, size_bytes AS SizeBytes, sha256 AS Sha256 FROM file";

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        // A row must not outlive a power cut that its folder survived, nor the other way round for longer than one start.
        connection.Execute("PRAGMA synchronous = FULL");
        return connection;
    }
}

/// <param name="Classes">Joined by commas, in the header's order.</param>
internal sealed record ObjectRow(string ObjectId, string Kind, string Tag, long Epoch, long SizeBytes, string Classes);

internal sealed record FileRow(string ObjectId, string Class, long SizeBytes, byte[] Sha256);
