using Tutelage.Recording.Captured;

namespace Tutelage.Recording.Segments;

/// <summary>Puts frames together again from tiles (layouts at <see cref="FrameWriter"/>, docs/formats/tiles.md). Tiles stay encoded in memory until shown.</summary>
internal sealed class FrameReader(SegmentLimits limits) : IDisposable
{
    private const int TilePrefixBytes = TileHash.Bytes + 3;

    private readonly Dictionary<TileHash, byte[]> _tiles = [];
    private readonly byte[] _pixels = new byte[TileGrid.MaxTileBytes];
    private ScreenImage? _screen;
    private TileGrid _grid;
    private long _tileBytes;

    /// <exception cref="RecordingFormatException">Not a tile, or more tiles than the limit.</exception>
    public void AddTile(ReadOnlySpan<byte> bytes, long offset)
    {
        if (bytes.Length is < TilePrefixBytes or > TilePrefixBytes + TileGrid.MaxTileBytes) throw new RecordingFormatException($"a tile of {bytes.Length} bytes", offset);
        if (bytes[TileHash.Bytes] is 0 or > TileGrid.Side || bytes[TileHash.Bytes + 1] is 0 or > TileGrid.Side) throw new RecordingFormatException("a tile larger than 64 x 64", offset);
        _tileBytes += bytes.Length;
        if (_tileBytes > limits.MaxTileBytes) throw new RecordingFormatException($"tiles of more than {limits.MaxTileBytes} bytes", offset);
        if (!_tiles.TryAdd(TileHash.Read(bytes), bytes[TileHash.Bytes..].ToArray())) throw new RecordingFormatException("a tile that was stored before", offset);
    }

    /// <returns>The screen as of this frame; damage bounds what changed. The caller disposes it.</returns>
    /// <exception cref="RecordingFormatException">Not a frame, a tile that is missing or altered, a screen over the limit.</exception>
    public ScreenImage Read(ReadOnlySpan<byte> bytes, long offset)
    {
        var cursor = new ByteCursor(bytes, offset);
        if (cursor.ReadByte("version") is var version && version != FrameWriter.Version) throw cursor.Fault($"frame version {version} is not known");
        var keyframe = cursor.ReadByte("flags") switch
        {
            0 => false,
            FrameWriter.KeyframeFlag => true,
            var flags => throw cursor.Fault($"frame flags {flags} are not known"),
        };
        var size = new ScreenSize(cursor.ReadCount("width", limits.MaxScreenSide), cursor.ReadCount("height", limits.MaxScreenSide));
        if (size.Width == 0 || size.Height == 0 || (long)size.Width * size.Height > limits.MaxScreenPixels)
            throw cursor.Fault($"a screen of {size.Width} x {size.Height} pixels, at most {limits.MaxScreenPixels} are accepted");
        if (!keyframe && size != _grid.Screen) throw cursor.Fault("a frame that does not follow a keyframe of its size");
        var grid = new TileGrid(size);
        var count = cursor.ReadCount("count of tiles", grid.Count);
        if (keyframe && count != grid.Count) throw cursor.Fault($"a keyframe of {count} tiles, the screen has {grid.Count}");
        if (cursor.Remaining < count * (1 + TileHash.Bytes)) throw cursor.Fault($"{count} tiles do not fit into {cursor.Remaining} bytes");

        if (keyframe)
        {
            _screen?.Dispose();
            (_grid, _screen) = (grid, ScreenImage.Rent(size, size.Bounds));
        }
        var screen = _screen ?? throw cursor.Fault("the first frame is not a keyframe");
        var damage = default(ScreenRect);
        var index = -1;
        for (var i = 0; i < count; i++)
        {
            index += 1 + cursor.ReadCount("tiles passed over", grid.Count - index - 2);
            var rect = grid.RectOf(index);
            TileGrid.Paste(Decode(TileHash.Read(cursor.Take(TileHash.Bytes, "hash")), rect, cursor.Offset), screen, rect);
            damage = damage.Union(rect);
        }
        if (cursor.Remaining != 0) throw cursor.Fault($"{cursor.Remaining} bytes behind the last tile");
        return screen.Copy(damage);
    }

    public void Dispose() => _screen?.Dispose();

    private Span<byte> Decode(TileHash hash, ScreenRect rect, long offset)
    {
        if (!_tiles.TryGetValue(hash, out var tile)) throw new RecordingFormatException("a tile that the segment does not hold", offset);
        if (tile[0] != rect.Width || tile[1] != rect.Height) throw new RecordingFormatException($"a tile of {tile[0]} x {tile[1]} where {rect.Width} x {rect.Height} belong", offset);
        var pixels = _pixels.AsSpan(0, rect.Width * rect.Height * 4);
        if (!TileCodec.TryDecode((TileEncoding)tile[2], tile.AsSpan(3), pixels)) throw new RecordingFormatException("a tile whose pixels are damaged", offset);
        return TileHash.Of(rect.Width, rect.Height, pixels) == hash ? pixels : throw new RecordingFormatException("a tile that is not what its hash says", offset);
    }
}
