using System.Net;
using Tutelage.Ledger;

namespace Tutelage.Cli.Verbs;

/// <summary>Copies a log's public files from its vault (c2sp.org/tlog-tiles). What is missing stays missing: the verifier names it.</summary>
internal static class LogCopy
{
    /// <summary>A full entry bundle: 256 entries of 64 KiB with their lengths.</summary>
    private const int MaxFileBytes = 17 << 20;

    /// <summary>Bounds what a log that signs nonsense can make us fetch.</summary>
    private const long MaxEntries = 16 << 20;

    public static async Task FetchAsync(Uri vault, LogPolicy policy, string folder, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { MaxResponseContentBufferSize = MaxFileBytes, Timeout = TimeSpan.FromSeconds(30) };
        // A log's own address, or that of a vault, which serves its log below it.
        var log = new Uri(vault.AbsoluteUri.TrimEnd('/') + "/");
        using (var here = await http.GetAsync(new Uri(log, TilePath.Checkpoint), cancellationToken))
        {
            if (!here.IsSuccessStatusCode) log = new Uri(log, "log/");
        }
        // The audited checkpoint first: it may be older than the newest, never newer.
        await CopyAsync(TileLog.AuditedCheckpoint);
        if (await CopyAsync(TilePath.Checkpoint) is not { } note) throw new VerbFailedException($"{log} is not a log: it has no checkpoint", "give the vault's address, such as http://127.0.0.1:7440");
        if (policy.Open(note, out _)?.Checkpoint is not { } checkpoint) return;
        if (checkpoint.Size > MaxEntries) throw new VerbFailedException($"the log has {checkpoint.Size} entries; at most {MaxEntries} are fetched", "copy its folder and verify that");

        for (var index = 0L; TilePath.WidthAt(checkpoint.Size, 0, index) is var width and > 0; index++) await CopyAsync(TilePath.Entries(index, width));
        for (var level = 0; TilePath.WidthAt(checkpoint.Size, level, 0) > 0; level++)
            for (var index = 0L; TilePath.WidthAt(checkpoint.Size, level, index) is var width and > 0; index++)
                await CopyAsync(TilePath.Tile(level, index, width));

        async Task<byte[]?> CopyAsync(string path)
        {
            using var response = await http.GetAsync(new Uri(log, path), cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound) return null;
            response.EnsureSuccessStatusCode();
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await File.WriteAllBytesAsync(target, bytes, cancellationToken);
            return bytes;
        }
    }
}
