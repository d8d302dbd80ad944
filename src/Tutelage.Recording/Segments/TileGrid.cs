using System.Runtime.InteropServices;
using Tutelage.Recording.Captured;

namespace Tutelage.Recording.Segments;

/// <summary>A screen cut into tiles of 64 x 64 pixels, counted row by row; those at the right and lower edge are smaller.</summary>
internal readonly record struct TileGrid(ScreenSize Screen)
{
    public const int Side = 64;

    public const int MaxTileBytes = Side * Side * 4;

    /// <summary>Opaque X, the only value a stored pixel has there.</summary>
    private const uint Opaque = 0xFF000000;

    public int Columns => (Screen.Width + Side - 1) / Side;
    public int Rows => (Screen.Height + Side - 1) / Side;
    public int Count => Columns * Rows;

    public ScreenRect RectOf(int index) => new ScreenRect(index % Columns * Side, index / Columns * Side, Side, Side).Intersect(Screen.Bounds);

    /// <summary>Indexes of the tiles that <paramref name="area"/> touches, ascending.</summary>
    public IEnumerable<int> Touching(ScreenRect area)
    {
        var clipped = area.Intersect(Screen.Bounds);
        if (clipped.IsEmpty) yield break;
        for (var row = clipped.Y / Side; row <= (clipped.Bottom - 1) / Side; row++)
            for (var column = clipped.X / Side; column <= (clipped.Right - 1) / Side; column++)
                yield return row * Columns + column;
    }

    /// <summary>Copies a tile's pixels with X = 255.</summary>
    public static Span<byte> Cut(ScreenImage image, ScreenRect rect, Span<byte> target)
    {
        var from = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        var to = MemoryMarshal.Cast<byte, uint>(target);
        for (var y = 0; y < rect.Height; y++)
        {
            var row = from.Slice((rect.Y + y) * image.Size.Width + rect.X, rect.Width);
            var cut = to.Slice(y * rect.Width, rect.Width);
            for (var x = 0; x < row.Length; x++) cut[x] = row[x] | Opaque;
        }
        return target[..(rect.Width * rect.Height * 4)];
    }

    public static void Paste(ReadOnlySpan<byte> tile, ScreenImage image, ScreenRect rect)
    {
        for (var y = 0; y < rect.Height; y++)
            tile.Slice(y * rect.Width * 4, rect.Width * 4).CopyTo(image.Pixels.Slice((rect.Y + y) * image.StrideBytes + rect.X * 4));
    }
}
