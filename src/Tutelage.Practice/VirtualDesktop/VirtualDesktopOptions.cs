using Tutelage.Recording;

namespace Tutelage.Practice;

/// <summary>What a desktop without a screen looks like.</summary>
public sealed record VirtualDesktopOptions
{
    /// <value>Pixels of its screen, default 1280×800.</value>
    public ScreenSize Screen { get; init; } = new(1280, 800);

    /// <value>Whether the accessibility bus runs, default true.</value>
    public bool Accessibility { get; init; } = true;

    /// <value>How long each part may take until it is ready, default 30 s.</value>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>How a browser is started on a virtual desktop.</summary>
public sealed record VirtualBrowserOptions
{
    /// <value>Where its window goes; null (default) maximises it.</value>
    public ScreenRect? Window { get; init; }

    /// <value>Whether it is a private window, default false.</value>
    public bool Incognito { get; init; }

    /// <value>Further command-line switches, default none.</value>
    public IReadOnlyList<string> Switches { get; init; } = [];
}
