using System.Security.Cryptography;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Server.Deletions;
using Tutelage.Server.Ingest;

namespace Tutelage.Server.Store;

/// <summary>Brings folder and index to the same story at start: removes what never became an object, adds rows of what did, lists what it cannot explain.</summary>
internal sealed class Healing
{
    private readonly StoreLayout _layout;
    private readonly ObjectIndex _index;
    private readonly DeletedList _deleted;
    private readonly Trust _trust;
    private readonly List<string> _faults = [];

    private Healing(StoreLayout layout, ObjectIndex index, DeletedList deleted, Trust trust) => (_layout, _index, _deleted, _trust) = (layout, index, deleted, trust);

    /// <returns>All faults; empty if the store can be trusted.</returns>
    public static IReadOnlyList<string> Run(StoreLayout layout, ObjectIndex index, DeletedList deleted, Trust trust)
    {
        var healing = new Healing(layout, index, deleted, trust);
        try
        {
            healing.Run();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException)
        {
            healing._faults.Add($"data folder {layout.Root} cannot be read or written: {fault.Message}");
        }
        return healing._faults;
    }

    private void Run()
    {
        foreach (var left in Directory.EnumerateDirectories(_layout.Incoming)) Directory.Delete(left, recursive: true);
        foreach (var left in Directory.EnumerateFiles(_layout.Datasets, "*.part")) File.Delete(left);
        if (_index.Prepare() is { } fault)
        {
            _faults.Add(fault);
            return;
        }
        var rows = _index.Files().ToLookup(row => row.ObjectId);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var shelf in Directory.EnumerateFileSystemEntries(_layout.Objects))
        {
            foreach (var folder in Directory.Exists(shelf) ? Directory.EnumerateFileSystemEntries(shelf) : [shelf])
            {
                var name = Path.GetFileName(folder);
                if (ObjectId.Read(name) is not { } id || _layout.Folder(id) != folder || !Directory.Exists(folder))
                    _faults.Add($"{folder} is not an object's folder; nothing of ours puts it there");
                else if (found.Add(name))
                {
                    if (rows.Contains(name)) CompareSizes(id, rows[name]);
                    else Complete(id);
                }
            }
        }
        _faults.AddRange(rows.Where(row => !found.Contains(row.Key)).Select(row => $"object {row.Key} is in the index and its folder is gone; restore it from a copy"));
    }

    private void CompareSizes(ObjectId id, IEnumerable<FileRow> files)
    {
        foreach (var file in files)
        {
            var onDisk = new FileInfo(Path.Combine(_layout.Folder(id), file.Class));
            if (!onDisk.Exists) _faults.Add($"object {id} lacks its file {file.Class}; restore it from a copy");
            else if (onDisk.Length != file.SizeBytes) _faults.Add($"object {id} file {file.Class} has {onDisk.Length} bytes; the index says {file.SizeBytes}; restore it from a copy");
        }
    }

    /// <summary>An object whose row is missing is checked as an upload is, then added.</summary>
    private void Complete(ObjectId id)
    {
        byte[] Read(string name) => File.Exists(Path.Combine(_layout.Folder(id), name)) ? File.ReadAllBytes(Path.Combine(_layout.Folder(id), name)) : [];

        var preamble = new UploadPreamble(Read(StoreLayout.HeaderName), Read(StoreLayout.SignatureName), Read(StoreLayout.CertificateName));
        var (signed, refusal) = preamble.Check(_trust);
        if (signed is null)
        {
            _faults.Add($"object {id} is not in the index and does not check: {refusal?.Message}");
            return;
        }
        var header = signed.Header;
        if (_deleted.Has(header.Tag, id.Text))
        {
            ObjectStore.Discard(_layout, id); // a deletion that a crash cut
            return;
        }
        var faultsBefore = _faults.Count;
        if (signed.Id != id) _faults.Add($"object {id} holds the header of object {signed.Id}");
        foreach (var file in header.Files)
        {
            if (FileFault(_layout.File(id, file.Class), file) is { } fault) _faults.Add($"object {id} is not in the index and its file {Spelling.Of(file.Class)} {fault}");
        }
        if (_faults.Count == faultsBefore) _index.Add(header);
    }

    private static string? FileFault(string path, SealedFileHeader expected)
    {
        if (!File.Exists(path)) return "is missing";
        using var file = File.OpenRead(path);
        if (file.Length != expected.SizeBytes) return $"has {file.Length} bytes where its header says {expected.SizeBytes}";
        return SHA256.HashData(file).AsSpan().SequenceEqual(expected.Sha256.Span) ? null : "is not the one that its header describes";
    }
}
