using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Jobs.Building;

/// <summary>Where the second pass took text out of elements, the pixels that showed it are painted over.</summary>
internal sealed class PixelFills
{
    /// <summary>Accessibility runs behind the screen by up to half a second, and a snapshot stands until the next one: a second on each side covers both.</summary>
    private const int SlackMs = 1_000;

    private const uint Grey = 0x00808080;

    private readonly List<(long FromMs, long ToMs, ScreenRect Bounds)> _fills = [];

    public void Add(SessionTime from, SessionTime to, ScreenRect bounds) => _fills.Add((from.Milliseconds - SlackMs, to.Milliseconds + SlackMs, bounds.Inflate(2)));

    /// <summary>Each image with what lies under a fill painted; images stay the caller's to dispose.</summary>
    public IEnumerable<(SessionTime Time, ScreenImage Image)> Apply(IEnumerable<(SessionTime Time, ScreenImage Image)> frames)
    {
        foreach (var (time, image) in frames)
        {
            foreach (var (from, to, bounds) in _fills)
            {
                if (time.Milliseconds >= from && time.Milliseconds <= to) image.Fill(bounds, Grey);
            }
            yield return (time, image);
        }
    }
}
