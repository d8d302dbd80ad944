using System.Numerics;

namespace Tutelage.Practice;

/// <summary>Numbers from a seed: the same seed gives the same numbers on every machine and runtime, so that a run can be repeated.</summary>
/// <remarks>xoshiro256** (Blackman and Vigna), its state filled by splitmix64. Not for secrets. Not thread-safe.</remarks>
public sealed class SeededDraw
{
    private ulong _a, _b, _c, _d;

    public SeededDraw(ulong seed)
    {
        _a = SplitMix(ref seed);
        _b = SplitMix(ref seed);
        _c = SplitMix(ref seed);
        _d = SplitMix(ref seed);
    }

    /// <summary>A stream of its own for <paramref name="purpose"/>, so that drawing more here never moves what is drawn there.</summary>
    public static SeededDraw For(long seed, string purpose)
    {
        var hash = 14695981039346656037UL ^ (ulong)seed;
        foreach (var letter in purpose) hash = (hash ^ letter) * 1099511628211UL;
        return new SeededDraw(hash);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Between(double low, double high) => low + Unit() * (high - low);

    /// <summary>Uniform in 0 … <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)(Unit() * count);

    public bool Chance(double probability) => Unit() < probability;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary><paramref name="length"/> letters out of <paramref name="alphabet"/>.</summary>
    public string Letters(string alphabet, int length) => string.Create(length, (this, alphabet), static (letters, state) =>
    {
        for (var i = 0; i < letters.Length; i++) letters[i] = state.alphabet[state.Item1.Below(state.alphabet.Length)];
    });

    /// <summary>Normally distributed (Box and Muller).</summary>
    public double Normal(double mean, double deviation) =>
        mean + deviation * Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>A copy of <paramref name="items"/> in another order.</summary>
    public T[] Shuffle<T>(IEnumerable<T> items)
    {
        var result = items.ToArray();
        for (var i = result.Length - 1; i > 0; i--)
        {
            var other = Below(i + 1);
            (result[i], result[other]) = (result[other], result[i]);
        }
        return result;
    }

    private ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    private static ulong SplitMix(ref ulong state)
    {
        var mixed = state += 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
