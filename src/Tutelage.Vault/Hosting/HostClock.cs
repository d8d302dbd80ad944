using System.Globalization;

namespace Tutelage.Hosting;

/// <summary>A clock that a rehearsal may set: the seconds in a file are added to the system's time. Timers run as ever.</summary>
/// <remarks>Read at every look, so that a rehearsal can let days pass while hosts run. Refused without <c>--rehearsal</c>.</remarks>
internal sealed class HostClock(string path) : TimeProvider
{
    public static TimeProvider For(string? path, bool rehearsal, List<string> faults)
    {
        if (path is null) return System;
        if (!rehearsal) faults.Add("--clock: only a rehearsal may have a clock of its own; leave it away, or say --rehearsal");
        return new HostClock(path);
    }

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow() + (File.Exists(path) && long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero);
}
