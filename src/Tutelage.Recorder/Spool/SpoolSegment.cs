using System.Globalization;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Sealing;

namespace Tutelage.Recorder.Spool;

/// <summary>What the disk said.</summary>
internal enum DiskAnswer
{
    /// <summary>All of it would survive a crash.</summary>
    Durable,

    /// <summary>It is full or away for now; what it did not take waits in RAM.</summary>
    Refused,

    /// <summary>A sync failed: what it holds is not known. The segment is left torn, for recovery to find out.</summary>
    Broken,
}

/// <summary>One segment being written: a spool file a class, sealed to the day's key, flushed to disk on demand.</summary>
internal sealed class SpoolSegment : IDisposable
{
    private readonly SpoolFolder _spool;
    private readonly string _folder;
    private readonly Dictionary<ContentClass, StagedFile> _files = [];
    private bool _ended, _complete;

    /// <param name="epoch">Of the lease it is recorded under; null without one.</param>
    /// <exception cref="IOException">The disk is full or gone; nothing is left behind that recovery would not remove.</exception>
    public SpoolSegment(SpoolFolder spool, string id, IReadOnlySet<ContentClass> classes, SegmentOpening opening, long? epoch)
    {
        (_spool, Id, _folder, Epoch) = (spool, id, Path.Combine(spool.OpenRoot, id), epoch);
        try
        {
            var day = spool.Days.Today();
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // If we crash here the folder has no day file: recovery finds nothing that was ever written to it and removes it.
            if (epoch is { } count) File.WriteAllText(Path.Combine(_folder, SpoolFolder.EpochFile), count.ToString(CultureInfo.InvariantCulture));
            File.WriteAllText(Path.Combine(_folder, SpoolFolder.DayFile), day);
            using var identity = spool.Days.Open(day);
            foreach (var kept in classes) _files[kept] = new(SpoolFileWriter.Create(SpoolFolder.FileOf(_folder, kept), identity.Recipient));
            Writer = new(_files.ToDictionary(file => file.Key, file => (Stream)file.Value.Waiting), opening);
        }
        catch
        {
            Dispose();
            // What cannot be removed now has no decided event in it, and recovery removes it.
            try
            {
                if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
            }
            catch (IOException)
            {
            }
            throw;
        }
    }

    public string Id { get; }

    public long? Epoch { get; }

    public SegmentWriter Writer { get; }

    public bool Keeps(ContentClass kept) => _files.ContainsKey(kept);

    /// <summary>Moves whole chunks to the disk. What is not whole waits for <see cref="Flush"/>.</summary>
    public DiskAnswer Push() => Ask(() =>
    {
        foreach (var file in _files.Values) file.Push();
    });

    /// <summary>Makes all that was written so far survive a crash.</summary>
    public DiskAnswer Flush() => Ask(() =>
    {
        if (!_ended) Writer.Flush();
        foreach (var file in _files.Values) file.MakeDurable();
    });

    /// <summary>Ends the segment and moves it to what waits to be sent. Asked again after a refusal, it goes on where it was.</summary>
    public DiskAnswer Complete(SegmentHealth health)
    {
        var answer = CompleteInPlace(health);
        if (answer != DiskAnswer.Durable) return answer;
        // If we crash here the segment is whole but still among the open ones: recovery finds it complete and moves it.
        return Ask(() =>
        {
            if (Directory.Exists(_folder)) Directory.Move(_folder, Path.Combine(_spool.HeldRoot, Id));
        });
    }

    /// <summary>Ends the segment and leaves it where it is.</summary>
    public DiskAnswer CompleteInPlace(SegmentHealth health)
    {
        if (_complete) return DiskAnswer.Durable;
        if (!_ended) Writer.Complete(health);
        _ended = true;
        return Ask(() =>
        {
            // Input, which holds the health record, ends last: whoever can read it knows that the other files are whole.
            foreach (var (kept, file) in _files)
                if (kept != ContentClass.Input) file.Complete();
            _files[ContentClass.Input].Complete();
            _complete = true;
            Dispose();
        });
    }

    /// <summary>Removes it with all that is in it.</summary>
    /// <exception cref="IOException">It could not be removed.</exception>
    public void Abandon()
    {
        Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    public void Dispose()
    {
        // Null while the constructor fails.
        Writer?.Dispose();
        foreach (var file in _files.Values) file.Dispose();
    }

    private static DiskAnswer Ask(Action action)
    {
        try
        {
            action();
            return DiskAnswer.Durable;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return DiskAnswer.Refused;
        }
        catch (InvalidOperationException)
        {
            return DiskAnswer.Broken;
        }
    }
}
