using Tutelage.Hosting;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Objects;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Deletions;

/// <summary>Carries deletions out beyond the vault's own keys: open grants are denied, a new key epoch begins, the server removes what it keeps. Each until it is done, also across restarts.</summary>
/// <remarks>Every step may be done twice. The keys are gone before any of them: what is left until then is ciphertext that nobody opens.</remarks>
internal sealed class DeletionSweep(DeletionBook book, GrantBook grants, VaultLedger ledger, KeyStore keys, KeystoreRecord record, ObjectServer server, TimeProvider time, ILogger<DeletionSweep> log) : BackgroundService
{
    /// <summary>While something is pending, the server is asked this often.</summary>
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(2);

    /// <summary>Rotations that deletions cause: one a day beside the daily one, or whoever deletes seven times could make this week's backups dark.</summary>
    private const int EpochsADay = 2;

    private readonly SemaphoreSlim _turn = new(1, 1); // one sweep at a time

    /// <summary>Does what is pending, as far as it can be done now.</summary>
    public async Task CarryOutAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            // What is done here waits for no server: a deletion that it has not answered holds up none that came after it.
            foreach (var deletion in book.Pending().Where(deletion => !deletion.Rotated)) CarryOutHere(deletion);
            foreach (var deletion in book.Pending().Where(deletion => !deletion.Told)) await TellAsync(deletion, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = new PeriodicTimer(RetryEvery, time);
        var said = "";
        do
        {
            try
            {
                await CarryOutAsync(stoppingToken);
                said = "";
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                if (said != fault.Message) log.DeletionPending(fault is RunRefusedException refused ? refused.Error : fault.GetType().Name);
                said = fault.Message;
            }
        }
        while (await beat.WaitForNextTickAsync(stoppingToken));
    }

    private void CarryOutHere(KeptDeletion deletion)
    {
        if (deletion.Scope == DeletionScope.Person) DenyOpen(deletion.Tag);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        // If we crash here there is one more epoch and the step is done again; two a day are enough for anybody.
        if (keys.Ring.Epochs.Count(epoch => epoch.Day == today) < EpochsADay) keys.Rotate();
        record.TellRotation(keys.Ring);
        book.Rotated(deletion.Id);
    }

    private async Task TellAsync(KeptDeletion deletion, CancellationToken cancellation)
    {
        var named = book.StatementOf(deletion);
        var reach = book.ReachOf(deletion.Tag, named.IsOfPerson ? null : named.Objects);
        var removed = await server.DeleteAsync(deletion.Tag, named.IsOfPerson ? null : [.. named.Objects, .. reach.Shards], [.. reach.Exports.Select(export => export.Object)], cancellation);

        // If we crash here the server is told again, and says that nothing was left.
        book.Told(deletion.Id, removed);
        log.Deleted(deletion.Position, removed);
    }

    private void DenyOpen(string tag)
    {
        foreach (var grant in grants.All().Where(grant => grant.State is GrantState.Requested or GrantState.Approved or GrantState.Running && grant.Request.Tags.Contains(tag, StringComparer.Ordinal)))
        {
            ledger.Record(transaction =>
            {
                grants.Deny(grant, transaction);
                return true;
            }, DenyGrant.Entry(grant, DenyGrant.ByDeletion, ["somebody whom it names has deleted what they recorded; ask for a grant without them"]));
        }
    }
}
