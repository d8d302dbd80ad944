using System.Runtime.InteropServices;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Practice.Participants;

/// <summary>Finds a window that opened between two looks at the screen: the largest patch that changed, as eyes would.</summary>
/// <remarks>Other things change too (the old window's frame loses its colour), but they do not touch the new one or are smaller.</remarks>
internal static class NewWindow
{
    /// <summary>Pixels of a square that counts as changed or not, as a whole.</summary>
    private const int Cell = 8;

    /// <summary>Outline of the largest patch, to the pixel square of <see cref="Cell"/>; empty if nothing changed.</summary>
    public static ScreenRect Find(ScreenImage before, ScreenImage after)
    {
        var (columns, rows) = (before.Size.Width / Cell, before.Size.Height / Cell);
        var changed = new bool[columns * rows];
        for (var at = 0; at < changed.Length; at++) changed[at] = Differs(before, after, at % columns * Cell, at / columns * Cell);

        ScreenRect best = default;
        var bestCells = 0;
        var waiting = new Stack<int>();
        for (var seed = 0; seed < changed.Length; seed++)
        {
            if (!changed[seed]) continue;
            ScreenRect outline = default;
            var cells = 0;
            changed[seed] = false;
            waiting.Push(seed);
            while (waiting.TryPop(out var at))
            {
                var (x, y) = (at % columns, at / columns);
                outline = outline.Union(new ScreenRect(x * Cell, y * Cell, Cell, Cell));
                cells++;
                Take(x > 0, at - 1);
                Take(x + 1 < columns, at + 1);
                Take(y > 0, at - columns);
                Take(y + 1 < rows, at + columns);
            }
            if (cells > bestCells) (best, bestCells) = (outline, cells);
        }
        return best;

        void Take(bool inside, int at)
        {
            if (!inside || !changed[at]) return;
            changed[at] = false;
            waiting.Push(at);
        }
    }

    private static bool Differs(ScreenImage before, ScreenImage after, int x, int y)
    {
        var one = MemoryMarshal.Cast<byte, uint>(before.Pixels);
        var two = MemoryMarshal.Cast<byte, uint>(after.Pixels);
        for (var row = y; row < y + Cell; row++)
        {
            var at = row * before.Size.Width + x;
            if (!one.Slice(at, Cell).SequenceEqual(two.Slice(at, Cell))) return true;
        }
        return false;
    }
}
