using System.Buffers.Binary;
using System.IO.Compression;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Mcap;

namespace Tutelage.Recording.Images;

/// <summary>PNG (W3C, third edition), 8 bits a channel. Writes opaque RGB; reads grey, RGB, palette and their alpha forms (alpha is dropped).</summary>
/// <remarks>One file because the row filters of writing and reading must be each other's inverse; a slip shows as streaks in every exported picture.</remarks>
public static class Png
{
    /// <summary>Width and height are at most this; the area at most <see cref="MaxPixels"/>.</summary>
    private const int MaxSide = 16384;

    /// <summary>Three 5K screens side by side fit.</summary>
    private const int MaxPixels = 64 << 20;

    /// <summary>Deflate cannot shrink further: 258 bytes a match at 2 bits.</summary>
    private const int MaxDeflateRatio = 1032;

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static void Write(Stream output, ScreenImage image) => Write(output, image.Size, image.Pixels);

    /// <param name="bgrx">Rows without padding, four bytes a pixel in the order B G R X; X is ignored.</param>
    /// <exception cref="ArgumentException"><paramref name="bgrx"/> is not <paramref name="size"/> large.</exception>
    public static void Write(Stream output, ScreenSize size, ReadOnlySpan<byte> bgrx)
    {
        if (size.Width < 1 || size.Height < 1 || bgrx.Length != (long)size.Width * size.Height * 4)
            throw new ArgumentException($"{bgrx.Length} bytes are not {size.Width} x {size.Height} pixels", nameof(bgrx));

        output.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, size.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], size.Height);
        header[8] = 8;
        header[9] = (byte)ColourType.Rgb;
        WriteChunk(output, "IHDR"u8, header);

        using var compressed = new MemoryStream();
        using (var deflate = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var stride = size.Width * 3;
            var (above, row) = (new byte[stride], new byte[stride]);
            var (up, paeth, sub) = (new byte[stride + 1], new byte[stride + 1], new byte[stride + 1]);
            for (var y = 0; y < size.Height; y++)
            {
                Pack(bgrx.Slice(y * size.Width * 4, size.Width * 4), row);
                deflate.Write(Best(Filter(sub, 1, row, above), Filter(up, 2, row, above), Filter(paeth, 4, row, above)));
                (above, row) = (row, above);
            }
        }
        WriteChunk(output, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(output, "IEND"u8, []);
    }

    /// <returns>Damage is the whole picture, X is 255. The caller disposes it.</returns>
    /// <exception cref="RecordingFormatException">Not a PNG, damaged, too large, or of a kind that is not read.</exception>
    public static ScreenImage Read(Stream input)
    {
        var offset = 0L;
        Span<byte> signature = stackalloc byte[8];
        if (input.ReadAtLeast(signature, 8, throwOnEndOfStream: false) < 8 || !signature.SequenceEqual(Signature))
            throw new RecordingFormatException("these bytes are not a PNG's signature", 0);
        offset += 8;

        ScreenSize size = default;
        var colour = ColourType.Grey;
        byte[] palette = [];
        using var compressed = new MemoryStream();
        Span<byte> prefix = stackalloc byte[8];
        while (true)
        {
            if (input.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw new RecordingFormatException("the picture is cut off", offset);
            var length = BinaryPrimitives.ReadUInt32BigEndian(prefix);
            var type = prefix[4..];
            if (length > MaxPixels * 4L) throw new RecordingFormatException($"a chunk of {length} bytes", offset);
            var body = ReadBody(input, type, (int)length, offset);
            if (type.SequenceEqual("IHDR"u8)) (size, colour) = ReadHeader(body, offset);
            else if (size == default) throw new RecordingFormatException("the first chunk is not IHDR", offset);
            else if (type.SequenceEqual("PLTE"u8)) palette = body;
            else if (type.SequenceEqual("IDAT"u8)) compressed.Write(body);
            else if (type.SequenceEqual("IEND"u8)) break;
            else if ((type[0] & 0x20) == 0) throw new RecordingFormatException("a critical chunk that is not known", offset);
            if (compressed.Length > MaxPixels * 4L) throw new RecordingFormatException("more pixel data than any picture accepted here has", offset);
            offset += 12 + length;
        }

        var rawBytes = size.Height * (1L + (long)size.Width * ChannelsOf(colour));
        if (compressed.Length * MaxDeflateRatio < rawBytes) throw new RecordingFormatException("less pixel data than the picture's size needs", offset);
        compressed.Position = 0;
        var image = ScreenImage.Rent(size, size.Bounds);
        try
        {
            Unpack(compressed, image, colour, palette, offset);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    private static void Unpack(Stream compressed, ScreenImage image, ColourType colour, ReadOnlySpan<byte> palette, long offset)
    {
        var channels = ChannelsOf(colour);
        var stride = image.Size.Width * channels;
        var (above, row) = (new byte[stride + 1], new byte[stride + 1]);
        using var inflate = new ZLibStream(compressed, CompressionMode.Decompress);
        for (var y = 0; y < image.Size.Height; y++)
        {
            try
            {
                if (inflate.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length) throw new RecordingFormatException("the pixel data ends early", offset);
            }
            catch (InvalidDataException damaged)
            {
                throw new RecordingFormatException("the pixel data is damaged", offset, damaged);
            }
            if (row[0] > 4) throw new RecordingFormatException($"row filter {row[0]} is not known", offset);
            Unfilter(row[0], row.AsSpan(1), above.AsSpan(1), channels);
            var pixels = image.Pixels.Slice(y * image.StrideBytes, image.StrideBytes);
            for (int x = 0, at = 1; x < pixels.Length; x += 4, at += channels)
            {
                var (red, green, blue) = colour switch
                {
                    ColourType.Grey or ColourType.GreyAlpha => (row[at], row[at], row[at]),
                    ColourType.Rgb or ColourType.Rgba => (row[at], row[at + 1], row[at + 2]),
                    ColourType.Palette when row[at] * 3 + 2 < palette.Length => (palette[row[at] * 3], palette[row[at] * 3 + 1], palette[row[at] * 3 + 2]),
                    ColourType.Palette => throw new RecordingFormatException($"palette entry {row[at]} is not there", offset),
                };
                (pixels[x], pixels[x + 1], pixels[x + 2], pixels[x + 3]) = (blue, green, red, 255);
            }
            (above, row) = (row, above);
        }
    }

    private static (ScreenSize, ColourType) ReadHeader(ReadOnlySpan<byte> body, long offset)
    {
        if (body.Length != 13) throw new RecordingFormatException($"an IHDR of {body.Length} bytes", offset);
        var width = BinaryPrimitives.ReadUInt32BigEndian(body);
        var height = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        if (width is 0 or > MaxSide || height is 0 or > MaxSide || width * (long)height > MaxPixels)
            throw new RecordingFormatException($"a picture of {width} x {height} pixels, at most {MaxSide} a side and {MaxPixels} in all are read", offset);
        var colour = (ColourType)body[9];
        if (body[8] != 8 || !Enum.IsDefined(colour) || body[10] != 0 || body[11] != 0 || body[12] != 0)
            throw new RecordingFormatException($"depth {body[8]}, colour type {body[9]}, interlace {body[12]}: only 8 bits a channel, not interlaced, are read", offset);
        return (new((int)width, (int)height), colour);
    }

    private static byte[] ReadBody(Stream input, ReadOnlySpan<byte> type, int length, long offset)
    {
        using var body = new MemoryStream();
        Span<byte> block = stackalloc byte[4096];
        for (var left = length; left > 0;)
        {
            var read = input.Read(block[..Math.Min(left, block.Length)]);
            if (read == 0) throw new RecordingFormatException("the picture is cut off", offset);
            body.Write(block[..read]);
            left -= read;
        }
        if (input.ReadAtLeast(block[..4], 4, throwOnEndOfStream: false) < 4) throw new RecordingFormatException("the picture is cut off", offset);
        var bytes = body.ToArray();
        if (Crc32.Append(Crc32.Of(type), bytes) != BinaryPrimitives.ReadUInt32BigEndian(block)) throw new RecordingFormatException("a chunk's checksum does not fit", offset);
        return bytes;
    }

    private static void WriteChunk(Stream output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        output.Write(number);
        output.Write(type);
        output.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Append(Crc32.Of(type), body));
        output.Write(number);
    }

    private static void Pack(ReadOnlySpan<byte> bgrx, Span<byte> rgb)
    {
        for (int from = 0, to = 0; from < bgrx.Length; from += 4, to += 3) (rgb[to], rgb[to + 1], rgb[to + 2]) = (bgrx[from + 2], bgrx[from + 1], bgrx[from]);
    }

    private static byte[] Filter(byte[] target, byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above)
    {
        target[0] = filter;
        for (var i = 0; i < row.Length; i++)
        {
            var (left, corner) = i >= 3 ? (row[i - 3], above[i - 3]) : ((byte)0, (byte)0);
            target[i + 1] = (byte)(row[i] - Predict(filter, left, above[i], corner));
        }
        return target;
    }

    private static void Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int channels)
    {
        if (filter == 0) return;
        for (var i = 0; i < row.Length; i++)
        {
            var (left, corner) = i >= channels ? (row[i - channels], above[i - channels]) : ((byte)0, (byte)0);
            row[i] += (byte)Predict(filter, left, above[i], corner);
        }
    }

    private static int Predict(byte filter, int left, int up, int corner) => filter switch
    {
        1 => left,
        2 => up,
        3 => (left + up) / 2,
        4 => Paeth(left, up, corner),
        _ => 0,
    };

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (toLeft, toUp, toCorner) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    /// <summary>The filtered row with the least sum of absolute values, the heuristic that the PNG specification recommends.</summary>
    private static byte[] Best(byte[] first, byte[] second, byte[] third)
    {
        var (one, two, three) = (Weight(first), Weight(second), Weight(third));
        return one <= two && one <= three ? first : two <= three ? second : third;

        static int Weight(byte[] row)
        {
            var sum = 0;
            for (var i = 1; i < row.Length; i++) sum += Math.Abs((int)(sbyte)row[i]);
            return sum;
        }
    }

    private static int ChannelsOf(ColourType colour) => colour switch
    {
        ColourType.Grey or ColourType.Palette => 1,
        ColourType.GreyAlpha => 2,
        ColourType.Rgb => 3,
        ColourType.Rgba => 4,
    };

    private enum ColourType : byte
    {
        Grey = 0,
        Rgb = 2,
        Palette = 3,
        GreyAlpha = 4,
        Rgba = 6,
    }
}
