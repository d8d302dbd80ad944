namespace Tutelage.Desktop.X11;

/// <summary>A desktop behind an X server.</summary>
internal sealed class X11Desktop(string display) : IDesktopAdapter
{
    private static readonly (string Name, string Need)[] Extensions =
        [("XInputExtension", "input"), ("RECORD", "input"), ("DAMAGE", "the screen"), ("XTEST", "acting"), ("XKEYBOARD", "keys")];

    public string Name => "x11";

    public DesktopCheck Check()
    {
        using var connection = XConnection.TryOpen(display);
        if (connection is null)
        {
            return new(false, [$"the X server of display '{display}': it does not answer, or libX11.so.6 is not installed"],
                "Start the recorder inside the graphical session, check DISPLAY and XAUTHORITY, and install libx11-6, libxi6, libxtst6, libxext6, libxdamage1, libxfixes3.");
        }

        var missing = Extensions.Where(extension => Xlib.XQueryExtension(connection.Display, extension.Name, out _, out _, out _) == 0)
            .Select(extension => $"the X extension {extension.Name} (for {extension.Need})").ToList();
        if (missing.Count > 0) return new(false, missing, "Enable these extensions in the X server's configuration; X.Org and Xvfb have them by default.");
        var depth = Xlib.XDefaultDepth(connection.Display, connection.ScreenNumber);
        if (depth != 24) return new(false, [$"a screen of 24 bits (this one has {depth})"], "Choose a display mode with 24 bits of colour.");

        return Accessibility.AccessibilityBus.IsAnnounced(display, new WindowWatch(connection).AccessibilityBus())
            ? DesktopCheck.Ready
            : new(true, ["the accessibility bus (elements and documents stay unknown)"], "Install at-spi2-core and log in again.");
    }

    public IDesktopCapture OpenCapture(CaptureOptions options) => new X11Capture(options.Display ?? display, options);

    public IDesktopActor OpenActor() => new X11Actor(display);
}
