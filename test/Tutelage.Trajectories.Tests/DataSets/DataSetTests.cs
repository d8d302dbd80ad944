using System.Formats.Tar;
using System.Security.Cryptography;
using Tutelage.Recording.Captured;
using Tutelage.Trajectories.DataSets;
using Tutelage.Testing;

namespace Tutelage.Trajectories.Tests.DataSets;

public sealed class DataSetTests
{
    private static readonly string[] Tags = ["ana", "ben", "cho"];

    [Fact]
    public void The_same_recordings_give_the_same_bytes_and_id()
    {
        var first = Build(Tags);
        var again = Build([.. Tags.Reverse()]);
        again.Set.Id.ShouldBe(first.Set.Id);
        again.Set.Card.ShouldBe(first.Set.Card);
        foreach (var tag in Tags) again.Shards[tag].ShouldBe(first.Shards[tag]);
    }

    [Fact]
    public void The_id_follows_the_content()
    {
        var first = Build(Tags);
        Build(Tags, seedOffset: 1).Set.Id.ShouldNotBe(first.Set.Id);
        Build(Tags, redactor: "redactor 2").Set.Id.ShouldNotBe(first.Set.Id);
    }

    [Fact]
    public void The_root_can_be_computed_from_the_tar_alone()
    {
        var built = Build(Tags);
        foreach (var shard in built.Set.Shards)
        {
            var leaves = new List<byte[]>();
            using var tar = new TarReader(new MemoryStream(built.Shards[shard.Tag]));
            while (tar.GetNextEntry() is { } entry)
            {
                var content = new MemoryStream();
                entry.DataStream?.CopyTo(content);
                leaves.Add(SHA256.HashData([0, .. System.Text.Encoding.UTF8.GetBytes(entry.Name), 0, .. content.ToArray()]));
                entry.ModificationTime.ShouldBe(DateTimeOffset.UnixEpoch);
            }

            Convert.ToHexStringLower(MerkleRoot.Of(leaves)).ShouldBe(shard.Root);
        }
    }

