namespace Tutelage.Recording;

/// <summary>An instant on the capturing machine's boot clock (CLOCK_BOOTTIME, which goes on in suspend).</summary>
/// <param name="Nanoseconds">Since boot, never negative. Comparable only on the machine and boot that took it.</param>
/// <remarks>RAM only: a recording stores <see cref="SessionTime"/>. <c>default</c> is the moment of boot.</remarks>
public readonly record struct MonotonicTime(long Nanoseconds) : IComparable<MonotonicTime>
{
    public static MonotonicTime FromMilliseconds(double milliseconds) => new((long)(milliseconds * 1e6));

    public int CompareTo(MonotonicTime other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public static TimeSpan operator -(MonotonicTime left, MonotonicTime right) =>
        TimeSpan.FromTicks((left.Nanoseconds - right.Nanoseconds) / 100);

    public static MonotonicTime operator +(MonotonicTime time, TimeSpan span) => new(time.Nanoseconds + span.Ticks * 100);

    public static bool operator <(MonotonicTime left, MonotonicTime right) => left.Nanoseconds < right.Nanoseconds;
    public static bool operator >(MonotonicTime left, MonotonicTime right) => left.Nanoseconds > right.Nanoseconds;
    public static bool operator <=(MonotonicTime left, MonotonicTime right) => left.Nanoseconds <= right.Nanoseconds;
    public static bool operator >=(MonotonicTime left, MonotonicTime right) => left.Nanoseconds >= right.Nanoseconds;
}
