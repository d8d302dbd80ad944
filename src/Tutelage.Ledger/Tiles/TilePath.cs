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

    /// <summary>What a path names; null for anything that is not spelled exactly as a log spells it.</summary>
    public static Name? Parse(string path)
    {
        var parts = path.Split('/');
        if (parts.Length < 3 || parts[0] != "tile") return null;
        int? level = null;
        if (parts[1] != "entries")
        {
            if (parts[1].Length != 1 || parts[1][0] is < '0' or > '7') return null;
            level = parts[1][0] - '0';
        }

        var (width, digits) = (FullWidth, parts[2..]);
        if (digits.Length >= 2 && digits[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(digits[^1], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= FullWidth) return null;
            digits = [.. digits[..^2], digits[^2][..^2]];
        }

        if (digits.Length > 6 || !long.TryParse(string.Concat(digits.Select(d => d.TrimStart('x'))), NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return null;
        var spelled = level is { } l ? Tile(l, index, width) : Entries(index, width);
        return spelled == path ? new Name(level, index, width) : null;
    }

    private static string Partial(int width) =>
        width == FullWidth ? "" : string.Create(CultureInfo.InvariantCulture, $".p/{width}");

    private static string Number(long index)
    {
        var text = (index % 1000).ToString("000", CultureInfo.InvariantCulture);
        while ((index /= 1000) > 0) text = string.Create(CultureInfo.InvariantCulture, $"x{index % 1000:000}/{text}");
        return text;
    }

    /// <param name="Level">Null for a bundle of entries.</param>
    public readonly record struct Name(int? Level, long Index, int Width);
}
