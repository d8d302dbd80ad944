using System.Diagnostics;
using System.Globalization;
using Tutelage.Desktop;
using Tutelage.Practice;
using Tutelage.Recording;
using Tutelage.Testing;

namespace Tutelage.Recorder.Tests.Support;

/// <summary>A desktop with one editor, shared by the tests of a class; null where its programs are missing.</summary>
public sealed class EditorDesktop : IAsyncLifetime
{
    public VirtualDesktop? Desktop { get; private set; }

    public VirtualApplication? Editor { get; private set; }

    public async Task InitializeAsync()
    {
        if (!RequiredPrograms.AreThere("Xvfb", "openbox", "dbus-daemon", "mousepad", "xdotool", "zenity")) return;
        Desktop = await VirtualDesktop.StartAsync();
        Editor = await Desktop.StartApplicationAsync("mousepad");
        XDoTool("windowmove", Window, "0", "60");
        XDoTool("windowsize", Window, "900", "600");
    }

    public async Task DisposeAsync()
    {
        if (Desktop is not null) await Desktop.DisposeAsync();
    }

    internal string Window => Editor!.Window.ToString(CultureInfo.InvariantCulture);

    internal string XDoTool(params string[] arguments)
    {
        var start = new ProcessStartInfo("xdotool") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["DISPLAY"] = Desktop!.Display;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Trim();
    }

    /// <summary>The indicator's window, by its name.</summary>
    internal string IndicatorWindow() => XDoTool("search", "--name", "Tutelage recording indicator").Split('\n')[^1];
}

/// <summary>A hand that moves the pointer through places that number themselves, so that a recording tells which moves it holds.</summary>
internal sealed class NumberedMoves(IDesktopActor actor) : IDisposable
{
    private const int Columns = 500;

    /// <summary>Boot-clock milliseconds at which each move was made.</summary>
    public List<long> MadeAtMs { get; } = [];

    public static ScreenPoint PlaceOf(int number) => new(100 + number % Columns, 200 + number / Columns);

    public static int NumberOf(ScreenPoint place) => (place.Y - 200) * Columns + place.X - 100;

    public async Task MoveForAsync(TimeSpan duration, int everyMs)
    {
        var end = BootClock.Now() + duration;
        while (BootClock.Now() < end)
        {
            actor.Move(PlaceOf(MadeAtMs.Count));
            MadeAtMs.Add(BootClock.Now().Nanoseconds / 1_000_000);
            await Task.Delay(everyMs);
        }
    }

    public void Dispose() => actor.Dispose();
}
