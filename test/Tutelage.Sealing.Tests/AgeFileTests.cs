namespace Tutelage.Sealing.Tests;

public sealed class AgeFileTests
{
    [Fact]
    public void A_sealed_file_opens_to_the_same_bytes_at_every_size_around_a_chunk()
    {
        using var tag = TagIdentity.Generate();
        using var x25519 = X25519Identity.Generate();
        foreach (var size in Sealed.InterestingSizes)
        {
            var file = Sealed.ToFile(Sealed.Pattern(size), tag.Recipient, x25519.Recipient);
            Sealed.AssertPattern(Sealed.Open(file, tag), size);
            Sealed.AssertPattern(Sealed.Open(file, x25519), size);
            var header = AgeHeader.Read(new MemoryStream(file)).Bytes.Length;
            file.Length.ShouldBe((int)(header + PayloadChunks.SizeBytes(size)));
        }
    }

    [Fact]
    public async Task Writing_and_reading_piecewise_and_asynchronously_gives_the_same_bytes()
    {
        using var identity = TagIdentity.Generate();
        var random = new Random(7);
        using var file = new MemoryStream();
        await using var writer = new AgeWriter(file, identity.Recipient);
        for (var left = 300_000; left > 0;)
        {
            var count = Math.Min(left, random.Next(1, 90_000));
            await writer.WriteAsync(Sealed.Pattern(count, writer.Position));
            left -= count;
        }
        await writer.CompleteAsync();

        file.Position = 0;
        await using var reader = await AgeReader.OpenAsync(file, identity);
        using var read = new MemoryStream();
        await reader.CopyToAsync(read);
        Sealed.AssertPattern(read.ToArray(), 300_000);
    }

    [Fact]
    public void A_file_opens_only_for_its_recipients()
    {
        using var identity = TagIdentity.Generate();
        using var stranger = TagIdentity.Generate();
        using var other = X25519Identity.Generate();
        var file = Sealed.ToFile("content"u8, identity.Recipient);
        Should.Throw<NoMatchingIdentityException>(() => Sealed.Open(file, stranger));
        Should.Throw<NoMatchingIdentityException>(() => Sealed.Open(file, other));
    }

    [Fact]
    public void The_file_key_from_a_copied_header_opens_the_file_and_another_file_key_does_not()
    {
        using var identity = TagIdentity.Generate();
        var file = Sealed.ToFile("content"u8, identity.Recipient);
        var header = AgeHeader.Parse(AgeHeader.Read(new MemoryStream(file)).Bytes.Span);
        using var key = header.Unwrap(identity);
        using var reader = AgeReader.OpenWithFileKey(new MemoryStream(file), key);
        Sealed.ReadAll(reader).ShouldBe("content"u8.ToArray());

        using var wrong = FileKey.Generate();
        Should.Throw<AgeFormatException>(() => AgeReader.OpenWithFileKey(new MemoryStream(file), wrong));
    }

    [Fact]
    public async Task Opening_asynchronously_refuses_what_opening_refuses()
    {
        using var identity = TagIdentity.Generate();
        using var stranger = TagIdentity.Generate();
        using var wrong = FileKey.Generate();
        var file = Sealed.ToFile("content"u8, identity.Recipient);
        var header = AgeHeader.Read(new MemoryStream(file));
        using var key = header.Unwrap(identity);
        await Should.ThrowAsync<NoMatchingIdentityException>(() => AgeReader.OpenAsync(new MemoryStream(file), stranger));
        await Should.ThrowAsync<AgeFormatException>(() => AgeReader.OpenWithFileKeyAsync(new MemoryStream(file), wrong));
        for (var cut = 0; cut < header.Bytes.Length + PayloadChunks.NonceSize; cut += cut < header.Bytes.Length ? 19 : 1)
        {
            await Should.ThrowAsync<AgeFormatException>(() => AgeReader.OpenAsync(new MemoryStream(file[..cut]), identity), $"cut at {cut}");
            await Should.ThrowAsync<AgeFormatException>(() => AgeReader.OpenWithFileKeyAsync(new OnceStream(file[..cut]), key), $"cut at {cut}");
            Should.Throw<AgeFormatException>(() => AgeReader.OpenWithFileKey(new OnceStream(file[..cut]), key), $"cut at {cut}");
        }
        await using var reader = await AgeReader.OpenWithFileKeyAsync(new OnceStream(file), key);
        (await reader.ReadAsync(Memory<byte>.Empty)).ShouldBe(0);
        reader.Read([]).ShouldBe(0);
        var read = new byte[20];
        (await reader.ReadAtLeastAsync(read, 20, throwOnEndOfStream: false)).ShouldBe(7);
        read[..7].ShouldBe("content"u8.ToArray());
        await Should.ThrowAsync<PayloadAuthenticationException>(async () => await (await AgeReader.OpenAsync(new OnceStream(file[..^1]), identity)).CopyToAsync(Stream.Null));
        await Should.ThrowAsync<PayloadAuthenticationException>(async () => await (await AgeReader.OpenAsync(new OnceStream([.. file, 0]), identity)).CopyToAsync(Stream.Null));
        using var seekable = AgeReader.Open(new MemoryStream(file), identity);
        Should.Throw<ArgumentOutOfRangeException>(() => seekable.Position = -1);
        Should.Throw<ArgumentOutOfRangeException>(() => seekable.Seek(0, (SeekOrigin)7));
    }

