namespace Tutelage.Hosting;

/// <summary>Files that only their owner may read: mode 0600, checked whenever they are read.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const int MaxSizeBytes = 64 * 1024;

    /// <exception cref="IOException">The file exists already.</exception>
    public static void Create(string path, ReadOnlySpan<byte> bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerFolder);
    }

    /// <summary>The bytes, or a fault if the file is missing, too long or open to others.</summary>
    public static byte[]? Read(string path, List<string> faults)
    {
        if (!File.Exists(path))
        {
            faults.Add($"{path}: missing; run with --init once, or restore it");
            return null;
        }

        if (FaultOfMode(path) is { } fault)
        {
            faults.Add(fault);
            return null;
        }

        if (new FileInfo(path).Length <= MaxSizeBytes) return File.ReadAllBytes(path);
        faults.Add($"{path}: longer than any key file");
        return null;
    }

    public static string? FaultOfMode(string path)
    {
        if (OperatingSystem.IsWindows()) return null;
        var mode = File.GetUnixFileMode(path);
        return (mode & ~OwnerFolder) == UnixFileMode.None ? null : $"{path}: others may open it (mode {Convert.ToString((int)mode, 8)}); chmod go-rwx '{path}'";
    }
}
