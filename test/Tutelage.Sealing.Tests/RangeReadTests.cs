namespace Tutelage.Sealing.Tests;

/// <summary>Reading at any place of a sealed file, against what reading it whole gives.</summary>
public sealed class RangeReadTests
{
    private static readonly int[] Sizes = [0, 1, 1000, Sealed.Chunk - 1, Sealed.Chunk, Sealed.Chunk + 1, 3 * Sealed.Chunk, 5 * Sealed.Chunk + 77];

    [Fact]
    public async Task Any_range_of_an_age_file_is_the_same_range_of_its_plaintext()
    {
        using var identity = TagIdentity.Generate();
        foreach (var size in Sizes)
        {
            using var reader = AgeReader.Open(new MemoryStream(Sealed.ToFile(Sealed.Pattern(size), identity.Recipient)), identity);
            await AssertRanges(reader, size, rounds: 150);
        }
    }

    [Fact]
    public async Task Any_range_of_an_object_under_two_seals_is_the_same_range_of_its_plaintext()
    {
        using var custody = new Custody();
        foreach (var size in Sizes)
        {
            using var reader = custody.Open(custody.Seal(Sealed.Pattern(size)));
            await AssertRanges(reader, size, rounds: 150);
        }
    }

    [Fact]
    public void A_range_costs_the_chunks_that_it_touches_and_the_length_costs_the_last()
    {
        using var identity = TagIdentity.Generate();
        using var file = new CountingStream(Sealed.ToFile(Sealed.Pattern(40 * Sealed.Chunk + 5), identity.Recipient));
        using var reader = AgeReader.Open(file, identity);
        long Cost(Action read)
        {
            var before = file.BytesRead;
            read();
            return file.BytesRead - before;
        }

        var buffer = new byte[100];
        Cost(() => reader.Length.ShouldBe(40 * Sealed.Chunk + 5)).ShouldBe(5 + PayloadChunks.TagSize);
        reader.Position = 17 * Sealed.Chunk + 50;
        Cost(() => reader.ReadExactly(buffer)).ShouldBe(PayloadChunks.SealedSize);
        Cost(() => reader.ReadExactly(buffer)).ShouldBe(0);
        reader.Seek(18 * Sealed.Chunk - 50, SeekOrigin.Begin);
        Cost(() => reader.ReadExactly(buffer)).ShouldBe(PayloadChunks.SealedSize); // chunk 17 is still held
        reader.Seek(-3, SeekOrigin.End);
        Cost(() => reader.ReadExactly(buffer.AsSpan(0, 3))).ShouldBe(5 + PayloadChunks.TagSize);
        Cost(() => reader.Read(buffer).ShouldBe(0)).ShouldBe(0);
    }

    [Fact]
    public void A_file_that_was_cut_gives_ranges_before_the_cut_and_neither_a_length_nor_an_end()
    {
        using var identity = TagIdentity.Generate();
        var file = Sealed.ToFile(Sealed.Pattern(3 * Sealed.Chunk + 900), identity.Recipient);
        var payload = file.Length - (int)PayloadChunks.SizeBytes(3 * Sealed.Chunk + 900) + PayloadChunks.NonceSize;
        foreach (var cut in new[] { file.Length - 1, file.Length - 900, file.Length - 916, payload + 2 * PayloadChunks.SealedSize, payload + PayloadChunks.SealedSize + 7 })
        {
            using var reader = AgeReader.Open(new MemoryStream(file[..cut]), identity);
            Should.Throw<PayloadAuthenticationException>(() => reader.Length, $"cut at {cut}");
            Should.Throw<PayloadAuthenticationException>(() => reader.Seek(0, SeekOrigin.End));
            reader.Position = 100;
            Sealed.AssertPatternAt(reader, 100, 5_000);
            foreach (var beyond in new long[] { 4 * Sealed.Chunk, long.MaxValue / 2, 3 * Sealed.Chunk + 900 })
            {
                reader.Position = beyond;
                Should.Throw<PayloadAuthenticationException>(() => reader.Read(new byte[10]), $"cut at {cut}, read at {beyond}");
            }
        }
    }

