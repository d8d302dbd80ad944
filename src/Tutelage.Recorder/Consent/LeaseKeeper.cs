using System.Net.Http.Json;
using System.Text.Json;
using Tutelage.Recorder.Pipeline;
using Tutelage.Recording;

namespace Tutelage.Recorder.Consent;

/// <summary>Keeps the short permission to go on, and closes capture when it runs out.</summary>
/// <remarks>Time left is counted on the boot clock from the moment the request was sent: a slow answer or a suspended machine never lengthens it.</remarks>
internal sealed class LeaseKeeper(HttpClient client, Uri vault, Closures closures, TimeSpan offline, TimeProvider time)
{
    /// <summary>A third of the 60 s that the vault gives: two answers may be lost.</summary>
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(20);

    /// <summary>While there is no lease.</summary>
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(2);

    /// <summary>How soon it asks again to be told of a halt after that question was lost.</summary>
    private static readonly TimeSpan WatchAgainAfter = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AskFirstFor = TimeSpan.FromSeconds(3);

    private long _expiresNanoseconds;
    private long _epoch;

    /// <summary>The count of halts that the last lease named.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Why the last renewal failed; null if it did not.</summary>
    public string? Fault { get; private set; }

    public bool IsValid => BootClock.Now().Nanoseconds < Volatile.Read(ref _expiresNanoseconds);

    /// <summary>Closes if the lease has run out. Asked every second by somebody else: timers stand still while a machine sleeps, the boot clock does not.</summary>
    public void CloseIfExpired()
    {
        if (!IsValid) closures.Close(GapReason.LeaseLost, BootClock.Now());
    }

    /// <summary>Asks once, before capture begins, so that a session does not begin with a gap. Closed if there is no lease after that.</summary>
    public async Task AskFirstAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(AskFirstFor);
        try
        {
            await RenewAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Fault = $"the vault at {vault} does not answer";
        }
        CloseIfExpired();
    }

    /// <summary>Renews until cancelled, and closes while there is no lease.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var next = IsValid ? RenewEvery : TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await DelayOrHaltAsync(next, cancellationToken);
                next = await RenewAsync(cancellationToken) ? RenewEvery : RetryEvery;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            if (IsValid) closures.Open(GapReason.LeaseLost);
            else closures.Close(GapReason.LeaseLost, BootClock.Now());
            var left = TimeSpan.FromTicks((Volatile.Read(ref _expiresNanoseconds) - BootClock.Now().Nanoseconds) / 100);
            if (left > TimeSpan.Zero && left < next) next = left;
        }
    }

    /// <summary>Waits, but no longer than until the vault says that the epoch is over. What it says is a hint to ask at once: only the lease's answer decides.</summary>
    private async Task DelayOrHaltAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(wait, time, either.Token);
        var told = IsValid && wait > RetryEvery ? AwaitChangeAsync(either.Token) : delay; // after a hint that the vault then did not act on, the next question waits
        await Task.WhenAny(delay, told);
        await either.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task AwaitChangeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(vault, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"v1/halts?epoch={Epoch}")), cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    using var state = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
                    if (state.RootElement.GetProperty("epoch").GetInt64() != Epoch || state.RootElement.GetProperty("stage").GetString() == "halted") return;
                    continue;
                }
            }
            catch (Exception away) when (away is HttpRequestException or IOException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException
                || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // A vault that cannot be asked gives no hint; the lease runs out by itself.
            }
            await Task.Delay(WatchAgainAfter, time, cancellationToken);
        }
    }

    private async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var asked = BootClock.Now();
        try
        {
            using var answer = await client.PostAsync(new Uri(vault, "v1/leases"), JsonContent.Create(new { }), cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                Fault = $"the vault answered {(int)answer.StatusCode}";
                // A refusal is not a lost connection: the offline period does not apply. A fault of the vault is neither: what was given lasts.
                if ((int)answer.StatusCode is >= 400 and < 500) Volatile.Write(ref _expiresNanoseconds, 0);
                return false;
            }
            using var lease = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            var milliseconds = Math.Clamp(lease.RootElement.GetProperty("expires_in_ms").GetInt64(), 0, 120_000);
            Volatile.Write(ref _epoch, lease.RootElement.GetProperty("epoch").GetInt64());
            Volatile.Write(ref _expiresNanoseconds, (asked + TimeSpan.FromMilliseconds(milliseconds) + offline).Nanoseconds);
            Fault = null;
            return true;
        }
        catch (Exception away) when (away is HttpRequestException or IOException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Fault = $"the vault at {vault} gives no lease ({away.GetType().Name})";
            return false;
        }
    }
}
