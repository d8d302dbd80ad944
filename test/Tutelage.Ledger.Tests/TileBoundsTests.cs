using System.Text;

namespace Tutelage.Ledger.Tests;

/// <summary>Where tiles, bundles and a log's own questions end: one step further is refused.</summary>
public sealed class TileBoundsTests
{
    [Theory]
    [InlineData("tile/0/000", 0, 0, 256)]
    [InlineData("tile/7/255.p/1", 7, 255, 1)]
    [InlineData("tile/entries/x001/x234/067.p/255", null, 1_234_067, 255)]
    [InlineData("tile/0/x001/x000/x000/x000/x000/000", 0, 1_000_000_000_000_000, 256)]
    public void A_path_of_a_log_is_read(string path, int? level, long index, int width) => TilePath.Parse(path).ShouldBe(new TilePath.Name(level, index, width));

    [Theory]
    [InlineData("")]
    [InlineData("tile")]
    [InlineData("tile/0")]
    [InlineData("tiles/0/000")]
    [InlineData("tile/8/000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/entry/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/xx01/000")]
    [InlineData("tile/0/001/000")]
    [InlineData("tile/0/-01")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/07")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/-1")]
    [InlineData("tile/0/000.q/7")]
    [InlineData("tile/0/000/")]
    [InlineData("tile/0/x001/x000/x000/x000/x000/x000/000")]
    [InlineData("tile/0/../checkpoint")]
    public void Any_other_path_is_none(string path) => TilePath.Parse(path).ShouldBeNull();

    [Fact]
    public void A_bundle_holds_exactly_its_entries()
    {
        IReadOnlyList<ReadOnlyMemory<byte>> entries = [new byte[] { 1, 2, 3 }, Array.Empty<byte>(), new byte[300]];
        var bytes = EntryBundle.Write(entries);
        EntryBundle.Read(bytes, 3).ShouldNotBeNull().Select(e => e.ToArray()).ShouldBe(entries.Select(e => e.ToArray()));
        for (var cut = 0; cut < bytes.Length; cut++) EntryBundle.Read(bytes.AsMemory(0, cut), 3).ShouldBeNull($"cut at {cut}");
        EntryBundle.Read((byte[])[.. bytes, 0], 3).ShouldBeNull();
        EntryBundle.Read(bytes, 2).ShouldBeNull();
        EntryBundle.Read(bytes, 4).ShouldBeNull();
        EntryBundle.Read(ReadOnlyMemory<byte>.Empty, 0).ShouldNotBeNull().ShouldBeEmpty();
        Should.Throw<OverflowException>(() => EntryBundle.Write([new byte[65_536]]));
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(255, 0, 0, 255)]
    [InlineData(256, 0, 0, 256)]
    [InlineData(257, 0, 1, 1)]
    [InlineData(257, 0, 2, 0)]
    [InlineData(255, 1, 0, 0)]
    [InlineData(65_536, 1, 0, 256)]
    [InlineData(65_536, 2, 0, 1)]
    [InlineData(long.MaxValue, 7, 0, 127)]
    [InlineData(long.MaxValue, 8, 0, 0)]
    public void A_tile_is_as_wide_as_the_tree_reaches(long size, int level, long index, int width) => TilePath.WidthAt(size, level, index).ShouldBe(width);

    [Fact]
    public void A_log_answers_for_the_entries_that_it_has()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        log.ReadEntries(0, 5).ShouldBeEmpty();
        log.Append(LogFolder.Entries(0, 600));
        var before = log.Checkpoint;
        log.Append([]).ShouldBe(600);
        log.Checkpoint.ShouldBe(before);
        foreach (var (first, count, expected) in ((long, int, int)[])[(0, 600, 600), (250, 10, 10), (255, 1, 1), (256, 256, 256), (255, 300, 300), (599, 5, 1), (600, 5, 0), (700, 5, 0), (3, 0, 0)])
            log.ReadEntries(first, count).Select(e => Encoding.UTF8.GetString(e.Span)).ShouldBe(Enumerable.Range((int)first, expected).Select(i => $"entry {i}"), $"{count} from {first}");
        Should.Throw<ArgumentOutOfRangeException>(() => log.ReadEntries(-1, 5));
        foreach (var index in (long[])[-1, 600]) Should.Throw<ArgumentOutOfRangeException>(() => log.ReadEntry(index));
        Encoding.UTF8.GetString(log.ReadEntry(599).Span).ShouldBe("entry 599");
        Should.Throw<ArgumentOutOfRangeException>(() => log.ProveInclusion(0, 601));
        Should.Throw<ArgumentOutOfRangeException>(() => log.ProveConsistency(1, 601));

        // Proofs for sizes that the log once had.
        var leaves = Enumerable.Range(0, 600).Select(i => MerkleTree.HashLeaf(Encoding.UTF8.GetBytes($"entry {i}"))).ToArray();
        foreach (var size in (int[])[1, 2, 255, 256, 257, 511, 512, 600])
        {
            var root = MerkleTree.Root(leaves.AsSpan(0, size));
            MerkleProof.VerifyInclusion(size - 1, size, leaves[size - 1], log.ProveInclusion(size - 1, size), root).ShouldBeTrue($"{size}");
            MerkleProof.VerifyConsistency(size, 600, root, MerkleTree.Root(leaves), log.ProveConsistency(size, 600)).ShouldBeTrue($"{size}");
        }
    }

    [Fact]
    public void A_log_is_opened_only_with_its_own_key_and_name()
    {
        using var folder = new LogFolder();
        using (var log = folder.Open()) log.Append(LogFolder.Entries(0, 3));
        using var other = LogSigner.Generate("other.example/log");
        Should.Throw<ArgumentException>(() => TileLog.Open(folder.Folder, LogFolder.Origin, other)).Message.ShouldContain("other.example/log");
        using var stranger = LogSigner.Generate(LogFolder.Origin);
        Should.Throw<LogDamagedException>(() => TileLog.Open(folder.Folder, LogFolder.Origin, stranger)).Faults.ShouldHaveSingleItem().ShouldContain("not a checkpoint signed by this log's key");
        folder.CheckLog().ShouldBe(3);
    }

    [Fact]
    public void A_cosignature_of_an_older_state_is_kept_beside_and_one_that_fails_to_be_kept_stops_the_log()
    {
        using var folder = new LogFolder();
        using var witness = Cosigner.Generate("witness");
        var failing = "";
        using var log = folder.Open((path, at) =>
        {
            if (path == failing && at == WritePoint.Flushed) throw new IOException("the disk is gone");
        });
        log.Append(LogFolder.Entries(0, 3));
        log.ReadAuditedCheckpoint().ShouldBeNull();
        var opened = Checkpoint.Open(log.Checkpoint, folder.Policy.Log).ShouldNotBeNull();
        var note = opened.Note.With(witness.Cosign(opened.Note.Text, DateTimeOffset.UnixEpoch));
        var cosigned = Checkpoint.Open(note.ToBytes(), folder.Policy.Log, witness.VerifierKey).ShouldNotBeNull();
        log.Append(LogFolder.Entries(3, 3));
        var newest = log.Checkpoint;
        log.AttachCosignatures(cosigned);
        log.Checkpoint.ShouldBe(newest);
        log.ReadAuditedCheckpoint().ShouldBe(note.ToBytes());
        failing = TileLog.AuditedCheckpoint;
        Should.Throw<IOException>(() => log.AttachCosignatures(cosigned));
        Should.Throw<InvalidOperationException>(() => log.AttachCosignatures(cosigned)).Message.ShouldContain("restart");
        Should.Throw<InvalidOperationException>(() => log.Append(LogFolder.Entries(6, 1)));
    }
}
