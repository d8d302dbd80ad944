using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Recording.Segments;

/// <summary>A tile's address within its segment: the first 16 bytes of the SHA-256 of width (u8), height (u8) and pixels (B G R 255, rows top to bottom).</summary>
/// <remarks><c>default</c> is no tile that was ever seen.</remarks>
internal readonly record struct TileHash(UInt128 Value)
{
    public const int Bytes = 16;

    /// <param name="pixels">X already 255.</param>
    public static TileHash Of(int width, int height, ReadOnlySpan<byte> pixels)
    {
        Span<byte> input = stackalloc byte[2 + TileGrid.MaxTileBytes];
        (input[0], input[1]) = ((byte)width, (byte)height);
        pixels.CopyTo(input[2..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..(2 + pixels.Length)], hash);
        return Read(hash);
    }

    public static TileHash Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    public void Write(Span<byte> target) => BinaryPrimitives.WriteUInt128BigEndian(target, Value);
}
