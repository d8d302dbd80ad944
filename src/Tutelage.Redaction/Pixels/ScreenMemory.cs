using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Pixels;

/// <summary>The screen as it was last stored, and which part of it must be looked at again.</summary>
internal sealed class ScreenMemory : IDisposable
{
    /// <summary>Redacted pixels only; null before the first frame.</summary>
    public ScreenImage? Stored { get; private set; }

    /// <summary>Filled for want of a settled tree: the next frame decides about it again.</summary>
    public ScreenRect Doubtful { get; set; }

    /// <summary>Outline of the window of the last frame.</summary>
    public ScreenRect Window { get; set; }

    public HashSet<Interface.MaskedPart> Masked { get; } = [];

    /// <summary>Makes sure that <see cref="Stored"/> has this size.</summary>
    /// <returns>True if it begins anew.</returns>
    public bool Fit(ScreenSize size)
    {
        if (Stored?.Size == size) return false;
        Stored?.Dispose();
        Stored = ScreenImage.Rent(size, size.Bounds);
        Stored.Fill(size.Bounds, FrameRedaction.FillColour);
        Doubtful = size.Bounds;
        return true;
    }

    public void Dispose()
    {
        Stored?.Dispose();
        Stored = null;
    }
}
