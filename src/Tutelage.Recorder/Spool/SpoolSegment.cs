using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Sealing;

namespace Tutelage.Recorder.Spool;

/// <summary>One segment being written: a spool file a class, sealed to the day's key, flushed to disk on demand.</summary>
internal sealed class SpoolSegment : IDisposable
{
    private readonly SpoolFolder _spool;
    private readonly string _folder;
    private readonly Dictionary<ContentClass, SpoolFileWriter> _files = [];

    public SpoolSegment(SpoolFolder spool, string id, IReadOnlySet<ContentClass> classes, SegmentOpening opening)
    {
        (_spool, Id, _folder) = (spool, id, Path.Combine(spool.OpenRoot, id));
        var day = spool.Days.Today();
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // If we crash here the folder has no day file: recovery finds nothing that was ever written to it and removes it.
        File.WriteAllText(Path.Combine(_folder, "day"), day);
        using var identity = spool.Days.Open(day);
        try
        {
            foreach (var kept in classes) _files[kept] = SpoolFileWriter.Create(SpoolFolder.FileOf(_folder, kept), identity.Recipient);
            Writer = new(_files.ToDictionary(file => file.Key, file => (Stream)file.Value), opening);
        }
        catch
        {
            foreach (var file in _files.Values) file.Dispose();
            throw;
        }
    }

    public string Id { get; }

    public SegmentWriter Writer { get; }

    public bool Keeps(ContentClass kept) => _files.ContainsKey(kept);

    /// <summary>When it returns, all that was written so far would survive a crash.</summary>
    /// <exception cref="IOException">The disk is full or gone; nothing already on it is lost.</exception>
    public void Flush()
    {
        Writer.Flush();
        foreach (var file in _files.Values) file.FlushTail();
    }

    /// <summary>Ends the segment and moves it to what waits to be sent.</summary>
    public void Complete(SegmentHealth health)
    {
        CompleteInPlace(health);
        // If we crash here the segment is whole but still among the open ones: recovery finds it complete and moves it.
        Directory.Move(_folder, Path.Combine(_spool.HeldRoot, Id));
    }

    /// <summary>Ends the segment and leaves it where it is.</summary>
    public void CompleteInPlace(SegmentHealth health)
    {
        Writer.Complete(health);
        foreach (var file in _files.Values)
        {
            file.Complete();
            file.Dispose();
        }
    }

    /// <summary>Removes it with all that is in it.</summary>
    public void Abandon()
    {
        Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
    }
}
