using System.Globalization;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Rules;

namespace Tutelage.Auditor.Reading;

/// <summary>How far reading has come.</summary>
/// <param name="Entries">Entries read.</param>
/// <param name="Newest">Commitment of the last one, hex; empty before the first.</param>
/// <param name="LastTime">Unix seconds of the last entry.</param>
/// <param name="RootTime">Unix seconds of the last root over all heads, or of the first entry.</param>
internal sealed record ReadingExtent(long Entries, string Newest, long LastTime, long RootTime);

/// <summary>What the auditor has learned from the entries, in tables beside them: written in the transaction of the entries it comes from, so that a start need not read them again.</summary>
/// <remarks>
/// Everything here follows from the entries and from nothing else; reading them anew into an empty database gives the same rows (<see cref="Difference"/>). If it did not, a
/// nonce could serve twice or a deleted person's keys could leave after a restart. Small parts (heads, people, live releases) are loaded whole, the rest is looked up. Not thread-safe.
/// </remarks>
internal sealed class Knowledge
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS known_extent (id INTEGER PRIMARY KEY CHECK (id = 1), entries INTEGER NOT NULL, newest TEXT NOT NULL, last_time INTEGER NOT NULL, root_time INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS known_text (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS known_head (tag TEXT PRIMARY KEY, sequence INTEGER NOT NULL, head TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS known_person (key_id TEXT PRIMARY KEY, key TEXT NOT NULL, role TEXT NOT NULL, tag TEXT, device TEXT) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS known_manifest (tag TEXT NOT NULL, manifest TEXT NOT NULL, PRIMARY KEY (tag, manifest)) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS known_grant (id TEXT PRIMARY KEY, requester TEXT NOT NULL, request TEXT NOT NULL, effect_sha256 TEXT NOT NULL, denied INTEGER NOT NULL,
            keys_named INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS known_approval (grant_id TEXT NOT NULL, place INTEGER NOT NULL, approver TEXT NOT NULL, approved_at INTEGER NOT NULL, PRIMARY KEY (grant_id, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS known_release (position INTEGER PRIMARY KEY, grant_id TEXT NOT NULL, about TEXT NOT NULL, nonce TEXT NOT NULL, objects INTEGER NOT NULL, objects_root TEXT NOT NULL, keys TEXT NOT NULL,
            recipient TEXT NOT NULL, expires INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS known_nonce (nonce TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS known_deleted (tag TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS known_deleted_object (tag TEXT NOT NULL, object TEXT NOT NULL, PRIMARY KEY (tag, object)) STRICT, WITHOUT ROWID;
        """;

    /// <summary>Every table with what orders its rows.</summary>
    private static readonly (string Table, string Order)[] Tables =
    [
        ("known_extent", "id"), ("known_text", "name"), ("known_head", "tag"), ("known_person", "key_id"), ("known_manifest", "tag, manifest"), ("known_grant", "id"), ("known_approval", "grant_id, place"), ("known_release", "position"), ("known_nonce", "nonce"), ("known_deleted", "tag"), ("known_deleted_object", "tag, object"),
    ];

    private readonly SqliteConnection _database;

    public Knowledge(SqliteConnection database)
    {
        _database = database;
        database.Execute(Schema);
        if (database.ExecuteScalar<long>("SELECT COUNT(*) FROM pragma_table_info('known_release') WHERE name = 'about'") == 1) return;

        // Kept by an older program: forgotten, and read anew from the entries. If we crash here the extent is gone first, so the next start does the same.
        foreach (var (table, _) in Tables) database.Execute($"DROP TABLE {table}");
        database.Execute(Schema);
    }

    /// <summary>An empty database in memory: for reading everything anew. The caller disposes it.</summary>
    public static SqliteConnection Scratch()
    {
        var memory = new SqliteConnection("Data Source=:memory:;Pooling=False");
        memory.Open();
        return memory;
    }

    public ReadingExtent? Extent() => _database.QuerySingleOrDefault<(long Entries, string Newest, long Last, long Root)?>(
        "SELECT entries, newest, last_time, root_time FROM known_extent") is { } row ? new(row.Entries, row.Newest, row.Last, row.Root) : null;

    /// <summary>Small state under a name of its own, such as the programme's epoch; null if none was saved.</summary>
    public string? Text(string name) => _database.ExecuteScalar<string?>("SELECT value FROM known_text WHERE name = @name", new { name });

    public void SaveText(string name, string value) => _database.Execute("INSERT INTO known_text VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value", new { name, value });

    public IEnumerable<(string Tag, long Sequence, string Head)> Heads() => _database.Query<(string, long, string)>("SELECT tag, sequence, head FROM known_head");

    public IEnumerable<KnownPerson> People() => _database.Query<(string Key, string Role, string? Tag, string? Device)>("SELECT key, role, tag, device FROM known_person").Select(row => new KnownPerson(
        PublicKey.Parse(row.Key), Spelling.TryRead<Role>(row.Role, out var role) ? role.Value : throw new InvalidDataException($"'{row.Role}' is no role"), row.Tag, row.Device is null ? null : PublicKey.Parse(row.Device)));

    public IEnumerable<(string Tag, string Manifest)> Manifests() => _database.Query<(string, string)>("SELECT tag, manifest FROM known_manifest");

    public IEnumerable<string> Deleted() => _database.Query<string>("SELECT tag FROM known_deleted");

    public bool IsNonceUsed(string nonce) => _database.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM known_nonce WHERE nonce = @nonce)", new { nonce }) == 1;

    public KnownGrant? FindGrant(string id, Func<string, KnownPerson> person)
    {
        if (_database.QuerySingleOrDefault<(string Requester, string Request, string Effect, bool Denied, long Keys)?>(
            "SELECT requester, request, effect_sha256, denied, keys_named FROM known_grant WHERE id = @id", new { id }) is not { } row) return null;
        var request = Wire.Read<GrantWire>(System.Text.Encoding.UTF8.GetBytes(row.Request))?.Check(out _) ?? throw new InvalidDataException($"grant {id} is unreadable in the database");
        var grant = new KnownGrant(id, request, person(row.Requester), row.Effect) { Denied = row.Denied, KeysNamed = row.Keys };
        grant.Approvals.AddRange(_database.Query<(string Approver, long At)>("SELECT approver, approved_at FROM known_approval WHERE grant_id = @id ORDER BY place", new { id })
            .Select(approval => (person(approval.Approver), DateTimeOffset.FromUnixTimeSeconds(approval.At))));
        return grant;
    }

    public IEnumerable<KnownRelease> Releases(Func<string, KnownGrant> grant) => _database.Query<ReleaseRow>(
        "SELECT position AS Position, grant_id AS Grant, about AS About, nonce AS Nonce, objects AS Objects, objects_root AS Root, keys AS Keys, recipient AS Recipient, expires AS Expires FROM known_release ORDER BY position")
        .Select(row => new KnownRelease(row.Position, grant(row.Grant), row.About.Split(' '), row.Nonce, row.Objects, row.Root, Counted(row.Keys), row.Recipient, DateTimeOffset.FromUnixTimeSeconds(row.Expires)));

    public void Save(ReadingExtent extent) => _database.Execute(
        """
        INSERT INTO known_extent VALUES (1, @Entries, @Newest, @LastTime, @RootTime) ON CONFLICT (id) DO UPDATE SET entries = excluded.entries, newest = excluded.newest,
            last_time = excluded.last_time, root_time = excluded.root_time
        """, extent);

    public void SaveHead(string tag, long sequence, string head) =>
        _database.Execute("INSERT INTO known_head VALUES (@tag, @sequence, @head) ON CONFLICT (tag) DO UPDATE SET sequence = excluded.sequence, head = excluded.head", new { tag, sequence, head });

    public void Add(KnownPerson person) => _database.Execute(
        "INSERT INTO known_person VALUES (@Id, @Text, @role, @Tag, @device)", new { person.Key.Id, person.Key.Text, role = Spelling.Of(person.Role), person.Tag, device = person.Device?.Text });

    public void AddManifest(string tag, string manifest) => _database.Execute("INSERT INTO known_manifest VALUES (@tag, @manifest) ON CONFLICT DO NOTHING", new { tag, manifest });

    /// <summary>A new grant, or one that has changed; its approvals only grow.</summary>
    public void Save(KnownGrant grant)
    {
        _database.Execute(
            "INSERT INTO known_grant VALUES (@Id, @requester, @request, @EffectSha256, @Denied, @KeysNamed) ON CONFLICT (id) DO UPDATE SET denied = excluded.denied, keys_named = excluded.keys_named",
            new { grant.Id, requester = grant.Requester.Key.Id, request = JsonSerializer.Serialize(GrantWire.Of(grant.Request), Wire.Json), grant.EffectSha256, grant.Denied, grant.KeysNamed });
        foreach (var (place, (approver, time)) in grant.Approvals.Index())
            _database.Execute("INSERT INTO known_approval VALUES (@Id, @place, @approver, @at) ON CONFLICT DO NOTHING", new { grant.Id, place, approver = approver.Key.Id, at = time.ToUnixTimeSeconds() });
    }

    public void Add(KnownRelease release) => _database.Execute(
        "INSERT INTO known_release VALUES (@Index, @grant, @about, @Nonce, @Objects, @ObjectsRoot, @keys, @Recipient, @expires)",
        new
        {
            release.Index, grant = release.Grant.Id, about = string.Join(' ', release.About), release.Nonce, release.Objects, release.ObjectsRoot, release.Recipient, expires = release.ExpiresAt.ToUnixTimeSeconds(),
            keys = string.Join(' ', release.Keys.OrderBy(key => key.Key).Select(key => string.Create(CultureInfo.InvariantCulture, $"{Spelling.Of(key.Key)}:{key.Value}"))),
        });

    public void ForgetRelease(long position) => _database.Execute("DELETE FROM known_release WHERE position = @position", new { position });

    public void AddNonce(string nonce) => _database.Execute("INSERT INTO known_nonce VALUES (@nonce)", new { nonce });

    public void AddDeleted(string tag, long position) => _database.Execute("INSERT INTO known_deleted VALUES (@tag, @position)", new { tag, position });

    public void AddDeleted(string tag, string id) => _database.Execute("INSERT INTO known_deleted_object VALUES (@tag, @id) ON CONFLICT DO NOTHING", new { tag, id });

    public bool IsDeleted(string tag, string id) => _database.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM known_deleted_object WHERE tag = @tag AND object = @id)", new { tag, id }) == 1;

    /// <summary>Forgets everything; the caller reads the entries anew.</summary>
    public void Clear()
    {
        foreach (var (table, _) in Tables) _database.Execute($"DELETE FROM {table}");
    }

    /// <summary>The first row in which two differ, in words; null if they know the same.</summary>
    public static string? Difference(Knowledge kept, Knowledge read)
    {
        foreach (var (table, order) in Tables)
        {
            using var mine = kept.Rows(table, order).GetEnumerator();
            using var theirs = read.Rows(table, order).GetEnumerator();
            while (true)
            {
                var (more, others) = (mine.MoveNext(), theirs.MoveNext());
                if (!more && !others) break;
                var (one, other) = (more ? mine.Current : "nothing", others ? theirs.Current : "nothing");
                if (one != other) return $"{table} keeps '{one}' where the entries say '{other}'";
            }
        }

        return null;
    }

    private IEnumerable<string> Rows(string table, string order)
    {
        foreach (var row in _database.Query($"SELECT * FROM {table} ORDER BY {order}", buffered: false).Cast<IDictionary<string, object?>>())
            yield return string.Join(' ', row.Values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
    }

    private static Dictionary<DataClass, int> Counted(string keys) => keys.Split(' ').Select(key => key.Split(':')).ToDictionary(
        parts => Spelling.TryRead<DataClass>(parts[0], out var name) ? name.Value : throw new InvalidDataException($"'{parts[0]}' is no class"), parts => int.Parse(parts[1], CultureInfo.InvariantCulture));

    private sealed record ReleaseRow(long Position, string Grant, string About, string Nonce, long Objects, string Root, string Keys, string Recipient, long Expires);
}
