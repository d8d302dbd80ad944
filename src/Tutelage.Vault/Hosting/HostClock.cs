using System.Globalization;
using System.Runtime.InteropServices;

namespace Tutelage.Hosting;

/// <summary>The clocks of a host. Elapsed time is the boot clock's: it goes on while a machine sleeps and nobody can set it, so leases end when they should.</summary>
/// <remarks>
/// Wall time is the system's; in rehearsals the seconds in a file are added to it, read at every look, so that days can pass while hosts run (refused without <c>--rehearsal</c>).
/// Timers run as ever. Where there is no CLOCK_BOOTTIME (not Linux) elapsed time is that of the system's timestamp.
/// </remarks>
/// <param name="path">File of the seconds; null for the system's time.</param>
internal sealed partial class HostClock(string? path) : TimeProvider
{
    /// <summary>CLOCK_BOOTTIME of linux/time.h.</summary>
    private const int ClockBoottime = 7;

    private const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly bool HasBootClock = OperatingSystem.IsLinux();

    public static TimeProvider For(string? path, bool rehearsal, List<string> faults)
    {
        if (path is not null && !rehearsal) faults.Add("--clock: only a rehearsal may have a clock of its own; leave it away, or say --rehearsal");
        return new HostClock(path);
    }

    /// <summary>Nanoseconds where there is a boot clock.</summary>
    public override long TimestampFrequency => HasBootClock ? NanosecondsPerSecond : System.TimestampFrequency;

    public override long GetTimestamp()
    {
        if (!HasBootClock) return System.GetTimestamp();
        return ClockGetTime(ClockBoottime, out var time) == 0
            ? time.Seconds * NanosecondsPerSecond + time.Nanoseconds
            : throw new PlatformNotSupportedException($"clock_gettime(CLOCK_BOOTTIME) failed with errno {Marshal.GetLastPInvokeError()}: Linux 2.6.39 or newer is needed");
    }

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow() + (path is not null && File.Exists(path) && long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero);

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
