using System.Security.Cryptography;
using Tutelage.Jobs.Hosting;
using Tutelage.Jobs.Inputs;
using Tutelage.Jobs.Memory;
using Tutelage.Jobs.Protocol;
using Tutelage.Redaction.Detection;
using Tutelage.Sealing;
using Tutelage.Trajectories.AgentNet;
using Tutelage.Trajectories.DataSets;

namespace Tutelage.Jobs.Exporting;

/// <summary>Shards in, one tar for its holder out: written in RAM, read back and looked through, sealed, then sent.</summary>
internal sealed class DatasetExport(WorkOrder order, WorkOutput.Export output, InputOpener opener, LauncherPipe pipe, MemoryBudget budget)
{
    private string _current = "";

    public ExportResult Run()
    {
        using var tar = new PlainBuffer(budget);
        var count = Write(tar);
        var scan = new OutputScan(DetectorSet.Standard);
        scan.Check(tar.Rewound(), CancellationToken.None);
        pipe.Progress("export", order.Inputs.Count, order.Inputs.Count, budget.Check());
        var stream = Seal(tar);
        return new ExportResult(
            JobNames.DatasetExport,
            new WrittenExport(stream, output.Format, output.Dataset, count.Trajectories, count.Actions, count.Frames),
            opener.Tally(order.Inputs.Count), new RedactionTally(scan.Texts, 0), new MemoryTally(budget.PeakMb, budget.LimitMb));
    }

    private ExportCount Write(PlainBuffer tar)
    {
        try
        {
            if (output.Format == WorkOrder.WebDataset) return ShardExport.Write(Shards(), tar);
            var summary = AgentNetExport.Write(Shards(), tar);
            return new(summary.Trajectories, summary.Steps, summary.Images);
        }
        catch (ShardFormatException)
        {
            throw JobFailureException.ShardRefused(_current, "unreadable");
        }
    }

    /// <summary>One shard at a time, in the order of the tags, so that equal data sets give equal exports.</summary>
    private IEnumerable<Stream> Shards()
    {
        var done = 0;
        foreach (var input in order.Inputs.OrderBy(input => input.Tag, StringComparer.Ordinal).ThenBy(input => input.Object, StringComparer.Ordinal))
        {
            var (plaintext, reason) = opener.Open(input, WorkOrder.DerivedClass);
            if (plaintext is null) throw JobFailureException.ShardRefused(input.Object, reason ?? "unreadable");
            _current = input.Object;
            using (plaintext) yield return plaintext;
            pipe.Progress("open", ++done, order.Inputs.Count, budget.Check());
        }
    }

    private uint Seal(PlainBuffer tar)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(tar.Rewound()));
        using var stream = pipe.Begin("export", tag: null);
        using var writer = new AgeWriter(stream, output.Recipient);
        tar.Rewound().CopyTo(writer);
        writer.Complete();
        pipe.End(stream, writer.Header.Bytes.ToArray(), inner: null, digest);
        return stream.Number;
    }
}
