using System.Security.Cryptography;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Halting;

namespace Tutelage.Vault.Halting;

/// <summary>The vault's own short permission to go on: a fresh word of the auditor that nothing is halted, for jobs and key releases.</summary>
/// <remarks>
/// Its age counts on the boot clock from before it was asked for, so neither a slow answer, a frozen process nor anybody's wall clock makes it longer. Jobs get no longer
/// lease than this one (<see cref="Until"/>): a halt that only the auditor heard of ends them within <see cref="LeaseFor"/>. If this were wrong, jobs would outlive a halt. Thread-safe.
/// </remarks>
internal sealed class AuditorLease : IDisposable
{
    /// <summary>Security design, leases: 2 s, renewed every 500 ms.</summary>
    public static readonly TimeSpan LeaseFor = TimeSpan.FromSeconds(2);

    private readonly HaltBook _book;
    private readonly TrustFile _trust;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new(); // guards everything below
    private CancellationTokenSource _running = new();
    private (long Asked, ProgrammeStanding State)? _newest;
    private string? _away = "the auditor has not been asked yet";

    public AuditorLease(HaltBook book, TrustFile trust, TimeProvider time)
    {
        (_book, _trust, _time) = (book, trust, time);
        _running.Cancel();
        book.Halted += Stop;
    }

    /// <summary>Cancelled when nothing may go on any more; of the stretch that began when it last could.</summary>
    public CancellationToken Running
    {
        get { lock (_gate) return _running.Token; }
    }

    /// <summary>Since the newest word of the auditor was asked for; null before the first.</summary>
    public TimeSpan? Age
    {
        get { lock (_gate) return _newest is { } newest ? _time.GetElapsedTime(newest.Asked) : null; }
    }

    /// <summary>Why nothing goes on now: one word and a sentence; null if it may.</summary>
    public (string Error, string Message)? Fault
    {
        get
        {
            var own = _book.State;
            lock (_gate)
            {
                if (!own.MayRelease) return ("halted", "the programme is halted; nothing goes on until it is resumed");
                if (_newest is not { } newest || _time.GetElapsedTime(newest.Asked) >= LeaseFor) return ("auditor-away", $"the auditor gives no lease ({_away ?? "its last one has run out"}); without it no job goes on and no key is released. Start it and run again");
                return ProgrammeStanding.Both(own, newest.State).MayRelease ? null : ("halted", $"the auditor is at stage {Spelling.Of(newest.State.Stage)} in epoch {newest.State.Epoch}; nothing goes on until both are resumed");
            }
        }
    }

    /// <summary>Timestamp (<see cref="TimeProvider.GetTimestamp"/>) at which the permission ends; null if there is none now.</summary>
    public long? Until()
    {
        if (Fault is not null) return null;
        lock (_gate) return _newest is { } newest ? newest.Asked + LeaseFor.Ticks * (_time.TimestampFrequency / TimeSpan.TicksPerSecond) : null;
    }

    public static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(StateRoute.NonceDigits / 2));

    /// <summary>Takes the auditor's answer. A halt that only the auditor has heard of is written here too.</summary>
    /// <param name="asked">Timestamp from before the question was sent.</param>
    public void Take(ReadOnlySpan<byte> answer, string nonce, long asked)
    {
        if (StateRoute.Read(answer, _trust.AuditorKey, StateWords.Auditor, nonce) is not { } read)
        {
            Missed("its answer is not signed for this question by the key of the trust file");
            return;
        }

        lock (_gate) (_newest, _away) = ((asked, read.State), null);
        if (read.State.Epoch > _book.State.Epoch && read.Halt is { } halt && HaltStatement.Read(System.Text.Encoding.UTF8.GetBytes(halt), _book.PersonKey) is { } statement) _book.Halt(statement);
        Look();
    }

    /// <summary>The auditor has not answered.</summary>
    public void Missed(string why)
    {
        lock (_gate) _away = why;
        Look();
    }

    public void Dispose()
    {
        _book.Halted -= Stop;
        _running.Dispose();
    }

    private void Look()
    {
        if (Fault is not null)
        {
            Stop();
            return;
        }

        lock (_gate)
        {
            if (_running.IsCancellationRequested) _running = new CancellationTokenSource();
        }
    }

    private void Stop()
    {
        CancellationTokenSource running;
        lock (_gate) running = _running;
        _ = running.CancelAsync(); // what hangs on it runs elsewhere: whoever halts is answered at once
    }
}