    [Fact]
    public void Every_cut_of_a_file_is_noticed()
    {
        using var identity = TagIdentity.Generate();
        var file = Sealed.ToFile(Sealed.Pattern(Sealed.Chunk + 5), identity.Recipient);
        var header = AgeHeader.Read(new MemoryStream(file)).Bytes.Length;
        foreach (var cut in Enumerable.Range(0, header + 40).Concat(Enumerable.Range(header + Sealed.Chunk, file.Length - header - Sealed.Chunk)))
        {
            var fault = Should.Throw<Exception>(() => Sealed.Open(file[..cut], identity), $"cut at {cut}");
            if (cut < header + 16) fault.ShouldBeOfType<AgeFormatException>();
            else fault.ShouldBeOfType<PayloadAuthenticationException>();
        }
        Should.Throw<PayloadAuthenticationException>(() => Sealed.Open([.. file, 0], identity));
    }

    [Fact]
    public void Chunks_in_another_order_or_from_another_file_are_refused()
    {
        using var identity = TagIdentity.Generate();
        var first = Sealed.ToFile(Sealed.Pattern(3 * Sealed.Chunk), identity.Recipient);
        var second = Sealed.ToFile(Sealed.Pattern(3 * Sealed.Chunk), identity.Recipient);
        var start = first.Length - (int)PayloadChunks.SizeBytes(3 * Sealed.Chunk) + PayloadChunks.NonceSize;
        var chunk = PayloadChunks.SealedSize;

        byte[] swapped = [.. first[..start], .. first[(start + chunk)..(start + 2 * chunk)], .. first[start..(start + chunk)], .. first[(start + 2 * chunk)..]];
        byte[] mixed = [.. first[..(start + chunk)], .. second[(start + chunk)..]];
        Should.Throw<PayloadAuthenticationException>(() => Sealed.Open(swapped, identity));
        Should.Throw<PayloadAuthenticationException>(() => Sealed.Open(mixed, identity));
    }

    [Fact]
    public void A_writer_that_was_not_completed_leaves_a_file_that_nobody_takes_for_whole()
    {
        using var identity = TagIdentity.Generate();
        using var file = new MemoryStream();
        using (var writer = new AgeWriter(file, identity.Recipient)) writer.Write(Sealed.Pattern(3 * Sealed.Chunk));
        using var reader = AgeReader.Open(new MemoryStream(file.ToArray()), identity);
        var (read, fault) = Sealed.ReadUntilFault(reader);
        Sealed.AssertPattern(read, 2 * Sealed.Chunk); // the third waited to know whether it is the last
        fault.ShouldBeOfType<PayloadAuthenticationException>();
    }

    [Fact]
    public void Nothing_is_sealed_behind_the_last_chunk_and_less_than_a_tag_opens_nowhere()
    {
        using var key = FileKey.Generate();
        using var chunks = new PayloadChunks(key, new byte[PayloadChunks.NonceSize]);
        var output = new byte[PayloadChunks.SealedSize];
        chunks.Seal([1], last: false, output);
        chunks.Seal([2], last: true, output);
        chunks.Count.ShouldBe(2ul);
        foreach (var last in new[] { false, true }) Should.Throw<InvalidOperationException>(() => chunks.Seal([3], last, output));
        chunks.Count.ShouldBe(2ul);
        chunks.TryOpen(1, output.AsSpan(0, 17), last: true, new byte[1]).ShouldBeTrue();
        foreach (var size in new[] { 0, 1, 15, 16, 18 }) chunks.TryOpen(1, output.AsSpan(0, size), last: true, new byte[2]).ShouldBeFalse();
        chunks.TryOpen(0, output.AsSpan(0, 17), last: true, new byte[1]).ShouldBeFalse();
        chunks.TryOpen(1, output.AsSpan(0, 17), last: false, new byte[1]).ShouldBeFalse();
    }

