using Tutelage.Recording.Mcap;

namespace Tutelage.Recording.Bench;

/// <summary>Messages a second through memory, checksums on.</summary>
internal static class McapBench
{
    public static void Run()
    {
        Measure("10-byte messages, chunked", new byte[10], 2_000_000, new());
        Measure("10-byte messages, unchunked", new byte[10], 2_000_000, new() { Chunked = false });
        Measure("10-byte messages, zstd", new byte[10], 2_000_000, new() { Compression = McapCompression.Zstd });
        Measure("10-byte messages, lz4", new byte[10], 2_000_000, new() { Compression = McapCompression.Lz4 });
        Measure("1 MiB messages, chunked", Noise(1 << 20), 512, new());
        Measure("1 MiB messages, chunked, no checksums", Noise(1 << 20), 512, new() { Checksums = false });
    }

    private static void Measure(string what, byte[] message, int count, McapWriterOptions options)
    {
        var output = new MemoryStream((message.Length + 64) * count);
        var write = Report.Best(() =>
        {
            output.SetLength(0);
            using var writer = new McapWriter(output, options);
            var channel = writer.AddChannel("bench", "bytes");
            for (var i = 0; i < count; i++) writer.WriteMessage(channel, (ulong)i, message);
            writer.Complete();
        });
        var read = Report.Best(() =>
        {
            output.Position = 0;
            using var reader = new McapReader(output, new() { VerifyChecksums = options.Checksums });
            var found = 0;
            while (reader.TryReadMessage(out _)) found++;
            if (found != count) throw new InvalidOperationException($"{found} messages instead of {count}");
        });
        if (message.Length < 1000)
        {
            Report.Row($"mcap write, {what}", $"{count / write / 1e6:F1} M messages/s");
            Report.Row($"mcap read, {what}", $"{count / read / 1e6:F1} M messages/s");
        }
        else
        {
            Report.Row($"mcap write, {what}", $"{message.Length * (double)count / write / 1e9:F2} GB/s");
            Report.Row($"mcap read, {what}", $"{message.Length * (double)count / read / 1e9:F2} GB/s");
        }
    }

    private static byte[] Noise(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
