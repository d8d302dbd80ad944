using Tutelage.Rules.Objects;

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

    private ObjectStore(StoreLayout layout, ObjectIndex index, FileStream held) => (Layout, Index, _lock) = (layout, index, held);

    public StoreLayout Layout { get; }

    public ObjectIndex Index { get; }

    /// <summary>Takes the folder and heals it. Null with all faults if its state cannot be trusted or another server holds it.</summary>
    public static (ObjectStore? Store, IReadOnlyList<string> Faults) Open(string root, Trust trust)
    {
        var layout = new StoreLayout(root);
        FileStream held;
        try
        {
            DurableFolder.Create(layout.Root);
            foreach (var folder in (string[])[layout.Incoming, layout.Objects, layout.Datasets]) DurableFolder.Create(folder);
            held = new FileStream(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, [$"data folder {layout.Root} cannot be taken: {fault.Message} Is another server running on it?"]);
        }
        var index = new ObjectIndex(layout.IndexFile);
        var faults = Healing.Run(layout, index, trust);
        if (faults.Count == 0) return (new ObjectStore(layout, index, held), faults);
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
            if (Holds(id, headerBytes) is { } same) return same ? CommitOutcome.WasThere : CommitOutcome.IdTaken;
            DurableFolder.Create(Layout.Shelf(id));
            var folder = Layout.Folder(id);
            Directory.Move(incoming.Folder, folder);
            // If we crash here, the next start finds a folder without a row, checks it as an upload is checked, and adds the row.
            try
            {
                DurableFolder.Synchronise(Layout.Shelf(id));
                Directory.SetLastWriteTimeUtc(folder, DateTime.UnixEpoch);
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

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _lock.Dispose();
    }
}

internal enum CommitOutcome { Stored, WasThere, IdTaken }
