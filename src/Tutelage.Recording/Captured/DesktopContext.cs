namespace Tutelage.Recording.Captured;

/// <summary>Focused app, document and account: what the gate decides about. "Not observed" is null, never an empty string.</summary>
/// <param name="App">The window's class in lower case (second part of WM_CLASS), such as <c>chromium</c>.</param>
/// <param name="ProcessId">0 if the window does not tell.</param>
/// <param name="Window">X window id, or another desktop's handle.</param>
/// <param name="Title">Whole title, document part included.</param>
/// <param name="Document">The address of the focused document (AT-SPI attribute <c>URI</c> of <c>document web</c>).</param>
/// <param name="Bounds">The window's outline on the screen.</param>
/// <param name="IsPrivate">True for private or incognito windows, as far as the app shows it.</param>
public sealed record DesktopContext(string? App, int ProcessId, long Window, string? Title, string? Document, ScreenRect Bounds, bool IsPrivate)
{
    public override string ToString() => $"{nameof(DesktopContext)} of {App}";
}