    [Fact]
    public void Headers_are_read_at_their_bound_and_no_further()
    {
        using var identity = X25519Identity.Generate();
        var own = System.Text.Encoding.ASCII.GetString(AgeHeader.Read(new MemoryStream(Sealed.ToFile([], identity.Recipient))).Bytes.Span);
        string Padded(int size) => own.Replace("\n---", $"\n-> {new string('g', size)}\n\n---", StringComparison.Ordinal);
        var room = AgeHeader.MaxSizeBytes - Padded(0).Length;
        foreach (var (size, isRead) in new[] { (room, true), (room + 1, false) })
        {
            var header = System.Text.Encoding.ASCII.GetBytes(Padded(size));
            if (isRead)
            {
                AgeHeader.Parse(header).Stanzas.Count.ShouldBe(2);
                AgeHeader.Read(new MemoryStream(header)).Bytes.Length.ShouldBe(AgeHeader.MaxSizeBytes);
                Should.Throw<AgeFormatException>(() => AgeHeader.Parse(header).Unwrap(identity)).Message.ShouldContain("MAC");
                continue;
            }
            Should.Throw<AgeFormatException>(() => AgeHeader.Parse(header)).Message.ShouldContain("more than");
            Should.Throw<AgeFormatException>(() => AgeHeader.Read(new MemoryStream(header))).Message.ShouldContain("more than");
        }
        Should.Throw<AgeFormatException>(() => AgeHeader.Parse([.. System.Text.Encoding.ASCII.GetBytes(own), 0])).Message.ShouldContain("after an age header");
        Should.Throw<ArgumentException>(() => Sealed.ToFile([]));
    }

    [Fact]
    public void After_a_failed_write_a_writer_takes_nothing_more()
    {
        using var identity = TagIdentity.Generate();
        using var writer = new AgeWriter(new FullStream(70_000), identity.Recipient);
        Should.Throw<IOException>(() => writer.Write(Sealed.Pattern(4 * Sealed.Chunk)));
        Should.Throw<InvalidOperationException>(() => writer.Write(Sealed.Pattern(1)));
        Should.Throw<InvalidOperationException>(writer.Complete);
    }

    [Fact]
    public void Reading_a_header_leaves_the_stream_right_behind_it()
    {
        using var identity = TagIdentity.Generate();
        using var file = new MemoryStream(Sealed.ToFile("x"u8, identity.Recipient));
        var header = AgeHeader.Read(file);
        file.Position.ShouldBe(header.Bytes.Length);
        header.Bytes.ToArray().ShouldBe(file.ToArray()[..header.Bytes.Length]);
    }

    [Fact]
    public void A_file_key_is_unusable_after_dispose_and_has_16_bytes()
    {
        var key = FileKey.Generate();
        key.Bytes.ToArray().ShouldNotBe(new byte[16]);
        key.Dispose();
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => key.Bytes.Length);
        Should.Throw<ArgumentException>(() => FileKey.From(new byte[15]));
    }

    [Fact]
    public void Identities_readers_and_writers_give_their_keys_up_when_disposed()
    {
        var (tag, x25519) = (TagIdentity.Generate(), X25519Identity.Generate());
        var file = Sealed.ToFile(Sealed.Pattern(2 * Sealed.Chunk), tag.Recipient, x25519.Recipient);
        var reader = AgeReader.Open(new MemoryStream(file), tag);
        reader.Dispose();
        Should.Throw<ObjectDisposedException>(() => reader.Read(new byte[10]));
        tag.Dispose();
        x25519.Dispose();
        Should.Throw<ObjectDisposedException>(() => Sealed.Open(file, tag));
        Should.Throw<ObjectDisposedException>(() => Sealed.Open(file, x25519));
        Should.Throw<ObjectDisposedException>(() => tag.Export());
        Should.Throw<ObjectDisposedException>(() => x25519.ExportText());
    }

    /// <summary>Takes so many bytes and then is full.</summary>
    private sealed class FullStream(int room) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Position + count > room) throw new IOException("no space left");
            base.Write(buffer, offset, count);
        }
    }
}
