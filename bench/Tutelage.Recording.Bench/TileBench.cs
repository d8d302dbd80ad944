using System.Runtime.InteropServices;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Images;
using Tutelage.Recording.Mcap;
using Tutelage.Recording.Segments;

namespace Tutelage.Recording.Bench;

/// <summary>Whole frames through a segment, and the encodings that were weighed against each other for its tiles.</summary>
internal static class TileBench
{
    public static void Run(string? path)
    {
        using var screen = path is null ? Interface(new(1600, 900)) : Read(path);
        var what = $"{path ?? "drawn interface"}, {screen.Size.Width} x {screen.Size.Height}";
        var megabytes = screen.Pixels.Length / 1e6;
        foreach (var compression in new[] { McapCompression.Zstd, McapCompression.None })
        {
            byte[] file = [];
            var write = Report.Best(() => file = Write(screen, compression));
            var read = Report.Best(() =>
            {
                foreach (var (_, image) in SegmentReader.Open(new Dictionary<ContentClass, Stream> { [ContentClass.Frames] = new MemoryStream(file) }).Frames) image.Dispose();
            });
            Report.Row($"keyframe, {compression}, {what}", $"{file.Length / 1e3:F0} kB");
            Report.Row($"keyframe, {compression}, write", $"{megabytes / write:F0} MB/s");
            Report.Row($"keyframe, {compression}, read", $"{megabytes / read:F0} MB/s");
        }

        var png = new MemoryStream();
        var seconds = Report.Best(() =>
        {
            png.SetLength(0);
            Png.Write(png, screen);
        });
        Report.Row("the same as PNG", $"{png.Length / 1e3:F0} kB at {megabytes / seconds:F0} MB/s");

        var tiles = Tiles(screen);
        Compare("runs (TileCodec)", tiles, (pixels, _, buffer) => TileCodec.Encode(pixels, buffer));
        Compare("B G R as it is", tiles, (pixels, _, buffer) => Raw(pixels, buffer));
        Compare("PNG filter up", tiles, (pixels, width, buffer) => Up(pixels, width, buffer));
        Compare("palette of a byte, else B G R", tiles, (pixels, _, buffer) => Palette(pixels, buffer));
    }

    private static void Compare(string what, List<(byte[] Pixels, int Width)> tiles, Action<byte[], int, ByteBuffer> encode)
    {
        var output = new MemoryStream();
        var plain = 0L;
        var seconds = Report.Best(() =>
        {
            output.SetLength(0);
            plain = 0;
            using var writer = new McapWriter(output, new() { Compression = McapCompression.Zstd, MessageIndexes = false });
            var channel = writer.AddChannel("tile", what);
            var buffer = new ByteBuffer();
            foreach (var (pixels, width) in tiles)
            {
                buffer.Clear();
                encode(pixels, width, buffer);
                plain += buffer.Length;
                writer.WriteMessage(channel, 0, buffer.Written);
            }
            writer.Complete();
        });
        Report.Row($"tiles as {what}: plain, in zstd chunks, speed", $"{plain / 1e3:F0} kB {output.Length / 1e3:F0} kB {tiles.Sum(tile => tile.Pixels.Length) / 1e6 / seconds:F0} MB/s");
    }

    private static byte[] Write(ScreenImage screen, McapCompression compression)
    {
        var frames = new MemoryStream();
        using var writer = new SegmentWriter(
            new Dictionary<ContentClass, Stream> { [ContentClass.Input] = Stream.Null, [ContentClass.Frames] = frames },
            new(new('0', 32), 0, DateTimeOffset.UnixEpoch, screen.Size, new('0', 64), "bench", 1, false), compression);
        writer.Write(new SessionTime(0), screen);
        writer.Complete(new(default, 0, 0, 0, 0, 1));
        return frames.ToArray();
    }

    private static List<(byte[] Pixels, int Width)> Tiles(ScreenImage screen)
    {
        var grid = new TileGrid(screen.Size);
        var seen = new HashSet<TileHash>();
        var tiles = new List<(byte[], int)>();
        var scratch = new byte[TileGrid.MaxTileBytes];
        foreach (var index in grid.Touching(screen.Size.Bounds))
        {
            var rect = grid.RectOf(index);
            var pixels = TileGrid.Cut(screen, rect, scratch);
            if (seen.Add(TileHash.Of(rect.Width, rect.Height, pixels))) tiles.Add((pixels.ToArray(), rect.Width));
        }
        return tiles;
    }

    private static void Raw(ReadOnlySpan<byte> pixels, ByteBuffer buffer)
    {
        var target = buffer.Append(pixels.Length / 4 * 3);
        for (int from = 0, to = 0; from < pixels.Length; from += 4, to += 3) pixels.Slice(from, 3).CopyTo(target[to..]);
    }

    private static void Up(ReadOnlySpan<byte> pixels, int width, ByteBuffer buffer)
    {
        var target = buffer.Append(pixels.Length / 4 * 3);
        for (int from = 0, to = 0; from < pixels.Length; from += 4, to += 3)
            for (var i = 0; i < 3; i++) target[to + i] = (byte)(pixels[from + i] - (from >= width * 4 ? pixels[from + i - width * 4] : 0));
    }

    private static void Palette(ReadOnlySpan<byte> pixels, ByteBuffer buffer)
    {
        var colours = new Dictionary<uint, byte>();
        var indexes = new byte[pixels.Length / 4];
        var values = MemoryMarshal.Cast<byte, uint>(pixels);
        for (var i = 0; i < values.Length; i++)
        {
            if (!colours.TryGetValue(values[i], out var index))
            {
                if (colours.Count == 256)
                {
                    Raw(pixels, buffer);
                    return;
                }
                colours.Add(values[i], index = (byte)colours.Count);
            }
            indexes[i] = index;
        }
        buffer.WriteByte((byte)(colours.Count - 1));
        foreach (var colour in colours.Keys)
        {
            buffer.WriteUInt16((ushort)colour);
            buffer.WriteByte((byte)(colour >> 16));
        }
        buffer.WriteBytes(indexes);
    }

    private static ScreenImage Read(string path)
    {
        using var input = File.OpenRead(path);
        return Png.Read(input);
    }

    /// <summary>Plain panels, rows of a table, and text-like marks with soft edges.</summary>
    private static ScreenImage Interface(ScreenSize size)
    {
        var random = new Random(1);
        var image = ScreenImage.Rent(size, size.Bounds);
        image.Fill(size.Bounds, 0x00F8F6F4);
        image.Fill(new(0, 0, size.Width, 44), 0x00553A2B);
        image.Fill(new(0, 44, 220, size.Height), 0x00FFFFFF);
        for (var y = 60; y < size.Height - 20; y += 28)
        {
            if (y / 28 % 2 == 0) image.Fill(new(236, y - 6, size.Width - 260, 28), 0x00FFFBFA);
            for (var x = 250; x < size.Width - 300; x += random.Next(6, 22))
                for (var stroke = 0; stroke < 5; stroke++)
                    image.Fill(new(x + random.Next(6), y + random.Next(12), random.Next(1, 3), random.Next(1, 8)), (uint)random.Next(4) * 0x00303030u + 0x00202020u);
        }
        return image;
    }
}
