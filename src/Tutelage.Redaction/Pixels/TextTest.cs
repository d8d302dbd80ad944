using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Redaction.Interface;

namespace Tutelage.Redaction.Pixels;

/// <summary>Fills what looks like text where no element explains the pixels.</summary>
/// <remarks>
/// A tile of 8 × 8 pixels in which all rows are alike (a vertical line, a border) or every row is of one colour (a horizontal line, a surface) cannot be
/// part of a letter's shape by itself; any other tile may be. Tiles with edges that hang together with such a tile are filled with it, and small groups
/// (up to a big letter) with all that they enclose. The test errs towards filling: rounded corners go too. If it is wrong, text that accessibility does
/// not know stays readable.
/// </remarks>
internal static class TextTest
{
    public const int Tile = 8;

    /// <summary>Differences per channel up to this are paint noise and slow gradients; the faintest legible text we know (#767676 on white is the contrast minimum of WCAG 2) differs by far more.</summary>
    private const byte Noise = 12;

    /// <summary>A group of tiles up to this edge, in pixels, is filled with all that it encloses: strokes of big letters are flat inside.</summary>
    private const int BiggestLetter = 160;

    /// <summary>Fills inside <paramref name="mask"/>'s region, which MUST be aligned to <see cref="Tile"/> on the left and top.</summary>
    /// <param name="isText">Says of a group's outline whether it may hold text; null: it may.</param>
    /// <returns>Filled pixels.</returns>
    public static long Fill(ScreenImage image, AreaMask mask, Predicate<ScreenRect>? isText)
    {
        var region = mask.Region;
        int columns = (region.Width + Tile - 1) / Tile, rows = (region.Height + Tile - 1) / Tile;
        var kinds = new byte[columns * rows];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                kinds[row * columns + column] = (byte)Kind(image, mask, new ScreenRect(region.X + column * Tile, region.Y + row * Tile, Tile, Tile).Intersect(region));

        long filled = 0;
        var stack = new Stack<int>();
        var members = new List<int>();
        for (var seed = 0; seed < kinds.Length; seed++)
        {
            if (kinds[seed] != (byte)TileKind.Shape) continue;
            members.Clear();
            stack.Push(seed);
            kinds[seed] = (byte)TileKind.Flat;
            int left = columns, right = 0, top = rows, bottom = 0;
            while (stack.TryPop(out var at))
            {
                members.Add(at);
                int x = at % columns, y = at / columns;
                (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
                for (var nextY = Math.Max(0, y - 1); nextY <= Math.Min(rows - 1, y + 1); nextY++)
                {
                    for (var nextX = Math.Max(0, x - 1); nextX <= Math.Min(columns - 1, x + 1); nextX++)
                    {
                        var next = nextY * columns + nextX;
                        if (kinds[next] == (byte)TileKind.Flat) continue;
                        kinds[next] = (byte)TileKind.Flat;
                        stack.Push(next);
                    }
                }
            }

            var outline = new ScreenRect(region.X + left * Tile, region.Y + top * Tile, (right - left + 1) * Tile, (bottom - top + 1) * Tile).Intersect(region);
            if (isText?.Invoke(outline) == false) continue;
            var colour = Background(image, mask, outline);
            if (outline.Width <= BiggestLetter && outline.Height <= BiggestLetter) filled += FillUnexplained(image, mask, outline, colour);
            else
            {
                foreach (var at in members)
                {
                    filled += FillUnexplained(image, mask, TileAt(region, at, columns), colour);
                    stack.Push(at);
                }

                filled += FillEnclosed(image, mask, outline, colour, stack, columns, rows);
            }
        }

        return filled;
    }

    /// <summary>Flat tiles of another colour that hang together with a group, inside its outline: the insides of strokes of a big line.</summary>
    private static long FillEnclosed(ScreenImage image, AreaMask mask, ScreenRect outline, uint colour, Stack<int> from, int columns, int rows)
    {
        long filled = 0;
        while (from.TryPop(out var at))
        {
            int x = at % columns, y = at / columns;
            for (var nextY = Math.Max(0, y - 1); nextY <= Math.Min(rows - 1, y + 1); nextY++)
            {
                for (var nextX = Math.Max(0, x - 1); nextX <= Math.Min(columns - 1, x + 1); nextX++)
                {
                    var next = nextY * columns + nextX;
                    var tile = TileAt(mask.Region, next, columns);
                    if (!outline.Contains(tile) || !Differs(image, mask, tile, colour)) continue;
                    filled += FillUnexplained(image, mask, tile, colour);
                    from.Push(next);
                }
            }
        }

        return filled;
    }

    private static bool Differs(ScreenImage image, AreaMask mask, ScreenRect tile, uint colour)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        for (var y = tile.Y; y < tile.Bottom; y++)
        {
            var row = mask.Row(y).Slice(tile.X - mask.Region.X, tile.Width);
            for (var x = 0; x < row.Length; x++)
                if (row[x] == (byte)Area.Unexplained && (pixels[y * image.Size.Width + tile.X + x] & 0x00FF_FFFF) != colour) return true;
        }

        return false;
    }

