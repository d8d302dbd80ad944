using System.Numerics;

namespace Tutelage.Sealing;

/// <summary>Padmé (Nikitin et al., PURBs, PETS 2019): sizes keep only their leading bits, so that a size tells O(log log n) bits for at most 12 % more.</summary>
internal static class Padme
{
    /// <exception cref="OverflowException">The padded size is beyond 2^63.</exception>
    public static long PaddedSize(long size)
    {
        if (size < 2) return size;
        var exponent = BitOperations.Log2((ulong)size);
        var kept = BitOperations.Log2((uint)exponent) + 1;
        var mask = (1L << (exponent - kept)) - 1;
        return checked(size + mask) & ~mask;
    }
}
