using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>The files that make up a spool file, and how they become durable. Layout: docs/formats/spool.md.</summary>
public static partial class SpoolFile
{
    internal const string TailSuffix = ".tail";
    internal const string PartSuffix = ".part";

    /// <summary>Removes the file and what stands beside it; what is not there is no fault.</summary>
    /// <exception cref="IOException">A file could not be removed.</exception>
    public static void Delete(string path)
    {
        // If we crash here, the main file stands without its tail and is deleted again on the next call.
        File.Delete(TailPath(path));
        File.Delete(TailPath(path) + PartSuffix);
        File.Delete(path + PartSuffix);
        File.Delete(path);
        SyncFolderOf(path);
    }

    internal static string TailPath(string path) => path + TailSuffix;

    /// <summary>Binds a tail to its main file: SHA-256 of the main file's header and payload nonce.</summary>
    internal static byte[] Binding(ReadOnlySpan<byte> header, ReadOnlySpan<byte> nonce) => SHA256.HashData([.. header, .. nonce]);

    internal static FileStream CreatePart(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path + PartSuffix, options);
    }

    /// <summary>Makes creations, renames and removals in the folder durable. Linux and macOS; elsewhere the file system has no such call.</summary>
    /// <exception cref="IOException">The folder could not be synced.</exception>
    internal static void SyncFolderOf(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        var descriptor = Open(folder, 0);
        if (descriptor < 0) throw new IOException($"cannot open folder {folder} to sync it (errno {Marshal.GetLastPInvokeError()})");
        var failed = Sync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (failed) throw new IOException($"cannot sync folder {folder} (errno {error})");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
