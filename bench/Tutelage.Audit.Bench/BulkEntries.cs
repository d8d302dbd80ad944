using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Tutelage.Ledger;

namespace Tutelage.Audit.Bench;

/// <summary>Entries as the vault writes them (docs/formats/entries.md), a million at a time: straight into its database, from where its ordinary start appends them to the log.</summary>
internal static class BulkEntries
{
    /// <param name="tag">Who is reached by <paramref name="accesses"/> releases under <paramref name="grant"/>, spread over all entries; the others are about made-up persons.</param>
    /// <returns>Entries in the database afterwards.</returns>
    public static long Write(string path, string tag, string grant, int entries, int accesses, int persons)
    {
        using var database = new SqliteConnection($"Data Source={path};Pooling=False");
        database.Open();
        using var transaction = database.BeginTransaction();
        using var entry = Command(database, "INSERT INTO entry VALUES (@position, @kind, @body, @salt)", "@position", "@kind", "@body", "@salt");
        using var about = Command(database, "INSERT INTO entry_about VALUES (@position, @tag)", "@position", "@tag");
        var first = Convert.ToInt64(Command(database, "SELECT MAX(position) + 1 FROM entry").ExecuteScalar(), CultureInfo.InvariantCulture);
        var heads = Heads(database);
        var now = TimeProvider.System.GetUtcNow();
        var time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var tags = Enumerable.Range(0, persons - 1).Select(_ => Hex(16)).ToArray();
        for (var i = 0; i < entries; i++)
        {
            var release = i % (entries / accesses) == 0;
            var who = release ? tag : tags[i % tags.Length];
            var (sequence, previous) = heads.GetValueOrDefault(who, (0, new string('0', 64)));
            var common = $$"""{"tutelage-entry":1,"kind":"{{(release ? "release" : "failed")}}","time":"{{time}}","about":[{"tag":"{{who}}","sequence":{{sequence + 1}},"previous":"{{previous}}"}],"grant":"{{grant}}",""";
            var body = Encoding.UTF8.GetBytes(common + "\"" + (release
                ? $$""""nonce":"{{Hex(16)}}","job":"dataset-build","purpose":"train","keys":{"input":3,"frames":3},"objects":3,"objects_root":"{{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}}","recipient":"age1tag1q{{Hex(29)}}","job_sha256_claimed":"{{tags[0]}}{{tags[1]}}","confinement_claimed":"bubblewrap; system call filter","epoch":0,"expires":{{now.AddMinutes(1).ToUnixTimeSeconds()}}}""""
                : """"by":"rules","step":"job","error":"job-ended","reasons":["the job ended before its result"],"times":1}""""));
            var salt = RandomNumberGenerator.GetBytes(EntryCommitment.SaltSizeBytes);
            Run(entry, first + i, release ? "release" : "failed", body, salt);
            Run(about, first + i, who);
            heads[who] = (sequence + 1, Convert.ToHexStringLower(EntryCommitment.Of(salt, body)));
        }

        using var chain = Command(database, "INSERT INTO chain VALUES (@tag, @sequence, @head) ON CONFLICT (tag) DO UPDATE SET sequence = excluded.sequence, head = excluded.head", "@tag", "@sequence", "@head");
        foreach (var (who, (sequence, head)) in heads) Run(chain, who, sequence, head);
        transaction.Commit();
        return first + entries;
    }

    private static Dictionary<string, (long Sequence, string Head)> Heads(SqliteConnection database)
    {
        var heads = new Dictionary<string, (long, string)>(StringComparer.Ordinal);
        using var all = Command(database, "SELECT tag, sequence, head FROM chain");
        using var rows = all.ExecuteReader();
        while (rows.Read()) heads.Add(rows.GetString(0), (rows.GetInt64(1), rows.GetString(2)));
        return heads;
    }

    private static SqliteCommand Command(SqliteConnection database, string sql, params string[] names)
    {
        var command = database.CreateCommand();
        command.CommandText = sql;
        foreach (var name in names) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static void Run(SqliteCommand command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }

    private static string Hex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
