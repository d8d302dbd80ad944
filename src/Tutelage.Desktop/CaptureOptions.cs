namespace Tutelage.Desktop;

/// <summary>How a desktop is captured.</summary>
public sealed record CaptureOptions
{
    /// <value>X display such as <c>:0</c>; null (default) takes the adapter's own, which is <c>DISPLAY</c>.</value>
    public string? Display { get; init; }

    /// <value>Frames per second at most, 1 to 60, default 4. Nothing is taken while nothing changes.</value>
    public int MaxFramesPerSecond { get; init; } = 4;

    /// <value>Events that may wait for the reader, at least 256, default 65536: a minute at 1,000 events per second. More are counted as lost.</value>
    public int QueueCapacity { get; init; } = 65_536;

    /// <value>Process ids whose windows' elements are never read (the recorder's own indicator). Their focus is still reported as a context.</value>
    public IReadOnlySet<int> IgnoredProcesses { get; init; } = new HashSet<int>();

    /// <value>Whether interface elements are read, default true. Without them every context lacks its document.</value>
    public bool Elements { get; init; } = true;

    /// <value>Whether the screen is read, default true.</value>
    public bool Frames { get; init; } = true;
}