    private static ScreenRect TileAt(ScreenRect region, int index, int columns) =>
        new ScreenRect(region.X + index % columns * Tile, region.Y + index / columns * Tile, Tile, Tile).Intersect(region);

    private enum TileKind : byte
    {
        Flat,
        Line,
        Shape,
    }

    private static TileKind Kind(ScreenImage image, AreaMask mask, ScreenRect tile)
    {
        var unexplained = false;
        for (var y = tile.Y; y < tile.Bottom && !unexplained; y++) unexplained = mask.Row(y).Slice(tile.X - mask.Region.X, tile.Width).Contains((byte)Area.Unexplained);
        if (!unexplained) return TileKind.Flat;
        if (tile.Width < Tile || tile.Height < Tile) return TileKind.Shape;

        var pixels = image.Pixels;
        var stride = image.StrideBytes;
        var first = Row(pixels, tile.Y * stride + tile.X * 4);
        var rowsDiffer = Vector256<byte>.Zero;
        var columnsDiffer = Vector256<byte>.Zero;
        for (var y = 0; y < Tile; y++)
        {
            var row = Row(pixels, (tile.Y + y) * stride + tile.X * 4);
            rowsDiffer = Vector256.Max(rowsDiffer, Difference(row, first));
            columnsDiffer = Vector256.Max(columnsDiffer, Difference(row, Vector256.Create(row.AsUInt32().ToScalar()).AsByte()));
        }

        var limit = Vector256.Create(Noise);
        var rowsAlike = !Vector256.GreaterThanAny(rowsDiffer, limit);
        var columnsAlike = !Vector256.GreaterThanAny(columnsDiffer, limit);
        return rowsAlike && columnsAlike ? TileKind.Flat : rowsAlike || columnsAlike ? TileKind.Line : TileKind.Shape;
    }

    /// <summary>Eight pixels, the unused fourth byte of each cleared.</summary>
    private static Vector256<byte> Row(ReadOnlySpan<byte> pixels, int at) =>
        Vector256.Create(pixels.Slice(at, 32)) & Vector256.Create(0x00FF_FFFFu).AsByte();

    private static Vector256<byte> Difference(Vector256<byte> a, Vector256<byte> b) => Vector256.Max(a, b) - Vector256.Min(a, b);

    /// <summary>The colour that most unexplained pixels just outside of a group have (Boyer and Moore's majority vote), grey if there are none.</summary>
    private static uint Background(ScreenImage image, AreaMask mask, ScreenRect group)
    {
        var outline = group.Inflate(1).Intersect(mask.Region);
        var pixels = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        var colour = FrameRedaction.FillColour;
        var lead = 0;
        for (var y = outline.Y; y < outline.Bottom; y++)
        {
            var step = y == outline.Y || y == outline.Bottom - 1 ? 1 : Math.Max(1, outline.Width - 1);
            for (var x = outline.X; x < outline.Right; x += step)
            {
                if (mask.Row(y)[x - mask.Region.X] != (byte)Area.Unexplained) continue;
                var pixel = pixels[y * image.Size.Width + x] & 0x00FF_FFFF;
                if (lead == 0) (colour, lead) = (pixel, 1);
                else lead += pixel == colour ? 1 : -1;
            }
        }

        return colour;
    }

    private static long FillUnexplained(ScreenImage image, AreaMask mask, ScreenRect rect, uint colour)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        long filled = 0;
        for (var y = rect.Y; y < rect.Bottom; y++)
        {
            var row = mask.Row(y).Slice(rect.X - mask.Region.X, rect.Width);
            for (var x = 0; x < row.Length; x++)
            {
                if (row[x] != (byte)Area.Unexplained) continue;
                pixels[y * image.Size.Width + rect.X + x] = colour;
                filled++;
            }
        }

        return filled;
    }
}
