namespace Tutelage.Desktop;

/// <summary>Recognises private and incognito windows by what browsers write into their titles and accessible names (English builds).</summary>
/// <remarks>A browser in another language may not be recognised: a manifest that allows a browser names sites, and private windows are blocked twice.</remarks>
internal static class PrivateWindows
{
    /// <summary>Chromium and Chrome; Edge; Firefox; Opera and Brave.</summary>
    private static readonly string[] Marks = ["(Incognito)", "New Incognito Tab", "InPrivate", "Private Browsing", "(Private)", "New Private Tab", "Private Window"];

    public static bool IsPrivateTitle(string? title) =>
        title is not null && Array.Exists(Marks, mark => title.Contains(mark, StringComparison.OrdinalIgnoreCase));
}
