using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Server.Deletions;

namespace Tutelage.Server.Store;

/// <summary>The folder of ciphertext and its index. One process holds it at a time.</summary>
/// <remarks>
/// An object becomes stored by one rename of its folder, after every byte in it is on disk and before its row exists. If that order broke, a crash could
/// leave a row that promises bytes that were never written; a job would then find out months later. <see cref="Healing"/> closes the one gap that the order leaves.
/// </remarks>
internal sealed class ObjectStore : IDisposable
{
    private readonly FileStream _lock;
    private readonly Lock _commit = new(); // guards the step from incoming/ to objects/ and the row after it

    private ObjectStore(StoreLayout layout, ObjectIndex index, DeletedList deleted, FileStream held) => (Layout, Index, Deleted, _lock) = (layout, index, deleted, held);

    public StoreLayout Layout { get; }

    public ObjectIndex Index { get; }

    public DeletedList Deleted { get; }

    /// <summary>Takes the folder and heals it. Null with all faults if its state cannot be trusted or another server holds it.</summary>
    public static (ObjectStore? Store, IReadOnlyList<string> Faults) Open(string root, Trust trust)
    {
        var layout = new StoreLayout(root);
        FileStream held;
        DeletedList deleted;
        try
        {
            DurableFolder.Create(layout.Root);
            foreach (var folder in (string[])[layout.Incoming, layout.Objects, layout.Datasets]) DurableFolder.Create(folder);
            held = new FileStream(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            deleted = DeletedList.Open(layout.DeletedFile);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, [$"data folder {layout.Root} cannot be taken: {fault.Message} Is another server running on it?"]);
        }
        var index = new ObjectIndex(layout.IndexFile);
        var faults = Healing.Run(layout, index, deleted, trust);
        if (faults.Count == 0) return (new ObjectStore(layout, index, deleted, held), faults);
        held.Dispose();
        return (null, faults);
    }

    /// <summary>True if the object is stored and its header has these bytes; null if there is no such object; false if the id names another one.</summary>
    public bool? Holds(ObjectId id, ReadOnlySpan<byte> headerBytes) =>
        Index.Find(id) is null ? null : File.ReadAllBytes(Path.Combine(Layout.Folder(id), StoreLayout.HeaderName)).AsSpan().SequenceEqual(headerBytes);

    /// <summary>Makes an upload an object. All files of it MUST be written and whole.</summary>
    /// <exception cref="IOException">Not stored: nothing of it is left.</exception>
    public CommitOutcome Commit(IncomingObject incoming, ObjectId id, ObjectHeader header, ReadOnlySpan<byte> headerBytes)
    {
        DurableFolder.Synchronise(incoming.Folder);
        lock (_commit)
        {
            if (Deleted.Has(header.Tag, id.Text)) return CommitOutcome.Deleted;
            if (Holds(id, headerBytes) is { } same) return same ? CommitOutcome.WasThere : CommitOutcome.IdTaken;
            DurableFolder.Create(Layout.Shelf(id));
            var folder = Layout.Folder(id);
            Directory.Move(incoming.Folder, folder);
            // If we crash here, the next start finds a folder without a row, checks it as an upload is checked, and adds the row.
            try
            {
                DurableFolder.Synchronise(Layout.Shelf(id));
                foreach (var touched in (string[])[folder, Layout.Shelf(id), Layout.Objects, Layout.Incoming]) Directory.SetLastWriteTimeUtc(touched, DateTime.UnixEpoch);
                Index.Add(header);
            }
            catch
            {
                // No row, no object: the client is told that it failed, so nothing of it may stay. If the move back fails too, the
                // next start completes the object, and the client's second attempt is answered as a success.
                Directory.Move(folder, incoming.Folder);
                throw;
            }
            // If we crash here, the client has no answer, sends again, and hears that the object was there.
            return CommitOutcome.Stored;
        }
    }

    /// <summary>Removes a person's objects, or those named of theirs, and sealed exports; none of them is taken again.</summary>
    /// <param name="ids">Null for everything under the tag.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="IOException">Not all of it is removed; it may be said again.</exception>
    public long Delete(string tag, IReadOnlyList<string>? ids, IReadOnlyList<string> exports)
    {
        List<ObjectId> gone;
        lock (_commit)
        {
            var held = exports.Select(id => Index.Find(ObjectId.Read(id) ?? default)).OfType<ObjectRow>().Where(row => row.Kind == Spelling.Of(ObjectKind.Export)).ToList();
            Deleted.Add(tag, ids);
            foreach (var holder in held.GroupBy(row => row.Tag)) Deleted.Add(holder.Key, [.. holder.Select(row => row.ObjectId)]);

            // If we crash here the vault has no answer and says it again.
            var own = Index.Of(tag);
            var found = (ids is null ? own : own.Intersect(ids, StringComparer.Ordinal)).Concat(held.Select(row => row.ObjectId)).ToList();
            Index.Remove(found);
            gone = [.. found.Select(id => ObjectId.Read(id)).OfType<ObjectId>()];
        }

        // If we crash here folders without rows are left; the next start finds them on the list of what was deleted and removes them.
        foreach (var id in gone) Discard(Layout, id);
        return gone.Count;
    }

    /// <summary>Removes an object's folder. It goes as a whole first, so that none is ever found half there.</summary>
    internal static void Discard(StoreLayout layout, ObjectId id)
    {
        var leaving = Path.Combine(layout.Incoming, "deleted-" + id.Text);
        if (!Directory.Exists(layout.Folder(id))) return;
        Directory.Move(layout.Folder(id), leaving);
        Directory.Delete(leaving, recursive: true);
        foreach (var touched in (string[])[layout.Shelf(id), layout.Incoming]) Directory.SetLastWriteTimeUtc(touched, DateTime.UnixEpoch);
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _lock.Dispose();
    }
}

internal enum CommitOutcome { Stored, WasThere, IdTaken, Deleted }
