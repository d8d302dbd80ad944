namespace Tutelage.Vault.Record;

/// <summary>Commits to every person's head once an hour, also when nothing else is written: "nothing happened" is then as provable as what did.</summary>
internal sealed class HourlyHeads(VaultLedger ledger, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = new PeriodicTimer(LookEvery, time);
        while (await beat.WaitForNextTickAsync(stoppingToken)) ledger.CommitHeads(VaultLedger.HeadsEvery);
    }
}
