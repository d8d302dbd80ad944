using System.Text;
using Tutelage.Cli.Programme;
using Tutelage.Identity;
using Tutelage.Ledger;

namespace Tutelage.Cli.Demo.Reporting;

/// <summary>Reads the log as its people may: leaves from the public files, entries each with the key of somebody whom they concern.</summary>
internal static class LedgerReading
{
    public static async Task<ReportLedger> ReadAsync(
        string log, LogPolicy policy, LogReport report, DemoProgramme programme, IReadOnlyList<DemoSession> sessions, TimeProvider time, CancellationToken cancellationToken)
    {
        var entries = new SortedDictionary<long, ReportEntry>();
        await AddAsync(programme.Steward);
        foreach (var session in sessions)
        {
            using var key = SigningKey.Load(Path.Combine(session.Folder, "person.key"));
            using var person = new ProgrammeClient(key, programme.Addresses.Vault, programme.Addresses.Server, time);
            await AddAsync(person);
        }
        var note = await File.ReadAllBytesAsync(Path.Combine(log, TilePath.Checkpoint), cancellationToken);
        var checkpoint = policy.Open(note, out _) ?? throw new DemoFailedException("the checkpoint is not signed by the log's key");
        return new(
            policy.Origin, report.Size, report.AuditedSize, Encoding.UTF8.GetString(note), checkpoint.Checkpoint.Root.ToString(),
            Leaves(log, checkpoint.Checkpoint.Size), entries.Values.ToList());

        async Task AddAsync(ProgrammeClient reader)
        {
            foreach (var index in (await reader.EntriesAsync(cancellationToken)).GetProperty("entries").EnumerateArray().Select(index => index.GetInt64()))
            {
                if (entries.ContainsKey(index)) continue;
                var entry = await reader.EntryAsync(index, cancellationToken);
                entries[index] = new(index, entry.GetProperty("kind").GetString()!, entry.GetProperty("body").GetString()!, entry.GetProperty("salt").GetString()!, entry.GetProperty("proof").GetString()!);
            }
        }
    }

    private static List<string> Leaves(string log, long size)
    {
        var leaves = new List<string>();
        for (var bundle = 0L; leaves.Count < size; bundle++)
        {
            var width = (int)Math.Min(TilePath.FullWidth, size - leaves.Count);
            var bytes = File.ReadAllBytes(Path.Combine(log, TilePath.Entries(bundle, width)));
            leaves.AddRange((EntryBundle.Read(bytes, width) ?? throw new DemoFailedException("an entry bundle of the log cannot be read")).Select(leaf => Convert.ToHexStringLower(leaf.Span)));
        }
        return leaves;
    }
}
