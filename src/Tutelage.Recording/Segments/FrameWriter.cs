using Tutelage.Recording.Captured;
using Tutelage.Recording.Mcap;

namespace Tutelage.Recording.Segments;

/// <summary>Cuts frames into tiles and writes those that the segment does not hold yet; layouts of docs/formats/tiles.md.</summary>
/// <remarks>
/// <code>
/// tile    hash[16] | u8 width | u8 height | u8 encoding | pixels (TileCodec)
/// frame   u8 version 1 | u8 flags (bit 0 keyframe) | varint width | varint height | varint count | count × (varint tiles passed over, hash[16])
/// </code>
/// A frame stands behind the tiles it names, so every prefix of the file is whole. The first frame, and each one after the screen changed its size, is a keyframe.
/// </remarks>
internal sealed class FrameWriter(McapWriter mcap, ushort tileChannel, ushort frameChannel)
{
    public const byte Version = 1;
    public const byte KeyframeFlag = 1;

    private readonly HashSet<TileHash> _stored = [];
    private readonly ByteBuffer _tile = new(TileGrid.MaxTileBytes + 64);
    private readonly ByteBuffer _frame = new();
    private readonly byte[] _pixels = new byte[TileGrid.MaxTileBytes];
    private TileGrid _grid;
    private TileHash[] _shown = [];

    public void Write(SessionTime time, ScreenImage image)
    {
        var keyframe = _grid.Screen != image.Size;
        if (keyframe)
        {
            _grid = new(image.Size);
            _shown = new TileHash[_grid.Count];
        }

        var changed = new List<int>();
        foreach (var index in _grid.Touching(keyframe ? image.Size.Bounds : image.Damage))
        {
            var rect = _grid.RectOf(index);
            var pixels = TileGrid.Cut(image, rect, _pixels);
            var hash = TileHash.Of(rect.Width, rect.Height, pixels);
            if (_shown[index] == hash) continue;
            _shown[index] = hash;
            changed.Add(index);
            if (_stored.Add(hash)) WriteTile(time, rect, pixels, hash);
        }

        _frame.Clear();
        _frame.WriteByte(Version);
        _frame.WriteByte(keyframe ? KeyframeFlag : (byte)0);
        _frame.WriteVarint((ulong)image.Size.Width);
        _frame.WriteVarint((ulong)image.Size.Height);
        _frame.WriteVarint((ulong)changed.Count);
        var next = 0;
        foreach (var index in changed)
        {
            _frame.WriteVarint((ulong)(index - next));
            _shown[index].Write(_frame.Append(TileHash.Bytes));
            next = index + 1;
        }
        mcap.WriteMessage(frameChannel, time.Nanoseconds, _frame.Written);
    }

    private void WriteTile(SessionTime time, ScreenRect rect, ReadOnlySpan<byte> pixels, TileHash hash)
    {
        _tile.Clear();
        hash.Write(_tile.Append(TileHash.Bytes));
        _tile.WriteByte((byte)rect.Width);
        _tile.WriteByte((byte)rect.Height);
        _tile.WriteByte(0);
        var encoding = TileCodec.Encode(pixels, _tile);
        _tile.Patch(TileHash.Bytes + 2, 1)[0] = (byte)encoding;
        mcap.WriteMessage(tileChannel, time.Nanoseconds, _tile.Written);
    }
}
