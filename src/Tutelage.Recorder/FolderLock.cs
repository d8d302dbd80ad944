namespace Tutelage.Recorder;

/// <summary>One recorder a folder: a lock file, let go by the kernel when the process ends. Another would take its open segment for one of a dead recorder.</summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>EWOULDBLOCK, the raw error behind the exception when somebody else holds the lock.</summary>
    private const int Held = 11;

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Null if another recorder writes into <paramref name="folder"/>.</summary>
    /// <exception cref="IOException">The folder cannot be written into.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it.</exception>
    public static FolderLock? TryTake(string folder)
    {
        try
        {
            return new(new FileStream(Path.Combine(folder, "recorder.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException taken) when (taken.HResult == Held)
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
