using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Spool;
using Tutelage.Redaction;

namespace Tutelage.Recorder.Sending;

/// <summary>Sends held segments when their hold is over or their owner says so, one at a time, and without hammering a server that is away.</summary>
/// <remarks>Thread-safe. Lock: <c>_turn</c>, held while one segment is sent; whoever removes segments holds it, too.</remarks>
internal sealed class Outbox(SpoolFolder spool, SegmentSender sender, LeaseKeeper lease, SessionMemory memory, TimeSpan hold, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<string> _stuck = new(StringComparer.Ordinal);
    private TimeSpan _rest = ShortestRest;
    private long? _restingSince;

    public int Sent { get; private set; }

    public long SealedBytes { get; private set; }

    /// <summary>Why something waits; null if the last one went.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Sends what is due, unless the server was away a moment ago. What the server refused is not offered again by itself.</summary>
    public async Task SendDueAsync(CancellationToken cancellationToken)
    {
        if (!lease.IsValid || (_restingSince is { } since && time.GetElapsedTime(since) < _rest)) return;
        var now = time.GetUtcNow().UtcDateTime;
        await SendAsync(spool.Held().Where(id => !_stuck.Contains(id) && now - spool.HeldSince(id) >= hold).ToList(), cancellationToken);
    }

    /// <summary>Sends all that waits, also what was refused before: its owner asks.</summary>
    public Task SendAllAsync(CancellationToken cancellationToken) => SendAsync(spool.Held(), cancellationToken);

    /// <summary>Runs <paramref name="action"/> while nothing is being sent.</summary>
    public async Task<T> WhileNothingIsSentAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task SendAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            // One segment a turn: forgetting gets in between.
            var outcome = await WhileNothingIsSentAsync(() => SendOneAsync(id, cancellationToken), cancellationToken);
            if (outcome == SendOutcome.ServerAway) return;
        }
    }

    private async Task<SendOutcome?> SendOneAsync(string id, CancellationToken cancellationToken)
    {
        if (!spool.IsHeld(id)) return null;
        SendResult result;
        try
        {
            result = await sender.SendAsync(id, lease.Epoch, memory, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // One segment that nobody foresaw must end neither the recorder nor the sending of the others.
            result = new(id, SendOutcome.Damaged, $"segment {id} could not be sent ({fault.GetType().Name}); the others go on", 0, 0);
        }
        Trouble = result.Detail;
        if (result.Outcome == SendOutcome.ServerAway)
        {
            _rest = _restingSince is null ? ShortestRest : TimeSpan.FromTicks(Math.Min(LongestRest.Ticks, _rest.Ticks * 2));
            _restingSince = time.GetTimestamp();
            return result.Outcome;
        }
        _restingSince = null;
        if (result.Outcome == SendOutcome.Sent)
        {
            (Sent, SealedBytes) = (Sent + 1, SealedBytes + result.SealedBytes);
            _stuck.Remove(id);
        }
        else _stuck.Add(id);
        return result.Outcome;
    }
}
