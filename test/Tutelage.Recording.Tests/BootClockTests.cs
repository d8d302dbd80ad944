namespace Tutelage.Recording.Tests;

public sealed class BootClockTests
{
    [Fact]
    public void The_boot_clock_is_the_kernel_s_uptime_and_never_goes_back()
    {
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        var first = BootClock.Now();
        var second = BootClock.Now();
        second.ShouldBeGreaterThanOrEqualTo(first);
        // /proc/uptime is CLOCK_BOOTTIME cut to hundredths; a container may see an offset of its own, but never less.
        (first.Nanoseconds / 1e9).ShouldBeGreaterThanOrEqualTo(uptime - 0.011);
    }
}
