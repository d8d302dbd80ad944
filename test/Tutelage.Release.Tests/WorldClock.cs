namespace Tutelage.Release.Tests;

/// <summary>A clock that a test sets. Wall time may jump; elapsed time does not.</summary>
internal sealed class WorldClock(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset _now = start;
    private long _elapsed = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _elapsed;

    public void Pass(TimeSpan time) => (_now, _elapsed) = (_now + time, _elapsed + time.Ticks);

    public void Jump(TimeSpan time) => _now += time;
}
