using System.Runtime.InteropServices;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Practice.Participants;

/// <summary>Finds the rows of a native select's popup on the screen: no page knows where the browser draws them.</summary>
internal static class NativePopup
{
    /// <summary>A popup may stand this far from its select's edge, in pixels.</summary>
    private const int Reach = 8;

    /// <summary>Rows without any change inside a popup: the empty space between two lines of text.</summary>
    private const int MaxGap = 26;

    /// <summary>The box of row <paramref name="index"/> of <paramref name="count"/>, null if no popup opened.</summary>
    public static ScreenRect? Row(ScreenImage before, ScreenImage after, ScreenRect select, int index, int count)
    {
        var left = Math.Max(0, select.X - 2);
        var right = Math.Min(before.Size.Width, select.Right + 2);
        var below = Extent(select.Bottom + 1, 1) ?? (0, 0);
        var above = Extent(select.Y - 2, -1) ?? (0, 0);
        var opensUp = above.First - above.Last > below.Last - below.First;
        var (from, to) = opensUp ? (above.Last, above.First) : (below.First, below.Last);
        if (to - from < 8 * count) return null;
        var height = (to - from + 1 - 2.0) / count;
        var top = (int)Math.Round(from + 1 + index * height);
        return new ScreenRect(select.X + 4, top, Math.Max(20, select.Width - 8), (int)Math.Round(from + 1 + (index + 1) * height) - top);

        // First and last changed row next to the select, walking away from it.
        (int First, int Last)? Extent(int start, int step)
        {
            int? first = null;
            var last = 0;
            for (var y = start; y >= 0 && y < before.Size.Height; y += step)
            {
                if (Changed(y))
                {
                    if (first is null && Math.Abs(y - start) > Reach) return null;
                    first ??= y;
                    last = y;
                }
                else if (first is not null && Math.Abs(y - last) > MaxGap) break;
            }
            return first is { } begin ? (begin, last) : null;
        }

        bool Changed(int y)
        {
            var one = MemoryMarshal.Cast<byte, uint>(before.Pixels).Slice(y * before.Size.Width + left, right - left);
            var two = MemoryMarshal.Cast<byte, uint>(after.Pixels).Slice(y * before.Size.Width + left, right - left);
            return !one.SequenceEqual(two);
        }
    }
}
