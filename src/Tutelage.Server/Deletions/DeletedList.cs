using System.Text;
using Tutelage.Server.Store;

namespace Tutelage.Server.Deletions;

/// <summary>What was deleted and is never taken again: pseudonyms and object ids, nothing else (docs/formats/deletion.md).</summary>
/// <remarks>
/// File <c>deleted</c>: a line <c>TAG</c> or <c>TAG ID</c> each, appended and flushed before anything is removed. A last line without its end is one that a crash cut: its deletion
/// was not answered and is told again. Thread-safe.
/// </remarks>
internal sealed class DeletedList
{
    private readonly Lock _gate = new(); // guards both sets and the file
    private readonly HashSet<string> _tags = new(StringComparer.Ordinal);
    private readonly HashSet<(string Tag, string Id)> _objects = [];
    private readonly string _path;

    private DeletedList(string path) => _path = path;

    public static DeletedList Open(string path)
    {
        var list = new DeletedList(path);
        if (!File.Exists(path)) return list;
        var text = File.ReadAllText(path);
        var whole = text.LastIndexOf('\n') + 1;
        if (whole < text.Length)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(Encoding.UTF8.GetByteCount(text.AsSpan(0, whole)));
            file.Flush(flushToDisk: true);
        }

        foreach (var line in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries)) list.Remember(line);
        return list;
    }

    public bool Has(string tag, string id)
    {
        lock (_gate) return _tags.Contains(tag) || _objects.Contains((tag, id));
    }

    /// <param name="ids">Null for everything under the tag, also what is yet to come.</param>
    /// <exception cref="IOException">Nothing was noted, or part of it, and nothing may be removed.</exception>
    public void Add(string tag, IReadOnlyList<string>? ids)
    {
        lock (_gate)
        {
            var lines = (ids is null ? _tags.Contains(tag) ? [] : [tag] : ids.Where(id => !_objects.Contains((tag, id))).Select(id => $"{tag} {id}")).ToList();
            if (lines.Count == 0) return;
            using (var file = new FileStream(_path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                var before = file.Length;
                try
                {
                    file.Write(Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
                    file.Flush(flushToDisk: true);
                }
                catch (IOException)
                {
                    // A disk that is full keeps no half line, or the next one would be read as its end.
                    file.SetLength(before);
                    throw;
                }
            }

            DurableFolder.Synchronise(Path.GetDirectoryName(_path)!); // the data folder's own file
            foreach (var line in lines) Remember(line);
        }
    }

    private void Remember(string line)
    {
        if (line.Split(' ') is [var tag, var id]) _objects.Add((tag, id));
        else _tags.Add(line);
    }
}
