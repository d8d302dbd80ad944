using System.Text;

namespace Tutelage.Trajectories.DataSets;

/// <summary>Reads the plain ustar that <see cref="ShardTarWriter"/> writes, and nothing else of what calls itself tar.</summary>
/// <remarks>The library's reader takes extension headers of any size into memory; a shard has none, so here they are an error.</remarks>
internal static class ShardTarReader
{
    /// <exception cref="ShardFormatException">Not a plain ustar, cut off, or an entry larger than <paramref name="maxEntryBytes"/>.</exception>
    public static IEnumerable<(string Name, byte[] Content)> Read(Stream tar, int maxEntryBytes)
    {
        var header = new byte[BlockBytes];
        var entry = 0;
        while (true)
        {
            Fill(tar, header, entry);
            if (header.AsSpan().IndexOfAnyExcept((byte)0) < 0) yield break;
            var (name, size) = Parse(header, entry, maxEntryBytes);
            var content = ReadContent(tar, size, entry);
            var padding = (BlockBytes - size % BlockBytes) % BlockBytes;
            Fill(tar, header.AsSpan(0, padding), entry);
            yield return (name, content);
            entry++;
        }
    }

    private static (string Name, int Size) Parse(byte[] header, int entry, int maxEntryBytes)
    {
        var sum = 0;
        for (var at = 0; at < BlockBytes; at++) sum += at is >= 148 and < 156 ? ' ' : header[at];
        if (Octal(header.AsSpan(148, 8)) != sum) throw new ShardFormatException($"entry {entry}: the header's checksum does not fit; the shard is damaged or no tar");
        if (header[156] is not ((byte)'0' or 0)) throw new ShardFormatException($"entry {entry}: type {header[156]} is not a file; a shard holds files only");
        var size = Octal(header.AsSpan(124, 12));
        if (size is null || size > maxEntryBytes) throw new ShardFormatException($"entry {entry}: size {size} is over the bound of {maxEntryBytes} bytes");
        var name = header.AsSpan(0, 100);
        var end = name.IndexOf((byte)0);
        return (Encoding.ASCII.GetString(end < 0 ? name : name[..end]), (int)size.Value);
    }

    /// <summary>In steps, so that a size that the bytes do not keep costs no memory.</summary>
    private static byte[] ReadContent(Stream tar, int size, int entry)
    {
        var content = new byte[Math.Min(size, StepBytes)];
        for (var filled = 0; filled < size;)
        {
            if (filled == content.Length) Array.Resize(ref content, (int)Math.Min(size, content.Length * 2L));
            var read = tar.Read(content, filled, content.Length - filled);
            if (read == 0) throw new ShardFormatException($"entry {entry}: ends {size - filled} bytes early");
            filled += read;
        }

        return content;
    }

    private static void Fill(Stream tar, Span<byte> buffer, int entry)
    {
        if (tar.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length) throw new ShardFormatException($"entry {entry}: the shard ends in its middle");
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        foreach (var digit in field.Trim((byte)' ').TrimEnd((byte)0).TrimEnd((byte)' '))
        {
            if (digit is < (byte)'0' or > (byte)'7') return null;
            value = value * 8 + (digit - '0');
        }

        return value;
    }

    private const int BlockBytes = 512;
    private const int StepBytes = 64 * 1024;
}
