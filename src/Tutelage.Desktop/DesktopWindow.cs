using Tutelage.Recording;

namespace Tutelage.Desktop;

/// <summary>A window that a window manager knows of.</summary>
/// <param name="Id">X window id.</param>
/// <param name="App">Class in lower case, null if the window does not tell.</param>
/// <param name="ProcessId">0 if the window does not tell.</param>
/// <param name="IsActive">It has the focus.</param>
public sealed record DesktopWindow(long Id, string? App, int ProcessId, string? Title, ScreenRect Bounds, bool IsActive)
{
    /// <summary>Titles are content: only the app is told.</summary>
    public override string ToString() => $"{nameof(DesktopWindow)} {Id} of {App}";
}
