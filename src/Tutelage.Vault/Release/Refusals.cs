using Dapper;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Release;

/// <summary>Something that somebody enrolled asked for and did not get.</summary>
/// <param name="Step">Where on the way to keys it ended.</param>
/// <param name="Error">The refusal's one word.</param>
/// <param name="About">Tags of the persons it would have reached.</param>
internal sealed record Refusal(EnrolledPerson By, string? Grant, string Step, string Error, IReadOnlyList<string> Reasons, IReadOnlyList<string> About)
{
    public const string RequestStep = "request";
    public const string ApprovalStep = "approval";
    public const string RunStep = "run";
    public const string RulesStep = "rules";
    public const string ReleaseStep = "release";

    /// <summary>Nobody refused: a job ended without a result. Its entry's kind is <c>failed</c>, and it is bounded the same way.</summary>
    public const string JobStep = "job";
}

/// <summary>Every refusal is told in the log, and no flood of them can fill it.</summary>
/// <remarks>
/// The first refusal of one kind (asker, grant, step, error) in an hour is an entry at once; those that follow within the hour are counted on disk, and the
/// count goes into the next entry of that kind, or into one of its own when the hour is over. One asker opens at most <see cref="KindsAnHour"/> kinds an hour;
/// what is beyond is counted under the error <c>others</c>. So an asker costs the log at most 2 × (<see cref="KindsAnHour"/> + 1) entries an hour, and no refusal goes untold.
/// Requests without a known key are not refusals of a person and are not told.
/// </remarks>
internal sealed class Refusals(VaultStore store, VaultLedger ledger, TimeProvider time)
{
    public const int KindsAnHour = 20;
    public const string Others = "others";
    private const long HourSeconds = 3600;
    private const int MaxReasons = 10;
    private const int MaxReasonLength = 500;

    private readonly Lock _gate = new(); // held from counting to writing; taken before the ledger's turn and the store's gate

    public void Tell(Refusal refusal)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds();
            var kind = Find(refusal.By.Key.Id, refusal.Grant ?? "", refusal.Step, refusal.Error);
            if (kind is null && OpenKinds(refusal.By.Key.Id, now) >= KindsAnHour)
            {
                refusal = new Refusal(refusal.By, null, "", Others, [], []);
                kind = Find(refusal.By.Key.Id, "", "", Others);
            }

            if (kind is not null && IsWithinHour(kind.Began, now))
            {
                lock (store.Gate) store.Database.Execute("UPDATE refusal SET untold = untold + 1 WHERE rowid = @RowId", new { kind.RowId });
                return;
            }

            Write(refusal, now, 1 + (kind?.Untold ?? 0));
        }
    }

    /// <summary>Writes the counts of hours that are over, and forgets kinds that have nothing to tell any more.</summary>
    public void TellWhatWasCounted()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds();
            foreach (var kind in Untold().Where(k => !IsWithinHour(k.Began, now)))
                Append(kind.Asker, kind.Grant.Length == 0 ? null : kind.Grant, kind.Step, kind.Error, [], About(kind.About), kind.Untold, now);
            lock (store.Gate) store.Database.Execute("DELETE FROM refusal WHERE untold = 0 AND (began <= @over OR began > @now)", new { over = now - HourSeconds, now });
        }
    }

    private const string Select = "SELECT rowid AS RowId, asker AS Asker, grant_id AS [Grant], step AS Step, error AS Error, about AS About, began AS Began, untold AS Untold FROM refusal";

    private Kind? Find(string asker, string grant, string step, string error)
    {
        lock (store.Gate) return store.Database.QuerySingleOrDefault<Kind>($"{Select} WHERE asker = @asker AND grant_id = @grant AND step = @step AND error = @error", new { asker, grant, step, error });
    }

    private List<Kind> Untold()
    {
        lock (store.Gate) return store.Database.Query<Kind>($"{Select} WHERE untold > 0").AsList();
    }

    private int OpenKinds(string asker, long now)
    {
        lock (store.Gate) return store.Database.ExecuteScalar<int>("SELECT COUNT(*) FROM refusal WHERE asker = @asker AND began > @over AND began <= @now", new { asker, over = now - HourSeconds, now });
    }

    private void Write(Refusal refusal, long now, long times) => Append(refusal.By.Key.Id, refusal.Grant, refusal.Step, refusal.Error, refusal.Reasons, refusal.About, times, now);

    private void Append(string asker, string? grant, string step, string error, IReadOnlyList<string> reasons, IReadOnlyList<string> about, long times, long now) => ledger.Record(
        transaction => store.Database.Execute(
            """
            INSERT INTO refusal VALUES (@asker, @grant, @step, @error, @about, @now, 0)
            ON CONFLICT (asker, grant_id, step, error) DO UPDATE SET began = excluded.began, untold = 0, about = excluded.about
            """, new { asker, grant = grant ?? "", step, error, about = string.Join(' ', about), now }, transaction),
        new EntryDraft(step == Refusal.JobStep ? "failed" : "refused", about, json =>
        {
            json.WriteString("by", asker);
            if (grant is not null) json.WriteString("grant", grant);
            json.WriteString("step", step);
            json.WriteString("error", error);
            json.WriteStartArray("reasons");
            foreach (var reason in reasons.Take(MaxReasons)) json.WriteStringValue(reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason);
            json.WriteEndArray();
            json.WriteNumber("times", times);
        }));

    /// <summary>A clock that was set back ends the hour too: otherwise nothing would be told until it has caught up.</summary>
    private static bool IsWithinHour(long began, long now) => began <= now && now < began + HourSeconds;

    private static string[] About(string tags) => tags.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private sealed record Kind(long RowId, string Asker, string Grant, string Step, string Error, string About, long Began, long Untold);
}

/// <summary>Looks once a minute for hours that are over.</summary>
internal sealed class RefusalsSweep(Refusals refusals, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do refusals.TellWhatWasCounted();
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
