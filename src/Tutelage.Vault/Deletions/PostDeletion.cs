using System.Globalization;
using System.Text;
using Dapper;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Vault.Keys;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Deletions;

/// <summary>Answer of <c>POST /v1/deletions</c>: what is done and what is still under way.</summary>
/// <param name="Entry">Index of the entry of kind <c>deleted</c>.</param>
/// <param name="Server"><c>done</c>, or <c>pending</c> while the server has not removed it; the vault goes on telling it.</param>
/// <param name="Removed">Objects that the server removed.</param>
/// <param name="Ended">Grants whose job this request ended.</param>
/// <param name="DarkFromKeyEpoch">Backups made before hold the wrapped keys; they open with a keyring of before this key epoch only.</param>
/// <param name="DarkOn">The day on which that epoch begins if the vault runs every day; yyyy-MM-dd.</param>
/// <param name="LastBackup">The day of the last backup that the log tells of; null if there was none.</param>
internal sealed record DeletionAnswer(long Entry, string Tag, string Scope, string Server, long Removed, IReadOnlyList<string> Ended, long DarkFromKeyEpoch, string DarkOn, string? LastBackup);

/// <summary><c>POST /v1/deletions</c>: a participant's own signed statement that everything of theirs, or named segments, are to go. Done when the answer comes, except what it says is pending.</summary>
/// <remarks>The same statement is the same deletion, so a lost answer is asked for again.</remarks>
internal sealed class PostDeletion(DeletionBook book, DeletionSweep sweep, RunningGrants runs, VaultLedger ledger, KeyStore keys, Registry registry, VaultStore store, TimeProvider time)
{
    private const int MaxBodyBytes = 256 * 1024;

    /// <summary>How long an answer waits for the server; afterwards it says that it is pending.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static void Map(WebApplication app) => app.MapSigned("POST", "/v1/deletions", MaxBodyBytes, app.Services.GetRequiredService<PostDeletion>().HandleAsync);

    private async Task<IResult> HandleAsync(SignedCall call)
    {
        if (registry.Find(call.Key.Id) is not { Role: Role.Participant, Tag: { } tag }) return Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "only participants delete, and only what is theirs; ask with the participant's key");
        if (SignedDeletion.Read(Encoding.UTF8.GetString(call.Body.Span), call.Key, tag, out var fault) is not { } deletion) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-deletion", $"the body is not your signed deletion: {fault}");
        var id = DeletionBook.IdOf(deletion.Statement.ToJson());
        if ((book.Find(id) ?? book.OfPerson(tag)) is not { } kept)
        {
            if (Record(deletion, id) is not { } position) return Wire.Refuse(StatusCodes.Status409Conflict, "deleted-just-now", "another deletion came first; ask again");
            kept = new KeptDeletion(id, tag, deletion.Scope, position, Rotated: false, Told: false, 0);
        }

        var ended = runs.End(tag);
        await CarryOutAsync(call.Aborted);
        if (kept is { Told: false, Scope: DeletionScope.Person }) ledger.CommitHeads(TimeSpan.Zero); // once a person: their history then says itself to its end
        return Wire.Ok(Answer(book.Find(kept.Id) ?? kept, ended));
    }

    /// <returns>The entry's index; null if everything of this person went while we looked.</returns>
    private long? Record(SignedDeletion deletion, string id)
    {
        var replaced = false;
        try
        {
            var (position, _) = ledger.Record(transaction =>
            {
                if (store.Database.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM tombstone WHERE tag = @Tag)", new { deletion.Tag }, transaction) == 1) throw new DeletedAlreadyException();
                replaced = !deletion.IsOfPerson && DeletionReach.Of(store.Database, deletion.Tag, book.NotYetGone(deletion, transaction), transaction).HasShards;
                return book.Apply(deletion, replaced, transaction) == 1 ? true : throw new DeletedAlreadyException();
            }, new EntryDraft("deleted", [deletion.Tag], json =>
            {
                json.WriteString("scope", deletion.Scope);
                if (!deletion.IsOfPerson) json.WriteString("derived", replaced ? DerivedKey.Replaced : DerivedKey.Kept);
                json.WriteString("statement", deletion.Statement.ToJson());
            }));

            // If we crash here the keys are gone; the next start empties the write-ahead file, finds the entry's index, and tells the server.
            keys.Rows.ForgetOldPages();
            book.Stands(id, position);
            return position;
        }
        catch (DeletedAlreadyException)
        {
            return book.Find(id)?.Position;
        }
    }

    private async Task CarryOutAsync(CancellationToken aborted)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, patience.Token);
        try
        {
            await sweep.CarryOutAsync(either.Token);
        }
        catch (Exception pending) when (pending is RunRefusedException or IOException or UnauthorizedAccessException || (pending is OperationCanceledException && !aborted.IsCancellationRequested))
        {
            // The answer says that it is pending; the sweep goes on by itself.
        }
    }

    private DeletionAnswer Answer(KeptDeletion kept, IReadOnlyList<string> ended)
    {
        var current = keys.Ring.Current.Number;
        // Whatever is wrapped now goes dark when seven more epochs have begun; the rotation that the deletion caused is the first of them.
        var dark = kept.Rotated ? current - 1 + Keyring.Kept : current + Keyring.Kept;
        var backup = keys.Rows.Acts().TryGetValue(KeystoreRecord.BackedUp, out var at) ? DateTimeOffset.FromUnixTimeSeconds(at) : default(DateTimeOffset?);
        return new DeletionAnswer(
            kept.Position, kept.Tag, kept.Scope, kept.Told ? "done" : "pending", kept.Removed, ended, dark, Day(time.GetUtcNow().AddDays(dark - current)), backup is { } made ? Day(made) : null);
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed class DeletedAlreadyException : Exception;
}
