using System.Buffers.Binary;

namespace Tutelage.Cli.Demo.Searching;

/// <summary>Finds any of some thousand byte strings in one pass: the first six bytes of each position are looked up, the rest is compared.</summary>
/// <remarks>A bit table of 128 KiB says no for nearly every position without touching the dictionary.</remarks>
internal sealed class NeedleIndex
{
    /// <summary>No needle is shorter (<see cref="PlantNeedles"/>).</summary>
    private const int KeyBytes = 6;

    private const ulong KeyMask = 0xFFFF_FFFF_FFFF;

    private readonly Dictionary<ulong, List<(byte[] Bytes, string PlantId, string Encoding)>> _byKey = [];
    private readonly ulong[] _seen = new ulong[1 << 14];

    public NeedleIndex(IEnumerable<PlantNeedles> plants)
    {
        foreach (var plant in plants)
            foreach (var (encoding, bytes) in plant.Needles)
            {
                if (bytes.Length < KeyBytes) throw new ArgumentException($"a needle of plant {plant.PlantId} has only {bytes.Length} bytes", nameof(plants));
                var key = KeyAt([.. bytes, 0, 0], 0);
                if (!_byKey.TryGetValue(key, out var needles)) _byKey[key] = needles = [];
                needles.Add((bytes, plant.PlantId, encoding));
                var bit = Bit(key);
                _seen[bit >> 6] |= 1UL << (bit & 63);
            }
    }

    /// <summary>Each plant and encoding once, however often it stands there.</summary>
    public IReadOnlyCollection<(string PlantId, string Encoding)> In(byte[] bytes)
    {
        var found = new HashSet<(string, string)>();
        for (var at = 0; at + KeyBytes <= bytes.Length; at++)
        {
            var key = at + sizeof(ulong) <= bytes.Length ? BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)) & KeyMask : KeyAt([.. bytes.AsSpan(at), 0, 0], 0);
            var bit = Bit(key);
            if ((_seen[bit >> 6] & 1UL << (bit & 63)) == 0 || !_byKey.TryGetValue(key, out var needles)) continue;
            foreach (var (needle, plantId, encoding) in needles)
                if (bytes.AsSpan(at).StartsWith(needle)) found.Add((plantId, encoding));
        }
        return found;
    }

    private static ulong KeyAt(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]) & KeyMask;

    private static int Bit(ulong key) => (int)(key * 0x9E37_79B9_7F4A_7C15 >> 44);
}
