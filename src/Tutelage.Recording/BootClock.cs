using System.Runtime.InteropServices;

namespace Tutelage.Recording;

/// <summary>The machine's boot clock. It goes on in suspend, which CLOCK_MONOTONIC and Stopwatch do not.</summary>
public static partial class BootClock
{
    /// <summary>CLOCK_BOOTTIME of linux/time.h.</summary>
    private const int ClockBoottime = 7;

    /// <exception cref="PlatformNotSupportedException">The kernel has no such clock (older than Linux 2.6.39, or not Linux).</exception>
    public static MonotonicTime Now()
    {
        if (ClockGetTime(ClockBoottime, out var time) != 0)
            throw new PlatformNotSupportedException($"clock_gettime(CLOCK_BOOTTIME) failed with errno {Marshal.GetLastPInvokeError()}: Linux 2.6.39 or newer is needed");
        return new(time.Seconds * 1_000_000_000L + time.Nanoseconds);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    /// <summary>struct timespec on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
