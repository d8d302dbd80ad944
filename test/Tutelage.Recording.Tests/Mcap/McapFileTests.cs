using Tutelage.Recording.Mcap;
using Tutelage.Testing;

namespace Tutelage.Recording.Tests.Mcap;

public sealed class McapFileTests
{
    [Theory]
    [InlineData(McapCompression.None, true)]
    [InlineData(McapCompression.Lz4, true)]
    [InlineData(McapCompression.Zstd, true)]
    [InlineData(McapCompression.None, false)]
    public void Messages_come_back_as_they_were_written(McapCompression compression, bool chunked)
    {
        var messages = Messages(500, largest: 3000, seed: 7);
        var file = Write(messages, new() { Compression = compression, Chunked = chunked, ChunkSizeBytes = 10_000 });
        Read(file).ShouldBe(messages);
    }

    [Fact]
    public void Messages_larger_than_chunk_and_buffer_come_back()
    {
        var messages = Messages(5, largest: 3 << 20, seed: 8);
        foreach (var chunked in new[] { true, false })
        {
            var found = Read(Write(messages, new() { Chunked = chunked, ChunkSizeBytes = 1000 }));
            found.Zip(messages).Count(pair => pair.First.AsSpan().SequenceEqual(pair.Second)).ShouldBe(messages.Length);
        }
    }

    [Fact]
    public void What_was_flushed_is_readable_when_nothing_follows()
    {
        var messages = Messages(100, largest: 200, seed: 9);
        var output = new MemoryStream();
        using var writer = new McapWriter(output, new() { Compression = McapCompression.Zstd });
        var channel = writer.AddChannel("t", "b");
        for (var i = 0; i < messages.Length; i++)
        {
            writer.WriteMessage(channel, (ulong)i, messages[i]);
            if (i % 10 != 0) continue;
            writer.FlushChunk();
            Read(output.ToArray(), truncated: true).ShouldBe(messages[..(i + 1)]);
        }
    }

    [Fact]
    public void A_file_cut_anywhere_gives_a_prefix_where_that_is_allowed_and_an_error_where_not()
    {
        var messages = Messages(40, largest: 60, seed: 10);
        foreach (var chunked in new[] { true, false })
        {
            var file = Write(messages, new() { Chunked = chunked, ChunkSizeBytes = 300 });
            var before = 0;
            for (var cut = 0; cut < file.Length; cut++)
            {
                var found = Read(file[..cut], truncated: true);
                found.ShouldBe(messages[..found.Length]);
                found.Length.ShouldBeGreaterThanOrEqualTo(before);
                before = found.Length;
                Should.Throw<RecordingFormatException>(() => Read(file[..cut]));
            }
            before.ShouldBe(messages.Length);
        }
    }

    [Fact]
    public void A_flipped_bit_is_found_by_a_checksum_or_a_bound()
    {
        var file = Write(Messages(20, largest: 50, seed: 11), new() { ChunkSizeBytes = 300 });
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            var damaged = file.ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Should.Throw<RecordingFormatException>(() => Read(damaged), $"bit {bit}");
        }
    }

    [Fact]
    public void A_length_of_exabytes_costs_no_memory()
    {
        byte[] file = [.. Write([], new()).AsSpan(0, 8), (byte)McapOpcode.Header, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
        Should.Throw<RecordingFormatException>(() => Read(file)).Offset.ShouldBe(8);
        byte[] claims = [.. file.AsSpan(0, 8), (byte)McapOpcode.Header, 0x00, 0x00, 0x00, 0x03, 0, 0, 0, 0];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<RecordingFormatException>(() => Read(claims));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2 << 20);
    }

    [Fact]
    public void A_chunk_over_the_limit_is_refused_before_it_is_opened()
    {
        var file = Write([new byte[1 << 20]], new() { Compression = McapCompression.Zstd });
        file.Length.ShouldBeLessThan(10_000);
        using var reader = new McapReader(new MemoryStream(file), new() { MaxChunkBytes = 1 << 19 });
        Should.Throw<RecordingFormatException>(() => reader.TryReadMessage(out _)).Message.ShouldContain("524288");
    }

    [Fact]
    public void An_attachment_over_the_limit_is_passed_over()
    {
        var output = new MemoryStream();
        using var writer = new McapWriter(output, new());
        var channel = writer.AddChannel("t", "b");
        writer.WriteAttachment(1, 1, "large", "application/octet-stream", new byte[1 << 20]);
        writer.WriteMessage(channel, 5, [1]);
        writer.Complete();
        using var reader = new McapReader(new MemoryStream(output.ToArray()), new() { MaxRecordBytes = 1 << 16 });
        reader.TryReadMessage(out var message).ShouldBeTrue();
        message.LogTimeNs.ShouldBe(5UL);
        reader.TryReadMessage(out _).ShouldBeFalse();
    }

    [Fact]
    public void Mutated_files_give_the_named_error_and_nothing_else()
    {
        var files = new[] { McapCompression.None, McapCompression.Lz4, McapCompression.Zstd }
            .Select(compression => Write(Messages(30, largest: 80, seed: 12), new() { Compression = compression, ChunkSizeBytes = 500 })).ToArray();
        var read = 0;
        for (var seed = 0; seed < FuzzRounds.Count; seed++)
        {
            var damaged = Mutations.Of(files[seed % files.Length], seed);
            try
            {
                Read(damaged, truncated: seed % 2 == 0, verify: seed % 3 != 0);
                var records = new McapRecordReader(new MemoryStream(damaged), new() { VerifyChecksums = false, AllowTruncated = true });
                while (records.Read() is { } record) if (record is McapChunk chunk) McapRecordReader.Open(chunk);
                read++;
            }
            catch (RecordingFormatException)
            {
            }
        }
        read.ShouldBeGreaterThan(100);
    }

    private static byte[][] Messages(int count, int largest, int seed)
    {
        var random = new Random(seed);
        var messages = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            messages[i] = new byte[random.Next(largest + 1)];
            random.NextBytes(messages[i]);
        }
        return messages;
    }

    private static byte[] Write(byte[][] messages, McapWriterOptions options)
    {
        var output = new MemoryStream();
        using var writer = new McapWriter(output, options);
        var schema = writer.AddSchema("s", "e", [1, 2]);
        var channels = new[] { writer.AddChannel("a", "b", schema), writer.AddChannel("c", "d", 0, [new("k", "v")]) };
        for (var i = 0; i < messages.Length; i++) writer.WriteMessage(channels[i % 2], (ulong)i, messages[i]);
        writer.WriteMetadata("m", [new("k", "v")]);
        writer.Complete();
        return output.ToArray();
    }

    private static byte[][] Read(byte[] file, bool truncated = false, bool verify = true)
    {
        using var reader = new McapReader(new MemoryStream(file), new() { AllowTruncated = truncated, VerifyChecksums = verify });
        var messages = new List<byte[]>();
        while (reader.TryReadMessage(out var message)) messages.Add(message.Data.ToArray());
        return [.. messages];
    }
}
