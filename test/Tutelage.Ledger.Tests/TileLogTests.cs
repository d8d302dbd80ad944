using System.Diagnostics;
using System.Text;

namespace Tutelage.Ledger.Tests;

public sealed class TileLogTests
{
    [Theory]
    [InlineData(0, "tile/0/000")]
    [InlineData(1234067, "tile/0/x001/x234/067")]
    [InlineData(999, "tile/0/999")]
    [InlineData(1000, "tile/0/x001/000")]
    public void Paths_are_those_of_tlog_tiles(long index, string path)
    {
        TilePath.Tile(0, index).ShouldBe(path);
        TilePath.Tile(0, index, 7).ShouldBe(path + ".p/7");
        TilePath.Entries(index).ShouldBe(path.Replace("/0/", "/entries/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_log_grows_by_ones_and_by_batches_and_verifies_at_every_size()
    {
        using var folder = new LogFolder();
        var size = 0;
        foreach (var batch in (int[])[1, 1, 1, 250, 3, 1, 256, 700, 1])
        {
            using var log = folder.Open();
            log.Append(LogFolder.Entries(size, batch)).ShouldBe(size);
            size += batch;
            folder.CheckLog().ShouldBe(size);
        }

        using var reopened = folder.Open();
        Encoding.UTF8.GetString(reopened.ReadEntry(777).Span).ShouldBe("entry 777");
    }

    [Fact]
    [Trait("Pace", "slow")]
    public void A_log_of_more_than_one_tile_level_proves_every_kind_of_entry()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        log.Append(LogFolder.Entries(0, 65_536));
        log.Append(LogFolder.Entries(65_536, 300));
        File.Exists(Path.Combine(folder.Folder, "tile/1/000")).ShouldBeTrue();
        File.Exists(Path.Combine(folder.Folder, "tile/2/000.p/1")).ShouldBeTrue();
        folder.CheckLog().ShouldBe(65_836);
        var root = Checkpoint.Open(log.Checkpoint, folder.Policy.Log).ShouldNotBeNull().Checkpoint.Root;
        foreach (var index in (long[])[0, 255, 256, 65_535, 65_536, 65_835])
            MerkleProof.VerifyInclusion(index, 65_836, MerkleTree.HashLeaf(log.ReadEntry(index).Span), log.ProveInclusion(index, 65_836), root).ShouldBeTrue();
        var old = MerkleTree.Root(Enumerable.Range(0, 1000).Select(i => MerkleTree.HashLeaf(log.ReadEntry(i).Span)).ToArray());
        MerkleProof.VerifyConsistency(1000, 65_836, old, root, log.ProveConsistency(1000, 65_836)).ShouldBeTrue();
    }

    [Fact]
    public void An_entry_that_is_too_long_is_refused_and_nothing_is_written()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        Should.Throw<ArgumentException>(() => log.Append([new byte[1], new byte[65_536]]));
        log.Append([new byte[65_535]]);
        folder.CheckLog().ShouldBe(1);
    }

    /// <summary>Every write of an append fails at every one of its points; the log then heals by being opened, and what it answered for is there.</summary>
    [Theory]
    [InlineData(WritePoint.Before)]
    [InlineData(WritePoint.Half)]
    [InlineData(WritePoint.Flushed)]
    [InlineData(WritePoint.Renamed)]
    [InlineData(WritePoint.Stored)]
    internal void Failed_writes_stored_or_not_leave_a_log_that_opens_verifies_and_goes_on(WritePoint point)
    {
        for (var failing = 0; failing < 10; failing++)
        {
            using var folder = new LogFolder();
            using (var log = folder.Open()) log.Append(LogFolder.Entries(0, 255));
            var writes = 0;
            var failed = "";
            using (var log = folder.Open((path, at) =>
            {
                if (at != point || writes++ != failing) return;
                failed = path;
                throw new IOException("the disk is gone");
            }))
            {
                if (failing < 5) Should.Throw<IOException>(() => log.Append(LogFolder.Entries(255, 3)));
                if (failed.Length == 0) break;
                Should.Throw<InvalidOperationException>(() => log.Append(LogFolder.Entries(255, 1))).Message.ShouldContain("restart");
            }

            LogVerifier.Verify(folder.Folder, folder.Policy).Faults.ShouldBeEmpty();
            using var healed = folder.Open();
            var size = healed.Size;
            size.ShouldBe(failed == TilePath.Checkpoint && point >= WritePoint.Renamed ? 258 : 255);
            var report = LogVerifier.Verify(folder.Folder, folder.Policy);
            report.Notes.ShouldBeEmpty($"{failed} at {point}: opening removes what a crash left");
            healed.Append(LogFolder.Entries((int)size + 1000, 5));
            folder.CheckLog().ShouldBe(size + 5);
        }
    }

    [Fact]
    public void A_truncated_or_altered_tile_at_the_right_edge_is_refused_when_the_log_opens()
    {
        foreach (var (path, keep) in ((string, int)[])[("tile/0/000.p/9", 100), ("tile/entries/000.p/9", 20), ("tile/0/000.p/9", 0), ("checkpoint", 30)])
        {
            using var folder = new LogFolder();
            using (var log = folder.Open()) log.Append(LogFolder.Entries(0, 9));
            var full = Path.Combine(folder.Folder, path);
            File.WriteAllBytes(full, File.ReadAllBytes(full)[..keep]);
            Should.Throw<LogDamagedException>(() => folder.Open()).Message.ShouldContain("damaged");
            LogVerifier.Verify(folder.Folder, folder.Policy).Faults.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Tiles_without_a_checkpoint_are_not_an_empty_log()
    {
        using var folder = new LogFolder();
        using (var log = folder.Open()) log.Append(LogFolder.Entries(0, 3));
        File.Delete(Path.Combine(folder.Folder, "checkpoint"));
        Should.Throw<LogDamagedException>(() => folder.Open()).Faults.ShouldHaveSingleItem();
    }

    /// <summary>A real process, killed in the middle of appending: what it answered for is there.</summary>
    [Fact]
    [Trait("Pace", "slow")]
    public async Task A_writer_killed_at_any_moment_has_lost_nothing_that_it_answered_for()
    {
        using var folder = new LogFolder();
        using (folder.Open())
        {
            // Creates the log, so that the child opens one that exists.
        }

        var seed = Path.Combine(folder.Root, "seed");
        using (var signer = folder.Signer()) await File.WriteAllBytesAsync(seed, signer.Export());
        foreach (var answers in (int[])[1, 7, 40])
        {
            using var child = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(TileLogTests).Assembly.Location, folder.Folder, seed]) { RedirectStandardOutput = true }).ShouldNotBeNull();
            var answered = "0";
            for (var i = 0; i < answers; i++) answered = await child.StandardOutput.ReadLineAsync() ?? answered;
            child.Kill();
            await child.WaitForExitAsync();
            answered = (await child.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(line => line.All(char.IsAsciiDigit)) ?? answered;
            using var log = folder.Open();
            log.Size.ShouldBeGreaterThanOrEqualTo(long.Parse(answered, System.Globalization.CultureInfo.InvariantCulture));
            folder.CheckLog().ShouldBe(log.Size);
        }
    }

    /// <summary>One append across a full tile has six writes; a process dies at each of the five points of each.</summary>
    [Fact]
    [Trait("Pace", "slow")]
    public async Task A_writer_that_dies_at_any_point_of_any_write_has_lost_nothing_that_it_answered_for()
    {
        using var before = new LogFolder();
        using (var log = before.Open()) log.Append(LogFolder.Entries(0, 254));
        var seed = Path.Combine(before.Root, "seed");
        using (var signer = before.Signer()) await File.WriteAllBytesAsync(seed, signer.Export());
        foreach (var point in Enum.GetValues<WritePoint>())
        {
            for (var write = 0; write < 6; write++)
            {
                var folder = Path.Combine(before.Root, $"{point}{write}");
                foreach (var path in Directory.EnumerateFiles(before.Folder, "*", SearchOption.AllDirectories))
                {
                    var target = Path.Combine(folder, Path.GetRelativePath(before.Folder, path));
                    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    File.Copy(path, target);
                }

                using var child = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(TileLogTests).Assembly.Location, folder, seed, point.ToString(), $"{write}"]) { RedirectStandardOutput = true }).ShouldNotBeNull();
                var answered = (await child.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "254";
                await child.WaitForExitAsync();
                child.ExitCode.ShouldBe(137);
                LogVerifier.Verify(folder, before.Policy).Faults.ShouldBeEmpty($"{point} of write {write}, before opening");
                using var log = TileLog.Open(folder, LogFolder.Origin, before.Signer());
                log.Size.ShouldBeGreaterThanOrEqualTo(long.Parse(answered, System.Globalization.CultureInfo.InvariantCulture));
                log.Append(LogFolder.Entries(5000, 3));
                var report = LogVerifier.Verify(folder, before.Policy);
                (report.Faults.Count, report.Notes.Count).ShouldBe((0, 0), $"{point} of write {write}: {string.Join("; ", report.Faults.Concat(report.Notes))}");
            }
        }
    }

    [Fact]
    [Trait("Pace", "slow")]
    public void Single_appends_are_whole_and_say_how_long_they_take()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        var times = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var started = Stopwatch.GetTimestamp();
            log.Append(LogFolder.Entries(i, 1));
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine($"single durable append: p50 {times[100]:0.0} ms, p99 {times[198]:0.0} ms");
        folder.CheckLog().ShouldBe(200);
    }
}
