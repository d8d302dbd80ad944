namespace Tutelage.Recording.Tests;

/// <summary>Seeded damage to bytes: flips, cuts, insertions, copies of a part over another, and numbers that claim too much.</summary>
internal static class Mutations
{
    public static byte[] Of(ReadOnlySpan<byte> bytes, int seed)
    {
        var random = new Random(seed);
        var result = bytes.ToArray();
        for (var step = random.Next(1, 5); step > 0 && result.Length > 0; step--)
        {
            var at = random.Next(result.Length);
            switch (random.Next(7))
            {
                case 0: result[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: result[at] = (byte)random.Next(256); break;
                case 2: result = result[..at]; break;
                case 3: result = [.. result[..at], (byte)random.Next(256), .. result[at..]]; break;
                case 4: result = [.. result[..at], .. result[Math.Min(result.Length, at + random.Next(1, 40))..]]; break;
                case 5:
                    for (var i = at; i < Math.Min(result.Length, at + random.Next(1, 9)); i++) result[i] = 0xFF;
                    break;
                default:
                    var from = random.Next(result.Length);
                    var count = random.Next(1, 1 + Math.Min(32, result.Length - Math.Max(at, from)));
                    result.AsSpan(from, count).ToArray().CopyTo(result, at);
                    break;
            }
        }
        return result;
    }
}
