using Tutelage.Recording;

namespace Tutelage.Desktop.X11;

/// <summary>Turns an X server's times (32 bits of milliseconds) into boot-clock times that never run backwards.</summary>
/// <remarks>
/// A local server stamps events with CLOCK_MONOTONIC in milliseconds, which is when they happened rather than when we got round to
/// reading them. A server with another clock is noticed by an age beyond <see cref="MaxAge"/>; then the time of reading counts.
/// </remarks>
internal sealed class ServerClock
{
    private static readonly long MaxAge = 10_000_000_000;
    private long _last;

    /// <summary>Now, and never before a time that was given out earlier.</summary>
    public MonotonicTime Now() => InOrder(Libc.Nanoseconds(Libc.ClockBoot));

    public MonotonicTime At(uint serverMs) => InOrder(Convert(serverMs, Libc.Nanoseconds(Libc.ClockMonotonic), Libc.Nanoseconds(Libc.ClockBoot)));

    internal static long Convert(uint serverMs, long monotonicNs, long bootNs)
    {
        var ageNs = (long)unchecked((int)((uint)(monotonicNs / 1_000_000) - serverMs)) * 1_000_000;
        return ageNs < -MaxAge || ageNs > MaxAge ? bootNs : bootNs - Math.Max(0, ageNs);
    }

    private MonotonicTime InOrder(long nanoseconds) => new(_last = Math.Max(nanoseconds, _last));
}
