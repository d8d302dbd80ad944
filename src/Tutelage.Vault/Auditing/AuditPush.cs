using System.Threading.Channels;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Auditing;

/// <summary>Keeps the auditor up to date in the background: after each append, and every few seconds while it is behind.</summary>
internal sealed class AuditPush(AuditorLink auditor, VaultLedger ledger, TimeProvider time, ILogger<AuditPush> log) : BackgroundService
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(2);

    // One wake-up waits at most: the push looks at everything there is, so a second would find nothing.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ledger.Appended = () => _wake.Writer.TryWrite(true);
        using var retry = time.CreateTimer(_ => _wake.Writer.TryWrite(true), null, TimeSpan.Zero, RetryEvery);
        var said = "";
        await foreach (var _ in _wake.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (auditor.Owner is null) await auditor.LookAsync(stoppingToken);
                if (auditor.AuditedSize < ledger.Log.Size) await auditor.CatchUpAsync(ledger.Log.Size, stoppingToken);
                said = "";
            }
            catch (RunRefusedException behind)
            {
                if (said != behind.Message) log.AuditorBehind(behind.Message, auditor.AuditedSize);
                said = behind.Message;
            }
        }
    }
}