    [Fact]
    public void One_damaged_chunk_spoils_only_the_ranges_that_touch_it()
    {
        using var identity = TagIdentity.Generate();
        var file = Sealed.ToFile(Sealed.Pattern(4 * Sealed.Chunk), identity.Recipient);
        file[^(PayloadChunks.SealedSize * 2 + 40)] ^= 1; // in chunk 1
        using var reader = AgeReader.Open(new MemoryStream(file), identity);
        reader.Length.ShouldBe(4 * Sealed.Chunk);
        foreach (var (start, isDamaged) in new[] { (0, false), (Sealed.Chunk - 100, false), (Sealed.Chunk - 99, true), (2 * Sealed.Chunk - 1, true), (2 * Sealed.Chunk, false), (4 * Sealed.Chunk - 100, false) })
        {
            reader.Position = start;
            if (isDamaged) Should.Throw<PayloadAuthenticationException>(() => reader.ReadExactly(new byte[100]), $"at {start}");
            else Sealed.AssertPatternAt(reader, start, 100);
        }
    }

    [Fact]
    public void What_lies_in_a_stream_that_cannot_seek_is_read_once_from_its_beginning()
    {
        using var identity = TagIdentity.Generate();
        using var reader = AgeReader.Open(new OnceStream(Sealed.ToFile(Sealed.Pattern(70_000), identity.Recipient)), identity);
        reader.CanSeek.ShouldBeFalse();
        Should.Throw<NotSupportedException>(() => reader.Length);
        Should.Throw<NotSupportedException>(() => reader.Position = 5);
        Should.Throw<NotSupportedException>(() => reader.Seek(0, SeekOrigin.Current));
        Sealed.AssertPattern(Sealed.ReadAll(reader), 70_000);
    }

    [Fact]
    public void Padding_is_checked_at_the_end_wherever_reading_began()
    {
        using var custody = new Custody();
        var file = custody.Seal(Sealed.Pattern(4_200_000)); // so large that the last outer chunk is nothing but padding
        file[^1] ^= 1; // the outer seal's last tag, over padding
        using var reader = custody.Open(file);
        reader.Length.ShouldBe(4_200_000);
        reader.Position = 600_000;
        Sealed.AssertPatternAt(reader, 600_000, 100);
        reader.Seek(0, SeekOrigin.End);
        Should.Throw<PayloadAuthenticationException>(() => reader.Read(new byte[10]));
    }

    private static async Task AssertRanges(Stream reader, int size, int rounds)
    {
        reader.CanSeek.ShouldBeTrue();
        var random = new Random(size);
        for (var i = 0; i < rounds; i++)
        {
            // Half of the places are around a border of chunks, some behind the end.
            var start = random.Next(2) == 0 ? random.Next(size + 10) : Math.Max(0, random.Next(7) * Sealed.Chunk + random.Next(-2, 3));
            var wanted = random.Next(3) switch { 0 => random.Next(1, 40), 1 => random.Next(1, 3 * Sealed.Chunk), _ => Sealed.Chunk };
            var buffer = new byte[wanted];
            reader.Position = start;
            var read = i % 2 == 0
                ? reader.ReadAtLeast(buffer, wanted, throwOnEndOfStream: false)
                : await reader.ReadAtLeastAsync(buffer, wanted, throwOnEndOfStream: false);
            read.ShouldBe(Math.Clamp(size - start, 0, wanted), $"{wanted} bytes at {start} of {size}");
            buffer.AsSpan(0, read).SequenceEqual(Sealed.Pattern(read, start)).ShouldBeTrue($"{wanted} bytes at {start} of {size}");
            reader.Position.ShouldBe(start + read);
            if (i % 10 == 0) reader.Length.ShouldBe(size);
        }
        reader.Position = 0;
        Sealed.AssertPattern(Sealed.ReadAll(reader), size);
    }

    private sealed class CountingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public long BytesRead { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var count = base.Read(buffer);
            BytesRead += count;
            return count;
        }
    }
}
