using System.Globalization;

namespace Tutelage.Ledger;

/// <summary>Where tlog-tiles puts things below a log's folder or address (c2sp.org/tlog-tiles).</summary>
public static class TilePath
{
    public const string Checkpoint = "checkpoint";

    /// <summary>Hashes in a full tile and entries in a full bundle.</summary>
    public const int FullWidth = 256;

    /// <summary>A node of tile level L + 1 is the root of 2^8 nodes of level L.</summary>
    public const int HeightPerLevel = 8;

    /// <param name="width">1 to 256; below 256 the tile is partial and says so in its path.</param>
    public static string Tile(int level, long index, int width = FullWidth) =>
        string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{Number(index)}{Partial(width)}");

    /// <inheritdoc cref="Tile"/>
    public static string Entries(long index, int width = FullWidth) => $"tile/entries/{Number(index)}{Partial(width)}";

    /// <summary>How many of a tree of <paramref name="size"/> leaves' nodes stand in tile <paramref name="index"/> of <paramref name="level"/>: 0 to 256.</summary>
    public static int WidthAt(long size, int level, long index)
    {
        var nodes = level >= 8 ? 0 : size >> (HeightPerLevel * level);
        return (int)Math.Clamp(nodes - index * FullWidth, 0, FullWidth);
    }

    private static string Partial(int width) =>
        width == FullWidth ? "" : string.Create(CultureInfo.InvariantCulture, $".p/{width}");

    private static string Number(long index)
    {
        var text = (index % 1000).ToString("000", CultureInfo.InvariantCulture);
        while ((index /= 1000) > 0) text = string.Create(CultureInfo.InvariantCulture, $"x{index % 1000:000}/{text}");
        return text;
    }
}
