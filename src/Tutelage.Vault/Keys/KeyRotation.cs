namespace Tutelage.Vault.Keys;

/// <summary>Rotates when a day has begun: at start, and while the vault runs. A rotation that failed is tried again.</summary>
internal sealed class KeyRotation(KeyStore keys, KeystoreRecord record, TimeProvider time, ILogger<KeyRotation> log) : BackgroundService
{
    /// <summary>Two dates are compared, so looking often costs nothing.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var look = new PeriodicTimer(LookEvery, time);
        var said = "";
        do
        {
            try
            {
                if (keys.RotateIfDue() is { } epoch) log.KeysRotated(epoch, keys.Ring.Epochs[0].Number);
                record.TellRotation(keys.Ring);
                said = "";
            }
            catch (Exception fault)
            {
                // The vault goes on under the epoch before; status shows it, and the next look tries again.
                if (said != fault.Message) log.RotationFailed(fault.GetType().Name, keys.EscrowPath);
                said = fault.Message;
            }
        }
        while (await look.WaitForNextTickAsync(stoppingToken));
    }
}
