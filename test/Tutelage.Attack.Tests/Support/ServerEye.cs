using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tutelage.Identity;

namespace Tutelage.Attack.Tests.Support;

/// <summary>What root on the server's machine reads there, with everything random in it replaced by its length.</summary>
internal static class ServerEye
{
    /// <summary>All that is stored of one person, sorted: rows of the index, and name, mode, size, time and legible content of each file.</summary>
    public static IReadOnlyList<string> About(string data, string tag)
    {
        var seen = new List<string>();
        using var index = Open(data);
        foreach (var id in Rows(index, $"SELECT id FROM object WHERE tag = '{tag}'").Select(row => row[0]).ToList())
        {
            string Veiled(string text) => text.Replace(id, "ID", StringComparison.Ordinal).Replace(tag, "TAG", StringComparison.Ordinal);
            var told = Rows(index, $"SELECT * FROM object WHERE id = '{id}'").Concat(Rows(index, $"SELECT id, class, size_bytes, length(sha256) FROM file WHERE id = '{id}' ORDER BY class"))
                .Select(row => Veiled(string.Join('|', row))).ToList();
            var folder = new DirectoryInfo(Path.Combine(data, "objects", id[..2], id));
            told.Add($"folder {folder.UnixFileMode} {folder.LastWriteTimeUtc:O}");
            foreach (var file in folder.EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
            {
                told.Add($"{file.Name} {file.UnixFileMode} {file.Length} {file.LastWriteTimeUtc:O}");
                if (file.Name == "header") told.Add(Veiled(Shape(JsonDocument.Parse(File.ReadAllBytes(file.FullName)).RootElement)));
                if (file.Name == "certificate") told.Add(Veiled(Shape(SignedStatement.Parse(File.ReadAllText(file.FullName)).Read<JsonElement>())));
            }
            seen.Add(string.Join('\n', told));
        }
        return [.. seen.Order(StringComparer.Ordinal)];
    }

    /// <summary>Tables and columns of the index: none may hold a time or count arrivals.</summary>
    public static IReadOnlyList<string> Columns(string data)
    {
        using var index = Open(data);
        return [.. Rows(index, "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1").Select(row => row[0])];
    }

    /// <param name="data">A copy: nobody who looks heeds locks.</param>
    /// <summary>Places where a moment of these stands in any file, as text or as a number of 8 bytes in seconds, milliseconds or .NET ticks.</summary>
    public static IReadOnlyList<string> Moments(string data, DateTimeOffset from, DateTimeOffset to)
    {
        var found = new List<string>();
        var days = new[] { from, to }.Select(day => Encoding.ASCII.GetBytes(day.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))).ToList();
        var digits = Encoding.ASCII.GetBytes(from.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)[..6]);
        foreach (var path in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "programme.json"))
        {
            var bytes = File.ReadAllBytes(path);
            if (days.Exists(day => bytes.AsSpan().IndexOf(day) >= 0)) found.Add($"{path}: a date");
            if (Path.GetFileName(path) is "header" or "certificate" or "nonces" && bytes.AsSpan().IndexOf(digits) >= 0) found.Add($"{path}: a time in digits");
            for (var at = 0; at + 8 <= bytes.Length; at++)
            {
                foreach (var number in new[] { BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at)), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at)) })
                    if (Within(number, from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds()) || Within(number, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds()) || Within(number, from.UtcTicks, to.UtcTicks))
                        found.Add($"{path}: {number} at {at}");
            }
        }
        return found;

        static bool Within(long number, long least, long most) => number >= least && number <= most;
    }

    /// <summary>JSON with digests, keys and envelopes as their lengths; all else as it stands.</summary>
    private static string Shape(JsonElement element, string name = "") => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', element.EnumerateObject().Select(member => $"{member.Name}:{Shape(member.Value, member.Name)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', element.EnumerateArray().Select(item => Shape(item))) + "]",
        JsonValueKind.String when name is "sha256" or "outer" or "inner" or "device" or "device_key" => $"<{element.GetString()!.Length}>",
        _ => element.GetRawText(),
    };

    private static SqliteConnection Open(string data)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(data, "index.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private static List<string[]> Rows(SqliteConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var rows = new List<string[]>();
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(at => Convert.ToString(reader.GetValue(at), CultureInfo.InvariantCulture)!)]);
        return rows;
    }
}
