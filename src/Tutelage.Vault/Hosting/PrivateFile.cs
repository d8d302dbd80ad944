using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tutelage.Sealing.Memory;

namespace Tutelage.Hosting;

/// <summary>Files that only their owner may read: mode 0600, whole or not there, checked whenever they are read.</summary>
/// <remarks>A file is written to a neighbour <c>NAME.part</c>, flushed, renamed, and its folder flushed. If this were wrong, a crash could leave half a key under a key's name.</remarks>
internal static partial class PrivateFile
{
    /// <summary>Ending of a file that is being written. What a crash left under it is overwritten by the next write and never read.</summary>
    public const string Unfinished = ".part";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const int MaxSizeBytes = 64 * 1024;

    /// <exception cref="IOException">The file exists already.</exception>
    public static void Create(string path, ReadOnlySpan<byte> bytes)
    {
        if (File.Exists(path)) throw new IOException($"{path} exists already; key files are never replaced");
        WriteUnfinished(path, bytes);
        // If we crash here nothing stands under the name; whoever creates it does so again.
        File.Move(path + Unfinished, path, overwrite: false);
        FlushFolderOf(path);
    }

    /// <summary>Replaces or creates; afterwards the bytes that stood there are overwritten as far as the file system writes in place.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        WriteUnfinished(path, bytes);
        using var old = File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete) : null;
        // If we crash here the old bytes stand; if after the rename, the new ones: never a mixture.
        File.Move(path + Unfinished, path, overwrite: true);
        FlushFolderOf(path);
        if (old is null) return;
        Overwrite(old);
    }

    /// <summary>Overwrites and removes.</summary>
    public static void Destroy(string path)
    {
        if (!File.Exists(path)) return;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite)) Overwrite(file);
        // If we crash here zeros stand in its place.
        File.Delete(path);
        FlushFolderOf(path);
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerFolder);
    }

    /// <summary>An empty file to be written by somebody else, mode 0600.</summary>
    public static FileStream OpenNew(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    /// <summary>The bytes, or a fault if the file is missing, too long or open to others.</summary>
    public static byte[]? Read(string path, List<string> faults)
    {
        if (!IsSound(path, faults)) return null;
        return File.ReadAllBytes(path);
    }

    /// <summary>As <see cref="Read"/>, straight into locked memory.</summary>
    public static LockedBytes? ReadSecret(string path, List<string> faults)
    {
        if (!IsSound(path, faults)) return null;
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        if (length is < 1 or > LockedMemory.MaxSizeBytes)
        {
            faults.Add($"{path}: has {length} bytes and is no key; restore it");
            return null;
        }

        var secret = new LockedBytes((int)length);
        if (RandomAccess.Read(file, secret.Span, 0) == length) return secret;
        secret.Dispose();
        faults.Add($"{path}: could not be read whole; try again");
        return null;
    }

    public static string? FaultOfMode(string path)
    {
        if (OperatingSystem.IsWindows()) return null;
        var mode = File.GetUnixFileMode(path);
        return (mode & ~OwnerFolder) == UnixFileMode.None ? null : FaultOfMode(path, (int)mode);
    }

    public static string FaultOfMode(string path, int mode) => $"{path}: others may open it (mode {Convert.ToString(mode & 0xFFF, 8)}); chmod go-rwx '{path}'";

    /// <summary>Makes the names in a folder durable.</summary>
    public static void FlushFolderOf(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!; // a file has a folder
        var descriptor = OpenFile(folder, 0);
        if (descriptor < 0) throw new IOException($"{folder}: cannot be opened to flush it (errno {Marshal.GetLastPInvokeError()})");
        try
        {
            if (FlushFile(descriptor) != 0) throw new IOException($"{folder}: cannot be flushed (errno {Marshal.GetLastPInvokeError()})");
        }
        finally
        {
            _ = CloseFile(descriptor);
        }
    }

    private static bool IsSound(string path, List<string> faults)
    {
        var before = faults.Count;
        if (!File.Exists(path)) faults.Add($"{path}: missing; run with --init once, or restore it");
        else if (FaultOfMode(path) is { } fault) faults.Add(fault);
        else if (new FileInfo(path).Length > MaxSizeBytes) faults.Add($"{path}: longer than any key file");
        return faults.Count == before;
    }

    private static void WriteUnfinished(string path, ReadOnlySpan<byte> bytes)
    {
        File.Delete(path + Unfinished); // its mode is not ours to trust
        using var file = OpenNew(path + Unfinished);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    private static void Overwrite(FileStream file)
    {
        Span<byte> noise = stackalloc byte[4096];
        RandomNumberGenerator.Fill(noise);
        file.Position = 0;
        for (var left = file.Length; left > 0; left -= noise.Length) file.Write(noise[..(int)Math.Min(left, noise.Length)]);
        file.Flush(flushToDisk: true);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushFile(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);
}
