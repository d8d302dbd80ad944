using System.Runtime.InteropServices;

namespace Tutelage.Recorder.Spool;

/// <summary>A file that is there whole after a crash, or not at all.</summary>
internal static partial class DurableFile
{
    /// <summary>Mode 0600.</summary>
    /// <exception cref="IOException">The disk refused; there is no such file.</exception>
    public static void Write(string path, params ReadOnlySpan<ReadOnlyMemory<byte>> pieces)
    {
        var part = path + ".part";
        try
        {
            using (var file = new FileStream(part, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                foreach (var piece in pieces) file.Write(piece.Span);
                file.Flush(flushToDisk: true);
            }
        }
        catch
        {
            File.Delete(part);
            throw;
        }
        // If we crash here only the part is there, which is never read and replaced the next time.
        File.Move(part, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!); // a file has a folder
    }

    private static void SyncFolder(string folder)
    {
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
