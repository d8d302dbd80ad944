using Tutelage.Recording;

namespace Tutelage.Jobs.Hosting;

/// <summary>The job's short permission to go on, and the thread that ends the process when it has run out.</summary>
/// <remarks>
/// Counted on the boot clock, which goes on while a process or a machine is frozen: a job that wakes late finds its lease ended, takes no answer that waited for it, and exits.
/// Watched by a thread of its own, so no work keeps it from ending. If this failed, plaintext would be worked on after a halt.
/// </remarks>
internal sealed class JobLease
{
    /// <summary>Security design, leases: whatever a launcher says, no lease is longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>How often it looks at the clock when the end is further away.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly Action _ended;
    private readonly Func<long> _now;
    private long _until; // boot clock, ns; 0 before the first lease; written by the listening thread, read by all

    /// <param name="ended">MUST end the process; called on the thread that finds the lease ended.</param>
    /// <param name="now">The boot clock in nanoseconds; null is the machine's.</param>
    public JobLease(Action ended, Func<long>? now = null)
    {
        (_ended, _now) = (ended, now ?? (static () => BootClock.Now().Nanoseconds));
        if (now is null) new Thread(Watch) { IsBackground = true, Name = "lease" }.Start();
    }

    /// <summary>Takes a lease that ends at <paramref name="until"/>, or in two seconds if that is sooner. One that came too late renews nothing.</summary>
    public void Renew(long until)
    {
        var now = _now();
        var before = Volatile.Read(ref _until);
        if (before != 0 && now >= before) _ended();
        else Volatile.Write(ref _until, Math.Min(until, now + Longest.Ticks * 100));
    }

    /// <summary>Ends the process unless there is a lease now. Asked when an order or a key is accepted, by the thread that accepts it.</summary>
    public void EndUnlessHeld()
    {
        if (_now() >= Volatile.Read(ref _until)) _ended();
    }

    private void Watch()
    {
        using var never = new ManualResetEventSlim();
        while (true)
        {
            never.Wait(LookEvery);
            var until = Volatile.Read(ref _until);
            if (until != 0 && _now() >= until) _ended();
        }
    }
}
