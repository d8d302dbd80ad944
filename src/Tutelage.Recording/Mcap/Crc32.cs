using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tutelage.Recording.Mcap;

/// <summary>CRC-32 of IEEE 802.3 (reflected polynomial EDB88320), as MCAP and PNG use it.</summary>
/// <remarks>
/// If this were wrong every file we write would look damaged to others. The first way folds 64 bytes at a time by carry-less multiplication
/// (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009, constants of its table for this polynomial);
/// what is left over, and machines without the instruction, take sixteen tables, sixteen bytes a step. Tests hold the two against each other.
/// </remarks>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    /// <summary>Below this the fold's set-up costs more than it saves.</summary>
    private const int FoldFromBytes = 128;

    private static readonly uint[] Tables = BuildTables();

    public static uint Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The CRC of what <paramref name="crc"/> covers followed by <paramref name="bytes"/>; start from 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var state = ~crc;
        if (Pclmulqdq.IsSupported && Sse2.IsSupported && bytes.Length >= FoldFromBytes)
        {
            var folded = bytes.Length & ~15;
            state = Fold(state, bytes[..folded]);
            bytes = bytes[folded..];
        }
        return ~Slice(state, bytes);
    }

    internal static uint Slice(uint state, ReadOnlySpan<byte> bytes)
    {
        ref var tables = ref MemoryMarshal.GetArrayDataReference(Tables);
        while (bytes.Length >= 16)
        {
            var a = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ state;
            var b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
            state = 0;
            for (var i = 0; i < 8; i++)
            {
                state ^= Unsafe.Add(ref tables, (15 - i) * 256 + (int)(byte)(a >> (8 * i)));
                state ^= Unsafe.Add(ref tables, (7 - i) * 256 + (int)(byte)(b >> (8 * i)));
            }
            bytes = bytes[16..];
        }
        foreach (var value in bytes) state = Unsafe.Add(ref tables, (int)(byte)(state ^ value)) ^ (state >> 8);
        return state;
    }

    /// <param name="bytes">At least 64, a multiple of 16.</param>
    private static uint Fold(uint state, ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        nuint position = 64;
        var length = (nuint)bytes.Length;
        var one = Vector128.LoadUnsafe(ref start).AsUInt64() ^ Vector128.CreateScalar(state).AsUInt64();
        var two = Vector128.LoadUnsafe(ref start, 16).AsUInt64();
        var three = Vector128.LoadUnsafe(ref start, 32).AsUInt64();
        var four = Vector128.LoadUnsafe(ref start, 48).AsUInt64();

        var by512 = Vector128.Create(0x0154442bd4UL, 0x01c6e41596UL);
        for (; position + 64 <= length; position += 64)
        {
            one = Multiply(one, by512) ^ Vector128.LoadUnsafe(ref start, position).AsUInt64();
            two = Multiply(two, by512) ^ Vector128.LoadUnsafe(ref start, position + 16).AsUInt64();
            three = Multiply(three, by512) ^ Vector128.LoadUnsafe(ref start, position + 32).AsUInt64();
            four = Multiply(four, by512) ^ Vector128.LoadUnsafe(ref start, position + 48).AsUInt64();
        }

        var by128 = Vector128.Create(0x01751997d0UL, 0x00ccaa009eUL);
        one = Multiply(one, by128) ^ two;
        one = Multiply(one, by128) ^ three;
        one = Multiply(one, by128) ^ four;
        for (; position < length; position += 16) one = Multiply(one, by128) ^ Vector128.LoadUnsafe(ref start, position).AsUInt64();

        // The 16 bytes left have the same remainder as everything folded into them, so the tables finish the work.
        Span<byte> rest = stackalloc byte[16];
        one.AsByte().CopyTo(rest);
        return Slice(0, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Multiply(Vector128<ulong> value, Vector128<ulong> constants) =>
        Pclmulqdq.CarrylessMultiply(value, constants, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, constants, 0x11);

    private static uint[] BuildTables()
    {
        var tables = new uint[16 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            tables[i] = value;
        }
        for (var i = 256; i < tables.Length; i++) tables[i] = tables[tables[i - 256] & 0xFF] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
