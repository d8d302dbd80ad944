using System.Runtime.InteropServices;

namespace Tutelage.Recording.Segments;

/// <summary>Pixels of one tile ⇄ bytes, lossless; normative page docs/formats/tiles.md.</summary>
/// <remarks>
/// <code>
/// 00nnnnnn                              the pixel of slot n
/// 01rrggbb                              differences to the pixel before, each stored + 2
/// 10gggggg rrrrbbbb                     difference of green + 32; of red and of blue, less that of green, + 8
/// 11nnnnnn            n = 0 to 61       the pixel before, n + 1 times
/// 11111110 red green blue               a pixel as it is
/// </code>
/// The operations are those of QOI 1.0 (qoiformat.org) for opaque pixels. Chosen by measurement (bench/Tutelage.Recording.Bench, tiles): in the chunk's Zstandard
/// they take less than raw pixels, PNG's filters or palettes do on screens of user interfaces (0.5 to 0.7 on a page of mail), at 1.5 GB/s with compression,
/// and without that library they still come to a twelfth of the pixels.
/// </remarks>
internal static class TileCodec
{
    private const uint Opaque = 0xFF000000;
    private const int Slots = 64;
    private const int MaxRun = 62;
    private const byte Diff = 0x40;
    private const byte Luma = 0x80;
    private const byte Run = 0xC0;
    private const byte Literal = 0xFE;

    /// <param name="pixels">B G R 255, rows top to bottom.</param>
    public static TileEncoding Encode(ReadOnlySpan<byte> pixels, ByteBuffer buffer)
    {
        var start = buffer.Length;
        var count = pixels.Length / 4;
        var target = buffer.Append(count * 4);
        var size = EncodeRuns(MemoryMarshal.Cast<byte, uint>(pixels), target);
        if (size < count * 3)
        {
            buffer.Truncate(start + size);
            return TileEncoding.Runs;
        }
        for (var i = 0; i < count; i++) pixels.Slice(i * 4, 3).CopyTo(target[(i * 3)..]);
        buffer.Truncate(start + count * 3);
        return TileEncoding.Raw;
    }

    /// <summary>Fills <paramref name="pixels"/> with B G R 255.</summary>
    /// <returns>False if <paramref name="bytes"/> hold more or fewer pixels, or an operation that does not exist.</returns>
    public static bool TryDecode(TileEncoding encoding, ReadOnlySpan<byte> bytes, Span<byte> pixels)
    {
        var target = MemoryMarshal.Cast<byte, uint>(pixels);
        if (encoding == TileEncoding.Runs) return TryDecodeRuns(bytes, target);
        if (encoding != TileEncoding.Raw || bytes.Length != target.Length * 3) return false;
        for (var i = 0; i < target.Length; i++) target[i] = bytes[i * 3] | (uint)bytes[i * 3 + 1] << 8 | (uint)bytes[i * 3 + 2] << 16 | Opaque;
        return true;
    }

    private static int EncodeRuns(ReadOnlySpan<uint> pixels, Span<byte> target)
    {
        Span<uint> slots = stackalloc uint[Slots];
        slots.Clear();
        var (before, run, at) = (Opaque, 0, 0);
        foreach (var pixel in pixels)
        {
            if (pixel == before)
            {
                if (++run < MaxRun) continue;
                target[at++] = (byte)(Run | run - 1);
                run = 0;
                continue;
            }
            if (run > 0) target[at++] = (byte)(Run | run - 1);
            run = 0;

            ref var slot = ref slots[SlotOf(pixel)];
            if (slot == pixel)
            {
                target[at++] = (byte)SlotOf(pixel);
            }
            else
            {
                slot = pixel;
                var blue = (sbyte)((byte)pixel - (byte)before);
                var green = (sbyte)((byte)(pixel >> 8) - (byte)(before >> 8));
                var red = (sbyte)((byte)(pixel >> 16) - (byte)(before >> 16));
                var (redToGreen, blueToGreen) = ((sbyte)(red - green), (sbyte)(blue - green));
                if (red is >= -2 and <= 1 && green is >= -2 and <= 1 && blue is >= -2 and <= 1)
                {
                    target[at++] = (byte)(Diff | red + 2 << 4 | green + 2 << 2 | blue + 2);
                }
                else if (green is >= -32 and <= 31 && redToGreen is >= -8 and <= 7 && blueToGreen is >= -8 and <= 7)
                {
                    target[at++] = (byte)(Luma | green + 32);
                    target[at++] = (byte)(redToGreen + 8 << 4 | blueToGreen + 8);
                }
                else
                {
                    target[at++] = Literal;
                    target[at++] = (byte)(pixel >> 16);
                    target[at++] = (byte)(pixel >> 8);
                    target[at++] = (byte)pixel;
                }
            }
            before = pixel;
        }
        if (run > 0) target[at++] = (byte)(Run | run - 1);
        return at;
    }

    private static bool TryDecodeRuns(ReadOnlySpan<byte> bytes, Span<uint> pixels)
    {
        Span<uint> slots = stackalloc uint[Slots];
        slots.Clear();
        var (before, at, filled) = (Opaque, 0, 0);
        while (at < bytes.Length)
        {
            var tag = bytes[at++];
            if (tag >= Run && tag < Literal)
            {
                var run = (tag & 0x3F) + 1;
                if (run > pixels.Length - filled) return false;
                pixels.Slice(filled, run).Fill(before);
                filled += run;
                continue;
            }
            if (filled == pixels.Length) return false;
            if (tag < Diff)
            {
                before = slots[tag] | Opaque;
            }
            else
            {
                int red = (byte)(before >> 16), green = (byte)(before >> 8), blue = (byte)before;
                if (tag < Luma)
                {
                    (red, green, blue) = (red + (tag >> 4 & 3) - 2, green + (tag >> 2 & 3) - 2, blue + (tag & 3) - 2);
                }
                else if (tag < Run)
                {
                    if (at == bytes.Length) return false;
                    var step = (tag & 0x3F) - 32;
                    (red, green, blue) = (red + step + (bytes[at] >> 4) - 8, green + step, blue + step + (bytes[at] & 15) - 8);
                    at++;
                }
                else
                {
                    if (tag != Literal || bytes.Length - at < 3) return false;
                    (red, green, blue) = (bytes[at], bytes[at + 1], bytes[at + 2]);
                    at += 3;
                }
                before = (byte)blue | (uint)(byte)green << 8 | (uint)(byte)red << 16 | Opaque;
                slots[SlotOf(before)] = before;
            }
            pixels[filled++] = before;
        }
        return filled == pixels.Length;
    }

    private static int SlotOf(uint pixel) => (int)(((byte)(pixel >> 16) * 3u + (byte)(pixel >> 8) * 5u + (byte)pixel * 7u + 255 * 11) % Slots);
}

/// <summary>How a tile's pixels are stored.</summary>
internal enum TileEncoding : byte
{
    /// <summary>B G R, for pixels that runs would make larger.</summary>
    Raw = 0,

    Runs = 1,
}
