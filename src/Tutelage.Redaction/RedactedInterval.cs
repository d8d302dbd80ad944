using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;

namespace Tutelage.Redaction;

/// <summary>A frame whose pixels may be stored. Only tiles inside <see cref="ScreenImage.Damage"/> can differ from the redacted frame before.</summary>
public sealed record RedactedFrame(SessionTime Time, ScreenImage Image)
{
    public override string ToString() => nameof(RedactedFrame);
}

/// <summary>What may be stored of one interval: every list is in order of time. The holder disposes it, which disposes its frames.</summary>
public sealed record RedactedInterval : IDisposable
{
    public IReadOnlyList<InputEvent> Inputs { get; init; } = [];
    public IReadOnlyList<TypedText> Texts { get; init; } = [];
    public IReadOnlyList<ElementSnapshot> Elements { get; init; } = [];
    public IReadOnlyList<RedactedFrame> Frames { get; init; } = [];

    /// <summary>Holes that the desktop itself reported, and the whole interval if it was withheld.</summary>
    public IReadOnlyList<Gap> Gaps { get; init; } = [];

    /// <summary>Why nothing of the interval may be stored; null if it may. The gap is in <see cref="Gaps"/>.</summary>
    public GapReason? Withheld { get; init; }

    public RedactionCounts Counts { get; init; }

    public void Dispose()
    {
        foreach (var frame in Frames) frame.Image.Dispose();
    }

    public override string ToString() => $"{nameof(RedactedInterval)} ({Inputs.Count} inputs, {Frames.Count} frames)";
}

/// <summary>How much went in and what came of it.</summary>
/// <param name="InputsSeen">Captured input events (moves, buttons, scrolls, key downs and ups).</param>
/// <param name="InputsKept">Of those, the ones that are stored; keys of a run count as their downs and ups.</param>
/// <param name="Runs">Typed runs.</param>
/// <param name="Findings">Distinct findings of detectors.</param>
/// <param name="FramesSeen">Captured frames.</param>
/// <param name="FramesWithheld">Frames that do not leave (no tree for them, or shape only).</param>
/// <param name="FilledPixels">Pixels filled in changed regions.</param>
public readonly record struct RedactionCounts(int InputsSeen, int InputsKept, int Runs, int Findings, int FramesSeen, int FramesWithheld, long FilledPixels);
