namespace Tutelage.Recorder;

/// <summary>One recorder a desktop and one a folder: a lock file, let go by the kernel when the process ends.</summary>
internal sealed class DesktopLock : IDisposable
{
    private readonly FileStream _file;

    private DesktopLock(FileStream file) => _file = file;

    /// <summary>Null if another recorder of this user holds <paramref name="display"/>.</summary>
    public static DesktopLock? TryTake(string display)
    {
        var folder = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Directory.Exists(runtime) ? runtime : Path.GetTempPath();
        return TryTakeFile(Path.Combine(folder, $"tutelage-recorder-{Environment.UserName}-{NameOf(display)}.lock"));
    }

    /// <summary>Null if another recorder writes into <paramref name="folder"/>: it would take the other's open segment for one of a dead recorder.</summary>
    public static DesktopLock? TryTakeFolder(string folder) => TryTakeFile(Path.Combine(folder, "recorder.lock"));

    public void Dispose() => _file.Dispose();

    private static DesktopLock? TryTakeFile(string path)
    {
        try
        {
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary><c>:0</c>, <c>:0.0</c> and <c>unix:0</c> are one desktop.</summary>
    private static string NameOf(string display)
    {
        var colon = display.LastIndexOf(':');
        if (colon < 0) return "none";
        var host = display[..colon] is "unix" or "localhost" ? "" : display[..colon];
        var number = display[(colon + 1)..].Split('.')[0];
        return string.Concat((host + "_" + number).Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
    }
}
