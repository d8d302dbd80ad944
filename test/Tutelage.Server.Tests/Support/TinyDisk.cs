using System.Diagnostics;
using System.Globalization;

namespace Tutelage.Server.Tests;

/// <summary>A file system of a few megabytes in RAM, so that "full" can be had at will. Needs root.</summary>
internal sealed class TinyDisk : IDisposable
{
    private TinyDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null (with a line that says why) where it cannot be mounted.</summary>
    /// <exception cref="InvalidOperationException">It cannot be mounted and <c>CI=true</c>.</exception>
    public static TinyDisk? Mount(int megabytes)
    {
        var path = Directory.CreateTempSubdirectory("tutelage-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", path) == 0) return new TinyDisk(path);
        Directory.Delete(path);
        if (Environment.GetEnvironmentVariable("CI") == "true") throw new InvalidOperationException("a tmpfs cannot be mounted; CI runs as root in a container that may");
        Console.WriteLine("skipped: a small tmpfs for the full-disk test needs root");
        return null;
    }

    /// <summary>Takes what space is left, to the last page.</summary>
    public void Fill()
    {
        using var filler = new FileStream(System.IO.Path.Combine(Path, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            for (var page = new byte[4096]; ;) filler.Write(page);
        }
        catch (IOException)
        {
            // Full, as was wanted.
        }
    }

    public void Free() => File.Delete(System.IO.Path.Combine(Path, "filler"));

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static int Run(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true, UseShellExecute = false }) ?? throw new InvalidOperationException(program);
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
