namespace Tutelage.Recorder;

/// <summary>One recorder a desktop: a lock file named after the display in the user's runtime folder, let go by the kernel when the process ends.</summary>
internal sealed class DesktopLock : IDisposable
{
    private readonly FileStream _file;

    private DesktopLock(FileStream file) => _file = file;

    /// <summary>Null if another recorder holds <paramref name="display"/>.</summary>
    public static DesktopLock? TryTake(string display)
    {
        var folder = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Directory.Exists(runtime) ? runtime : Path.GetTempPath();
        var name = string.Concat(display.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
        try
        {
            return new(new FileStream(Path.Combine(folder, $"tutelage-recorder-{Environment.UserName}{name}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
