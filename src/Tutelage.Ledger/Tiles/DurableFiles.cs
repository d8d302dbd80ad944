using System.Runtime.InteropServices;

namespace Tutelage.Ledger;

/// <summary>Where a write stands; tests end the process or the disk there.</summary>
internal enum WritePoint
{
    Before,

    /// <summary>Half of the bytes are in the neighbour, or in the new file.</summary>
    Half,

    /// <summary>The bytes are whole and flushed; a name that meant an old file still does.</summary>
    Flushed,

    /// <summary>The name means the new file; its folder is not flushed.</summary>
    Renamed,

    Stored,
}

/// <summary>Files below one folder that either are whole under their name or are not there; after <see cref="Write"/> returns they survive a power cut.</summary>
/// <param name="folder">Root of the paths; created if missing.</param>
/// <param name="onWrite">Called at each point of each write, for tests that fail there.</param>
/// <remarks>If the order here were wrong (name before bytes, bytes before folder), a log could answer for entries that a crash takes back.</remarks>
internal sealed partial class DurableFiles(string folder, Action<string, WritePoint>? onWrite = null)
{
    public const string TemporarySuffix = ".new";

    public string Folder => folder;

    public string PathOf(string name) => Path.Combine(folder, name);

    public bool Exists(string name) => File.Exists(PathOf(name));

    public byte[]? Read(string name, int maxSizeBytes)
    {
        var file = new FileInfo(PathOf(name));
        return file.Exists && file.Length <= maxSizeBytes ? File.ReadAllBytes(file.FullName) : null;
    }

    /// <summary>Replaces or creates one file: bytes to a neighbour, fsync, rename, fsync of the folder.</summary>
    /// <exception cref="IOException">The file may or may not be there; whoever wrote it MUST treat its state as unknown.</exception>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        Replace(name, bytes);
        FlushFolder(ParentOf(name));
        onWrite?.Invoke(name, WritePoint.Stored);
    }

    /// <summary>As <see cref="Write"/>, but after a power cut the name may mean the old file again: always one of the two, and whole.</summary>
    /// <inheritdoc cref="Write"/>
    public void Replace(string name, ReadOnlySpan<byte> bytes)
    {
        var path = PathOf(name);
        WriteBytes(name, path + TemporarySuffix, bytes);

        // If we crash here a file ending in ".new" stays behind; the next write of the same name replaces it.
        File.Move(path + TemporarySuffix, path, overwrite: true);
        onWrite?.Invoke(name, WritePoint.Renamed);
    }

    /// <summary>Creates files that nothing points at yet; when this returns they all survive a power cut, before it each may be missing or torn.</summary>
    /// <remarks>
    /// Bytes and name go to their place at once and not by way of a neighbour: whoever looks at a file only after it was pointed at never sees it torn. File
    /// systems with a journal write the names down with the first file's flush, so that flushing the folders, each once, costs next to nothing.
    /// </remarks>
    /// <inheritdoc cref="Write"/>
    public void WriteUnseen(IReadOnlyList<(string Name, byte[] Bytes)> files)
    {
        foreach (var (name, bytes) in files)
        {
            WriteBytes(name, PathOf(name), bytes);
            onWrite?.Invoke(name, WritePoint.Renamed);
        }

        foreach (var folder in files.GroupBy(file => ParentOf(file.Name)))
        {
            FlushFolder(folder.Key);
            foreach (var (name, _) in folder) onWrite?.Invoke(name, WritePoint.Stored);
        }
    }

    /// <summary>Every file below the folder, by its path in it with '/'.</summary>
    public IEnumerable<string> Names(string below = "")
    {
        var every = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, MaxRecursionDepth = 16 };
        return Directory.Exists(PathOf(below)) ? Directory.EnumerateFiles(PathOf(below), "*", every).Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')) : [];
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    public void DeleteFolder(string name)
    {
        if (Directory.Exists(PathOf(name))) Directory.Delete(PathOf(name), recursive: true);
    }

    private string ParentOf(string name) => Path.GetDirectoryName(PathOf(name))!; // a path below a folder has one

    private void WriteBytes(string name, string path, ReadOnlySpan<byte> bytes)
    {
        onWrite?.Invoke(name, WritePoint.Before);
        CreateFolder(ParentOf(name));
        using (var handle = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            var half = onWrite is null ? 0 : bytes.Length / 2;
            if (half > 0) RandomAccess.Write(handle, bytes[..half], 0);
            onWrite?.Invoke(name, WritePoint.Half);
            RandomAccess.Write(handle, bytes[half..], half);
            RandomAccess.FlushToDisk(handle);
        }

        onWrite?.Invoke(name, WritePoint.Flushed);
    }

    private static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(path);
        if (parent is not null) CreateFolder(parent);
        Directory.CreateDirectory(path);
        if (parent is not null) FlushFolder(parent);
    }

    private static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = OpenFile(path, 0);
        if (descriptor < 0) throw new IOException($"folder '{path}' cannot be opened to flush it (errno {Marshal.GetLastPInvokeError()})");
        try
        {
            if (FlushFile(descriptor) != 0) throw new IOException($"folder '{path}' cannot be flushed (errno {Marshal.GetLastPInvokeError()})");
        }
        finally
        {
            _ = CloseFile(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushFile(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);
}