    [Fact]
    public void The_tree_hash_is_that_of_RFC_6962()
    {
        // Roots of the log test vectors in certificate-transparency's merkletree tests, for 0 to 3 of their leaves.
        byte[][] inputs = [[], [0x00], [0x10]];
        var leaves = inputs.Select(input => SHA256.HashData([0, .. input])).ToList();
        Convert.ToHexStringLower(MerkleRoot.Of([])).ShouldBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        Convert.ToHexStringLower(MerkleRoot.Of(leaves[..1])).ShouldBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        Convert.ToHexStringLower(MerkleRoot.Of(leaves[..2])).ShouldBe("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
        Convert.ToHexStringLower(MerkleRoot.Of(leaves)).ShouldBe("aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    }

    [Fact]
    public void No_person_stands_in_training_and_test()
    {
        var random = new Random(7);
        for (var count = 1; count <= 40; count++)
        {
            var tags = Enumerable.Range(0, count).Select(_ => Convert.ToHexStringLower(BitConverter.GetBytes(random.NextInt64()))).ToList();
            var builder = new DataSetBuilder(new("split", tags));
            var shuffled = new DataSetBuilder(new("split", [.. tags.OrderBy(_ => random.Next())]));
            tags.ShouldAllBe(tag => builder.PartOf(tag) == shuffled.PartOf(tag));
            tags.Count(tag => builder.PartOf(tag) == DataSetPart.Test).ShouldBe(count == 1 ? 0 : Math.Max(1, count / 3));
        }

        var three = new DataSetBuilder(new("split", Tags));
        Tags.Count(tag => three.PartOf(tag) == DataSetPart.Train).ShouldBe(2);
    }

    [Fact]
    public void A_shard_reads_back_as_what_was_recorded()
    {
        var built = Build(Tags);
        foreach (var tag in Tags)
        {
            var expected = TrajectorySplit.Split(Session(tag, 0));
            var read = DataSetReader.Read(new MemoryStream(built.Shards[tag])).ToList();
            read.Count.ShouldBe(expected.Count);
            for (var at = 0; at < read.Count; at++)
            {
                read[at].Tag.ShouldBe(tag);
                read[at].Screen.ShouldBe(SyntheticPage.Screen);
                var (mine, theirs) = (read[at].Trajectory, expected[at]);
                (mine.TaskId, mine.Instruction, mine.Generated, mine.Success, mine.Start, mine.End).ShouldBe((theirs.TaskId, theirs.Instruction, theirs.Generated, theirs.Success, theirs.Start, theirs.End));
                mine.Cut.ShouldBe(theirs.Cut);
                mine.Steps.Count.ShouldBe(theirs.Steps.Count);
                for (var step = 0; step < mine.Steps.Count; step++)
                {
                    ActionJson.ToUtf8(mine.Steps[step].Action).ShouldBe(ActionJson.ToUtf8(theirs.Steps[step].Action));
                    mine.Steps[step].Observation.Elements!.Elements.ShouldBe(theirs.Steps[step].Observation.Elements!.Elements);
                    if (theirs.Steps[step].Observation.Frame is not { } frame) continue;
                    using var image = Recording.Images.Png.Read(new MemoryStream(read[at].Images[read[at].StepImages[step]!]));
                    image.Pixels[0].ShouldBe((byte)frame.Index);
                }
            }
        }
    }

    [Fact]
    public void Mutated_shards_are_refused()
    {
        var shard = Build(["ana"], frames: false).Shards["ana"];
        var random = new Random(20);
        for (var round = 0; round < FuzzRounds.Count; round++)
        {
            var bytes = shard.AsSpan(0, Math.Min(shard.Length, 6_000)).ToArray();
            for (var change = random.Next(1, 6); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                foreach (var _ in DataSetReader.Read(new MemoryStream(bytes)))
                {
                }
            }
            catch (ShardFormatException)
            {
            }
        }
    }

    [Fact]
    public void A_size_that_the_bytes_do_not_keep_costs_no_memory()
    {
        var header = Build(["ana"], frames: false).Shards["ana"][..512];
        System.Text.Encoding.ASCII.GetBytes("00360000000").CopyTo(header, 124);
        var sum = header.Select((value, at) => at is >= 148 and < 156 ? (int)' ' : value).Sum();
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<ShardFormatException>(() => DataSetReader.Read(new MemoryStream(header)).Count()).Message.ShouldContain("early");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
    }

    [Fact]
    public void Damaged_trajectories_are_refused()
    {
        using var tar = new TarReader(new MemoryStream(Build(["ana"], frames: false).Shards["ana"]));
        tar.GetNextEntry();
        var content = new MemoryStream();
        tar.GetNextEntry()!.DataStream!.CopyTo(content);
        var random = new Random(21);
        for (var round = 0; round < 300; round++)
        {
            var bytes = content.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(Math.Min(bytes.Length, 4_000))] = (byte)"0123456789-\"{}[]:,ex "[random.Next(21)];
            try
            {
                TrajectoryJson.Read(bytes);
            }
            catch (FormatException)
            {
            }
        }
    }

    [Fact]
    public void The_card_counts_what_is_in_the_set()
    {
        var set = Build(Tags).Set;
        set.Card.ShouldContain(set.Id);
        set.Card.ShouldContain($"{set.Trajectories} trajectories, {set.Actions} actions, {set.Frames} frames");
        set.Card.ShouldContain("| not_allowed |");
        set.Shards.Sum(shard => shard.Kinds.Values.Sum()).ShouldBe(set.Actions);
    }

    internal static (DataSet Set, Dictionary<string, byte[]> Shards) Build(IReadOnlyList<string> tags, int seedOffset = 0, string redactor = "redactor 1", bool frames = true)
    {
        var builder = new DataSetBuilder(new("synthetic", tags) { WithFrames = frames });
        var shards = new Dictionary<string, byte[]>();
        foreach (var tag in tags)
        {
            var output = new MemoryStream();
            builder.WriteShard(tag, [Session(tag, seedOffset)], [new($"object-{tag}", redactor, "aa"), new($"object-{tag}-0", redactor, "aa")], output);
            shards[tag] = output.ToArray();
        }

        return (builder.Complete(), shards);
    }

    private static SessionTimeline Session(string tag, int offset) => ActionScript.Render(tag[0] + offset, actions: 25, frames: true).Timeline;
}
