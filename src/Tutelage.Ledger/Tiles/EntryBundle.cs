using System.Buffers.Binary;

namespace Tutelage.Ledger;

/// <summary>Up to 256 log entries in a row, each behind its big-endian 16-bit length (c2sp.org/tlog-tiles).</summary>
public static class EntryBundle
{
    /// <summary>An entry longer than this cannot be written down: log digests, not documents.</summary>
    public const int MaxEntrySizeBytes = ushort.MaxValue;

    public static byte[] Write(IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        var bytes = new byte[entries.Sum(e => 2 + e.Length)];
        var position = 0;
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(position), checked((ushort)entry.Length));
            entry.Span.CopyTo(bytes.AsSpan(position + 2));
            position += 2 + entry.Length;
        }

        return bytes;
    }

    /// <summary>Reads a bundle of exactly <paramref name="width"/> entries; null if the bytes are cut short or go on.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Read(ReadOnlyMemory<byte> bytes, int width)
    {
        var entries = new List<ReadOnlyMemory<byte>>(Math.Clamp(width, 0, TilePath.FullWidth));
        var position = 0;
        for (var i = 0; i < width; i++)
        {
            if (bytes.Length - position < 2) return null;
            var size = BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[position..]);
            if (bytes.Length - position - 2 < size) return null;
            entries.Add(bytes.Slice(position + 2, size));
            position += 2 + size;
        }

        return position == bytes.Length ? entries : null;
    }
}
