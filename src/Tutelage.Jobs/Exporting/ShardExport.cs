using System.Formats.Tar;
using Tutelage.Trajectories.DataSets;

namespace Tutelage.Jobs.Exporting;

/// <summary>Format <c>webdataset</c>: the shards as they are, <c>shard-TAG.tar</c> each, in one tar; WebDataset and PyTorch read them, and nothing is lost.</summary>
internal static class ShardExport
{
    /// <param name="shards">Each read to its end several times while it is the current one, so it MUST seek.</param>
    /// <exception cref="ShardFormatException">A shard cannot be read.</exception>
    public static ExportCount Write(IEnumerable<Stream> shards, Stream tar)
    {
        using var output = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true);
        var count = default(ExportCount);
        foreach (var shard in shards)
        {
            var tag = "";
            foreach (var trajectory in DataSetReader.Read(shard))
            {
                tag = trajectory.Tag;
                count = new(count.Trajectories + 1, count.Actions + trajectory.Trajectory.Steps.Count, count.Frames + trajectory.Images.Count);
            }
            if (tag.Length == 0) continue; // a person whose work was all gaps has no trajectories to give
            shard.Position = 0;
            output.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"shard-{tag}.tar") { DataStream = shard, ModificationTime = DateTimeOffset.UnixEpoch });
        }
        return count;
    }
}

internal readonly record struct ExportCount(long Trajectories, long Actions, long Frames);
