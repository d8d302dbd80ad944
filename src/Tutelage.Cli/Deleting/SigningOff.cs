using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Cli.Verbs;
using Tutelage.Ledger;

namespace Tutelage.Cli.Deleting;

/// <summary>What became of a deletion.</summary>
/// <param name="Answers">The vault's, one a signed statement.</param>
/// <param name="Receipt">File of the person's history with the entry in it.</param>
/// <param name="Fault">Why the receipt proves nothing; null if it does.</param>
internal sealed record Deletion(IReadOnlyList<JsonElement> Answers, string Receipt, string? Fault)
{
    /// <summary>The server has removed all of it.</summary>
    public bool IsDone => Answers.All(answer => answer.GetProperty("server").GetString() == "done");
}

/// <summary>Signs deletions, has the vault carry them out, and keeps the receipt.</summary>
internal static class SigningOff
{
    /// <summary>What one statement holds (docs/formats/deletion.md).</summary>
    private const int ObjectsAStatement = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <param name="ids">Ascending; null for everything.</param>
    /// <param name="receipt">Written when all of it stands in the log.</param>
    public static async Task<Deletion> DeleteAsync(Desk desk, string tag, IReadOnlyList<string>? ids, string receipt, TimeProvider time, CancellationToken cancellationToken)
    {
        var answers = new List<JsonElement>();
        var began = time.GetTimestamp();
        foreach (var part in ids is null ? [[]] : ids.Chunk(ObjectsAStatement))
        {
            var statement = desk.Sign("deletion", new Payload(
                tag, ids is null ? "person" : "objects", part, time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))));
            var answer = await desk.Client.DeleteAsync(statement, cancellationToken);
            // The keys are gone now. The same statement asks how far the rest is.
            while (answer.GetProperty("server").GetString() != "done" && time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(LookEvery, time, cancellationToken);
                answer = await desk.Client.DeleteAsync(statement, cancellationToken);
            }
            answers.Add(answer);
        }
        var bytes = await desk.Client.HistoryAsync(cancellationToken);
        await WriteAsync(receipt, bytes, cancellationToken);
        return new(answers, receipt, FaultOf(bytes, desk.Card.Policy, answers));
    }

    private static string? FaultOf(byte[] bytes, LogPolicy policy, List<JsonElement> answers)
    {
        if (PersonHistory.Parse(bytes) is not { } history) return "the vault's answer is no history of a person";
        var lacking = answers.Select(answer => answer.GetProperty("entry").GetInt64()).Except(history.Entries.Where(IsDeletion).Select(entry => entry.Index)).ToList();
        return history.Verify(policy).Fault ?? (lacking.Count > 0 ? $"the history has no deletion at entry {lacking[0]}" : null);
    }

    private static bool IsDeletion(HistoryEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        return body.RootElement.GetProperty("kind").GetString() == "deleted";
    }

    /// <summary>Whole or not at all: after a withdrawal nobody can ask for it again.</summary>
    private static async Task WriteAsync(string path, byte[] bytes, CancellationToken cancellationToken)
    {
        await using (var file = new FileStream(path + ".part", FileMode.Create, FileAccess.Write))
        {
            await file.WriteAsync(bytes, cancellationToken);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".part", path, overwrite: true);
    }

    private sealed record Payload(string Tag, string Scope, IReadOnlyList<string> Objects, string Day, string Nonce);
}
