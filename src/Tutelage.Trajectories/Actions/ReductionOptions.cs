namespace Tutelage.Trajectories;

/// <summary>Thresholds of the reducer. Times compare against stored times, which are multiples of the quantum (50 ms by default).</summary>
public sealed record ReductionOptions
{
    public static ReductionOptions Default { get; } = new();

    /// <value>Pixels between press and release up to which it is a click. Default 10.</value>
    public int ClickRadius { get; init; } = 10;

    /// <value>Milliseconds from press to press up to which clicks count together. Default 500, as browsers on Linux do.</value>
    public int MultiClickMs { get; init; } = 500;

    /// <value>Pixels between presses up to which clicks count together. Default 4: Windows and Chromium allow 2, GTK 5.</value>
    public int MultiClickRadius { get; init; } = 4;

    /// <value>Milliseconds of rest that end a run of scrolls. Default 1,000.</value>
    public int ScrollRestMs { get; init; } = 1_000;

    /// <value>Milliseconds from press to press up to which one key pressed again is counted. Default 1,000.</value>
    public int KeyRepeatMs { get; init; } = 1_000;

    /// <value>Milliseconds between runs of typing into one field up to which they are one. Default 5,000.</value>
    public int TypingRestMs { get; init; } = 5_000;

    /// <value>Milliseconds that a target must have been missing after the action before it for a wait. Default 1,500.</value>
    public int WaitMs { get; init; } = 1_500;
}
