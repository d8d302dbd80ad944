using System.Runtime.InteropServices;
using Tutelage.Desktop.X11;

namespace Tutelage.Desktop;

/// <summary>Finds the adapter for the desktop that this process runs on.</summary>
public static class DesktopAdapters
{
    public static IDesktopAdapter ForThisMachine() => For(Environment.GetEnvironmentVariable, CurrentPlatform());

    /// <summary>An X11 desktop that the caller names, such as <c>:99</c>.</summary>
    public static IDesktopAdapter ForX11(string display) => new X11Desktop(display);

    internal static IDesktopAdapter For(Func<string, string?> variable, OSPlatform platform)
    {
        if (platform == OSPlatform.Windows)
            return new UnsupportedDesktop("windows", "an adapter for Windows (input hooks, UI Automation, desktop duplication)",
                "Windows is not supported yet: record on Linux with X11.");
        if (platform == OSPlatform.OSX)
            return new UnsupportedDesktop("macos", "an adapter for macOS (event taps, the AX interface, ScreenCaptureKit)",
                "macOS is not supported yet: record on Linux with X11.");

        var display = variable("DISPLAY");
        var wayland = !string.IsNullOrEmpty(variable("WAYLAND_DISPLAY")) || variable("XDG_SESSION_TYPE") == "wayland";
        if (wayland)
            return new UnsupportedDesktop("wayland", "an adapter for Wayland (its compositor lets no program see the input and windows of others; XWayland shows only part of them)",
                "Wayland is not supported yet: log out and choose an X11 (Xorg) session at the login screen.");
        if (string.IsNullOrEmpty(display))
            return new UnsupportedDesktop("none", "an X11 display: DISPLAY is not set",
                "Run inside a graphical X11 session, or set DISPLAY to the display to record (for example DISPLAY=:0).");
        return new X11Desktop(display);
    }

    private static OSPlatform CurrentPlatform() =>
        OperatingSystem.IsWindows() ? OSPlatform.Windows : OperatingSystem.IsMacOS() ? OSPlatform.OSX : OSPlatform.Linux;
}
