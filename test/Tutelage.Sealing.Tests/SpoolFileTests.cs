namespace Tutelage.Sealing.Tests;

public sealed class SpoolFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TagIdentity _identity = TagIdentity.Generate();

    private string FilePath => _folder["spool.age"];
    private string TailPath => SpoolFile.TailPath(FilePath);

    public void Dispose()
    {
        _identity.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_completed_file_reads_whole_and_has_nothing_beside_it()
    {
        foreach (var size in Sealed.InterestingSizes)
        {
            using (var writer = Create())
            {
                WriteWithFlushes(writer, size, every: 20_011);
                writer.Complete();
            }
            AssertReads(size, SpoolEnding.Complete);
            Directory.GetFiles(_folder.Path).ShouldBe([FilePath]);
            if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(FilePath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Sealed.AssertPattern(Sealed.Open(File.ReadAllBytes(FilePath), _identity), size);
            SpoolFile.Delete(FilePath);
        }
    }

    [Fact]
    public void A_writer_that_dies_loses_nothing_that_was_flushed()
    {
        foreach (var flushed in Sealed.InterestingSizes)
        {
            using (var writer = Create())
            {
                writer.Write(Sealed.Pattern(flushed));
                writer.FlushTail();
                writer.Write(Sealed.Pattern(10, flushed)); // never flushed
            }
            // The ten bytes waited in RAM, unless they filled a chunk and went past it: then it is whole in the file.
            AssertReads(Math.Max(flushed, (flushed + 9) / Sealed.Chunk * Sealed.Chunk), SpoolEnding.Torn);
            SpoolFile.Delete(FilePath);
        }
    }

    [Fact]
    public void The_tail_goes_once_its_chunk_is_whole()
    {
        using var writer = Create();
        writer.Write(Sealed.Pattern(Sealed.Chunk));
        writer.FlushTail();
        File.Exists(TailPath).ShouldBeTrue(); // a full chunk may be the last one, so it waits
        writer.Write(Sealed.Pattern(1, Sealed.Chunk));
        File.Exists(TailPath).ShouldBeFalse();
        AssertReads(Sealed.Chunk, SpoolEnding.Torn);
        writer.FlushTail();
        AssertReads(Sealed.Chunk + 1, SpoolEnding.Torn);
    }

    [Fact]
    public void A_torn_file_cut_at_any_interesting_byte_gives_its_whole_chunks_and_the_tail_or_says_that_it_is_damaged()
    {
        using (var writer = Create())
        {
            writer.Write(Sealed.Pattern(2 * Sealed.Chunk + 500));
            writer.FlushTail();
        }
        var main = File.ReadAllBytes(FilePath);
        var tail = File.ReadAllBytes(TailPath);
        var start = main.Length - 2 * PayloadChunks.SealedSize;
        foreach (var cut in InterestingCuts(main.Length, start))
        {
            File.WriteAllBytes(FilePath, main[..cut]);
            var whole = Math.Max(0, cut - start) / PayloadChunks.SealedSize;
            if (cut < start)
            {
                Should.Throw<AgeFormatException>(() => SpoolFileReader.Open(FilePath, _identity), $"cut at {cut}");
                continue;
            }

            File.WriteAllBytes(TailPath, tail);
            if (whole == 2) AssertReads(2 * Sealed.Chunk + 500, SpoolEnding.Torn);
            else AssertDamaged(whole * Sealed.Chunk);

            File.Delete(TailPath); // as if no flush ever came
            AssertReads(whole * Sealed.Chunk, SpoolEnding.Torn);
        }

        // A crash in the middle of appending the third chunk: its beginning stands behind the whole ones.
        File.WriteAllBytes(TailPath, tail);
        foreach (var extra in new[] { 1, 15, 16, 17, 1000, PayloadChunks.SealedSize - 1, PayloadChunks.SealedSize })
        {
            File.WriteAllBytes(FilePath, [.. main, .. new byte[extra]]);
            AssertReads(2 * Sealed.Chunk + 500, SpoolEnding.Torn);
        }
    }

    [Fact]
    public void A_complete_file_cut_at_any_interesting_byte_reads_as_torn()
    {
        using (var writer = Create())
        {
            writer.Write(Sealed.Pattern(Sealed.Chunk + 500));
            writer.Complete();
        }
        var main = File.ReadAllBytes(FilePath);
        var start = main.Length - PayloadChunks.SealedSize - 500 - PayloadChunks.TagSize;
        foreach (var cut in InterestingCuts(main.Length - 1, start).Where(c => c >= start))
        {
            File.WriteAllBytes(FilePath, main[..cut]);
            AssertReads((cut - start) / PayloadChunks.SealedSize * Sealed.Chunk, SpoolEnding.Torn);
        }
    }

    [Fact]
    public void A_cut_or_altered_tail_is_refused_and_so_is_another_files_tail()
    {
        using (var writer = Create())
        {
            writer.Write(Sealed.Pattern(500));
            writer.FlushTail();
        }
        var tail = File.ReadAllBytes(TailPath);
        for (var cut = 0; cut < tail.Length; cut += 7)
        {
            File.WriteAllBytes(TailPath, tail[..cut]);
            var (_, fault) = Read();
            Sealed.IsNamed(fault.ShouldNotBeNull()).ShouldBeTrue();
        }

        using (var other = SpoolFileWriter.Create(_folder["other"], _identity.Recipient))
        {
            other.Write(Sealed.Pattern(10));
            other.FlushTail();
        }
        File.Copy(SpoolFile.TailPath(_folder["other"]), TailPath, overwrite: true);
        AssertDamaged(0);
    }

    [Fact]
    public async Task A_reader_counts_what_it_gave_and_says_how_the_file_ended_only_at_its_end()
    {
        using (var writer = Create())
        {
            writer.Write(Sealed.Pattern(100_000));
            writer.Complete();
        }
        await using var reader = SpoolFileReader.Open(FilePath, _identity);
        (await reader.ReadAsync(new byte[10])).ShouldBe(10);
        reader.Read([]).ShouldBe(0);
        (reader.Position, reader.Ending, reader.CanSeek).ShouldBe((10, SpoolEnding.Unknown, false));
        await Should.ThrowAsync<OperationCanceledException>(() => reader.ReadExactlyAsync(new byte[10], new CancellationToken(canceled: true)).AsTask());
        reader.Position.ShouldBe(10);
        Should.Throw<NotSupportedException>(() => reader.Position = 0);
        (await reader.ReadAsync(new byte[Sealed.Chunk])).ShouldBe(Sealed.Chunk - 10);
        Sealed.AssertPatternAt(reader, Sealed.Chunk, 100_000 - Sealed.Chunk);
        reader.Read(new byte[1]).ShouldBe(0);
        (reader.Position, reader.Ending).ShouldBe((100_000, SpoolEnding.Complete));
        reader.Read(new byte[1]).ShouldBe(0);
    }

    [Fact]
    public void A_file_that_is_no_spool_file_or_anothers_is_refused_when_it_is_opened()
    {
        Create().Dispose();
        using var stranger = TagIdentity.Generate();
        Should.Throw<NoMatchingIdentityException>(() => SpoolFileReader.Open(FilePath, stranger));
        Should.Throw<FileNotFoundException>(() => SpoolFileReader.Open(_folder["none"], _identity));
        var main = File.ReadAllBytes(FilePath);
        File.WriteAllBytes(FilePath, main[..^1]);
        Should.Throw<AgeFormatException>(() => SpoolFileReader.Open(FilePath, _identity)).Message.ShouldContain("nonce");
        File.WriteAllBytes(FilePath, main[..^PayloadChunks.NonceSize]);
        Should.Throw<AgeFormatException>(() => SpoolFileReader.Open(FilePath, _identity)).Message.ShouldContain("nonce");
    }

    /// <summary>Tails that only somebody with the recipient and the main file could make; the reader believes none that says too little, too much or another chunk.</summary>
    [Fact]
    public void A_tail_of_another_binding_chunk_or_size_is_refused()
    {
        using (var writer = Create()) writer.Write(Sealed.Pattern(Sealed.Chunk + 1)); // one chunk is whole in the file
        var main = File.ReadAllBytes(FilePath);
        var header = AgeHeader.Read(new MemoryStream(main)).Bytes.Length;
        var binding = SpoolFile.Binding(main.AsSpan(0, header), main.AsSpan(header, PayloadChunks.NonceSize));
        void Tail(params byte[] plaintext) => File.WriteAllBytes(TailPath, Sealed.ToFile(plaintext, _identity.Recipient));
        byte[] second = [.. binding, 0, 0, 0, 0, 0, 0, 0, 1];
        Tail([.. second, .. Sealed.Pattern(Sealed.Chunk, Sealed.Chunk)]);
        AssertReads(2 * Sealed.Chunk, SpoolEnding.Torn);
        Tail(second);
        AssertReads(Sealed.Chunk, SpoolEnding.Torn);
        Tail([.. binding, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
        AssertReads(Sealed.Chunk, SpoolEnding.Torn); // its chunk is whole in the file
        foreach (var wrong in new byte[][] { [.. second, .. Sealed.Pattern(Sealed.Chunk + 1, Sealed.Chunk)], [.. binding, 0, 0, 0, 0, 0, 0, 0, 2], second[..39], binding, [], [(byte)(second[0] ^ 1), .. second[1..]], [.. second[..31], (byte)(second[31] ^ 1), .. second[32..]] })
        {
            Tail(wrong);
            AssertDamaged(Sealed.Chunk);
        }
    }

    [Fact]
    public void A_stale_tail_beside_a_complete_file_is_ignored()
    {
        using (var writer = Create())
        {
            writer.Write(Sealed.Pattern(300));
            writer.FlushTail();
            File.Copy(TailPath, _folder["kept"]);
            writer.Write(Sealed.Pattern(Sealed.Chunk, 300));
            writer.Complete();
        }
        File.Move(_folder["kept"], TailPath); // a crash between the last chunk and the removal of the tail
        AssertReads(Sealed.Chunk + 300, SpoolEnding.Complete);
    }

    [Fact]
    public void Whatever_step_fails_once_nothing_accepted_is_lost_and_no_sealed_byte_changes()
    {
        foreach (var step in Enum.GetValues<SpoolStep>().Except([SpoolStep.SyncMain]))
            for (var nth = 1; nth <= 4; nth++)
            {
                using (var writer = CreateFailing(step, nth))
                {
                    var before = Array.Empty<byte>();
                    for (var i = 0; i < 20; i++)
                    {
                        writer.Write(Sealed.Pattern(17_000, writer.Position));
                        before = AssertOnlyAppended(before);
                        if (!Attempt(writer.FlushTail)) writer.FlushTail();
                        before = AssertOnlyAppended(before);
                        AssertReads(writer.Position, SpoolEnding.Torn);
                    }
                    if (!Attempt(writer.Complete)) writer.Complete();
                    AssertOnlyAppended(before);
                    AssertReads(writer.Position, SpoolEnding.Complete);
                }
                SpoolFile.Delete(FilePath);
            }
    }

    [Fact]
    public void After_a_failed_sync_the_writer_stops_and_what_was_flushed_stands()
    {
        for (var nth = 1; nth <= 4; nth++)
        {
            using (var writer = CreateFailing(SpoolStep.SyncMain, nth))
            {
                long flushed = 0;
                while (Attempt(() =>
                {
                    writer.Write(Sealed.Pattern(17_000, writer.Position));
                    writer.FlushTail();
                })) flushed = writer.Position;
                Should.Throw<InvalidOperationException>(() => writer.Write([1])).Message.ShouldContain("recover");
                Should.Throw<InvalidOperationException>(writer.FlushTail);
                Should.Throw<InvalidOperationException>(writer.Complete);
                var (read, fault) = Read();
                fault.ShouldBeNull();
                read.Length.ShouldBeInRange((int)flushed, (int)writer.Position);
                Sealed.AssertPattern(read, read.Length);
            }
            SpoolFile.Delete(FilePath);
        }
    }

    [Fact]
    public void While_the_disk_is_full_memory_is_bounded_and_when_there_is_room_again_all_is_there()
    {
        var full = true;
        using var writer = SpoolFileWriter.Create(FilePath, _identity.Recipient, at =>
        {
            if (full && at == SpoolStep.AppendChunk) throw new IOException("no space left");
        });
        long accepted = 0;
        while (Attempt(() => writer.Write(Sealed.Pattern(30_000, accepted)))) accepted += 30_000;
        accepted.ShouldBeInRange(SpoolFileWriter.MaxWaitingChunks * Sealed.Chunk, (SpoolFileWriter.MaxWaitingChunks + 2) * Sealed.Chunk);
        Attempt(writer.FlushTail).ShouldBeFalse();
        writer.Position.ShouldBe(accepted);

        full = false;
        writer.Write(Sealed.Pattern(30_000, accepted));
        writer.FlushTail();
        AssertReads(accepted + 30_000, SpoolEnding.Torn);
        writer.Complete();
        AssertReads(accepted + 30_000, SpoolEnding.Complete);
    }

    /// <summary>The real thing: a file system of 256 KiB. Mounting needs root; the step faults above cover the same without it.</summary>
    [Fact]
    public void On_a_file_system_that_is_really_full_the_flush_says_so_and_succeeds_later()
    {
        var mount = _folder["mount"];
        Directory.CreateDirectory(mount);
        try
        {
            Tool.Run("mount", "-t", "tmpfs", "-o", "size=256k", "none", mount);
        }
        catch (Exception)
        {
            Console.WriteLine("skipped: mounting a tmpfs needs root");
            return;
        }
        try
        {
            var path = Path.Combine(mount, "spool");
            File.WriteAllBytes(Path.Combine(mount, "ballast"), new byte[180_000]);
            using (var writer = SpoolFileWriter.Create(path, _identity.Recipient))
            {
                writer.Write(Sealed.Pattern(30_000));
                writer.FlushTail();
                writer.Write(Sealed.Pattern(120_000, 30_000));
                var failure = Should.Throw<IOException>(writer.FlushTail);
                failure.Message.ShouldNotBeEmpty();
                using (var torn = SpoolFileReader.Open(path, _identity)) Sealed.ReadUntilFault(torn).Read.Length.ShouldBeGreaterThanOrEqualTo(30_000);

                File.Delete(Path.Combine(mount, "ballast"));
                writer.FlushTail();
                using var reader = SpoolFileReader.Open(path, _identity);
                Sealed.AssertPattern(Sealed.ReadAll(reader), 150_000);
            }
        }
        finally
        {
            Tool.Run("umount", mount);
        }
    }

    [Fact]
    public void A_spool_file_is_never_written_twice()
    {
        Create().Dispose();
        Should.Throw<IOException>(Create);
        AssertReads(0, SpoolEnding.Torn);
        SpoolFile.Delete(FilePath);
        SpoolFile.Delete(FilePath);
        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_in_the_folder_shows_the_content()
    {
        using var writer = Create();
        writer.Write(Sealed.Pattern(100_000));
        writer.FlushTail();
        var needle = Sealed.Pattern(24, 70_000);
        foreach (var file in Directory.GetFiles(_folder.Path)) File.ReadAllBytes(file).AsSpan().IndexOf(needle).ShouldBe(-1);
    }

    private SpoolFileWriter Create() => SpoolFileWriter.Create(FilePath, _identity.Recipient);

    private SpoolFileWriter CreateFailing(SpoolStep step, int nth)
    {
        var count = 0;
        return SpoolFileWriter.Create(FilePath, _identity.Recipient, at =>
        {
            if (at == step && ++count == nth) throw new IOException("no space left");
        });
    }

    private static void WriteWithFlushes(SpoolFileWriter writer, int size, int every)
    {
        while (writer.Position < size)
        {
            writer.Write(Sealed.Pattern((int)Math.Min(every, size - writer.Position), writer.Position));
            writer.FlushTail();
        }
    }

    private static bool Attempt(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A sealed byte that changed would be a chunk sealed twice.</summary>
    private byte[] AssertOnlyAppended(byte[] before)
    {
        var now = File.ReadAllBytes(FilePath);
        now.AsSpan().StartsWith(before).ShouldBeTrue();
        return now;
    }

    private (byte[] Read, Exception? Fault) Read()
    {
        using var reader = SpoolFileReader.Open(FilePath, _identity);
        return Sealed.ReadUntilFault(reader);
    }

    private void AssertReads(long length, SpoolEnding ending)
    {
        using var reader = SpoolFileReader.Open(FilePath, _identity);
        Sealed.AssertPattern(Sealed.ReadAll(reader), length);
        reader.Ending.ShouldBe(ending);
    }

    private void AssertDamaged(long readBefore)
    {
        var (read, fault) = Read();
        Sealed.AssertPattern(read, readBefore);
        fault.ShouldBeOfType<PayloadAuthenticationException>();
    }

    private static IEnumerable<int> InterestingCuts(int length, int start)
    {
        int[] around = [0, 1, 21, 22, 100, start - 17, start - 16, start - 1, start];
        var boundaries = Enumerable.Range(0, 4).Select(i => start + i * PayloadChunks.SealedSize)
            .SelectMany(b => new[] { b - 17, b - 16, b - 15, b - 1, b, b + 1, b + 15, b + 16, b + 17, b + 30_000 });
        return around.Concat(boundaries).Append(length).Where(c => c >= 0 && c <= length).Distinct().Order();
    }
}
