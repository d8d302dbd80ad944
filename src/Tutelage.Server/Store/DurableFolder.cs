using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Tutelage.Server.Store;

/// <summary>Makes names in a folder outlive a power cut: a file's own flush does not cover its directory entry.</summary>
internal static class DurableFolder
{
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC

    /// <summary>Creates <paramref name="path"/> if it is missing, its entry synchronised.</summary>
    public static void Create(string path)
    {
        if (Directory.Exists(path)) return;
        CreatePrivate(path);
        if (Path.GetDirectoryName(path) is { } parent) Synchronise(parent);
    }

    /// <summary>Creates a folder that only its owner enters, its entry not yet synchronised.</summary>
    public static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <exception cref="IOException">The file system refused.</exception>
    public static void Synchronise(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        var descriptor = Open(path, ReadOnlyDirectory);
        if (descriptor < 0) throw Failure(path);
        try
        {
            if (Fsync(descriptor) != 0) throw Failure(path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"folder {path} cannot be synchronised: {new Win32Exception(error).Message}", error);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
