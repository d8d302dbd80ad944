using System.Net;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Recovery;

/// <summary>Answer of the auditor's <c>GET /v1/entries</c>.</summary>
/// <param name="Checkpoint">The last one it cosigned, with this log's own signature; null if it keeps none.</param>
/// <param name="Read">Entries it has read; more than are under the checkpoint if it was never asked to cosign them.</param>
internal sealed record EntriesSince(long First, IReadOnlyList<EntrySince>? Entries, byte[]? Checkpoint, long Read);

/// <inheritdoc cref="EntriesSince"/>
internal sealed record EntrySince(string? Body, byte[]? Salt);

/// <summary>At start, before anything is served or written: gets from the auditor the entries that an older copy of the database lacks, and goes on after them.</summary>
/// <remarks>
/// Believed is nothing but this log's own signature: the entries, together with those that are here, must have the root of a checkpoint that it signed. All of them come in
/// one transaction, which is undone if they do not. The log's tiles follow by the ordinary path, as after a crash. If this took what the log has not signed, the
/// auditor alone could enrol stewards; if it took too little, the vault would write a second history, which the auditor refuses for ever.
/// </remarks>
internal sealed class CatchUp(string folder, VaultStore store, VaultKeys keys, TrustFile trust)
{
    private const int MaxAnswerBytes = 64 << 20;

    /// <summary>What came back; null if nothing was lacking.</summary>
    public sealed record Caught(long Before, long Entries, int PeopleWithoutKeys);

    /// <param name="wire">Carries requests instead of a socket.</param>
    public async Task<Caught?> RunAsync(Uri auditor, TimeProvider time, List<string> faults, HttpMessageHandler? wire = null)
    {
        var restored = RestoredMark.IsIn(folder);
        using var http = new HttpClient(new SigningHandler(keys.Identity, time) { InnerHandler = wire ?? new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) } })
        {
            BaseAddress = auditor, Timeout = TimeSpan.FromSeconds(restored ? 60 : 5), MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        try
        {
            return await BringAsync(http, auditor, faults);
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException)
        {
            // A vault that was not restored is never behind its auditor; it starts without it and releases nothing.
            if (restored) faults.Add($"{folder}: came back from a backup, and the auditor at {auditor} does not answer ({(away as HttpRequestException)?.HttpRequestError}); start the auditor first, it has the entries since the backup");
            return null;
        }
        catch (Exception broken) when (broken is InvalidDataException or JsonException or FormatException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or OverflowException or ArgumentException or SqliteException)
        {
            // Whatever it gave: the transaction is undone, and no entry of it was believed.
            faults.Add($"{folder}: the entries that the auditor gives cannot be taken ({broken.Message}); nothing was changed");
            return null;
        }
    }

    private async Task<Caught?> BringAsync(HttpClient http, Uri auditor, List<string> faults)
    {
        var before = store.Database.ExecuteScalar<long>("SELECT COALESCE(MAX(position) + 1, 0) FROM entry");
        if (await AskAsync(http, before) is not { } since) return Fault<Caught>(faults, RestoredMark.IsIn(folder) ? $"the auditor at {auditor} gives no entries to this vault's key; compare the trust files of both" : null);
        var signed = since.Checkpoint is { } note ? Checkpoint.Open(note, trust.Log)?.Checkpoint : null;
        if (since.Checkpoint is not null && signed is null) return Fault<Caught>(faults, "the auditor's checkpoint is not signed by this log; compare the trust files of both");
        var size = signed?.Size ?? 0;
        if (since.Read > Math.Max(before, size))
        {
            return Fault<Caught>(faults, $"the auditor has read {since.Read} entries, the newest checkpoint of this log that it cosigned has {size}, and {before} are here: entries {Math.Max(before, size)} to {since.Read - 1} "
                + "were lost here and nobody was answered for them; whoever runs the auditor ends it, says 'Tutelage.Auditor forget-uncosigned', and starts it again");
        }

        if (signed is null || size <= before) return null;

        // One transaction across requests: nobody else is here yet, the host has not started.
        using var transaction = store.Database.BeginTransaction();
        var (replay, edge) = (new EntryReplay(store.Database, transaction, keys), new TreeEdge());
        foreach (var (body, salt) in store.Database.Query<(byte[] Body, byte[] Salt)>("SELECT body, salt FROM entry ORDER BY position", transaction: transaction, buffered: false)) edge.Add(MerkleTree.HashLeaf(EntryCommitment.Of(salt, body)));
        for (var page = since; edge.Size < size; page = await AskAsync(http, edge.Size) ?? throw new InvalidDataException("the auditor stopped giving entries"))
        {
            if (page.First != edge.Size || page.Entries is not { Count: > 0 } entries) throw new InvalidDataException($"the auditor gives no entry {edge.Size}");
            foreach (var entry in entries.Take((int)(size - edge.Size)))
            {
                if (entry is not { Body: { } text, Salt: { Length: EntryCommitment.SaltSizeBytes } salt }) throw new InvalidDataException($"entry {edge.Size} comes without body or salt");
                var body = Encoding.UTF8.GetBytes(text);
                replay.Bring(edge.Size, body, salt);
                edge.Add(MerkleTree.HashLeaf(EntryCommitment.Of(salt, body)));
            }
        }

        if (edge.Root() != signed.Root) return Fault<Caught>(faults, $"the {size} entries, {before} from here and the others from the auditor, have root {edge.Root()}; this log signed {signed.Root}. Nothing was taken: keep both folders, one of them was changed");

        // If we crash here nothing was taken and the next start asks again; after it, the log lacks what the database has, as after any crash.
        transaction.Commit();
        return new Caught(before, size - before, replay.PeopleWithoutKeys);
    }

    private T? Fault<T>(List<string> faults, string? what) where T : class
    {
        if (what is not null) faults.Add($"{folder}: {what}");
        return null;
    }

    private static async Task<EntriesSince?> AskAsync(HttpClient http, long first)
    {
        using var answer = await http.GetAsync(new Uri($"v1/entries?first={first}", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.OK ? Wire.Read<EntriesSince>(await answer.Content.ReadAsByteArrayAsync()) ?? throw new InvalidDataException("the auditor's answer is none") : null;
    }
}
