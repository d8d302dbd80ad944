using Tutelage.Recording;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Turns boot-clock times into session times, rounded down to the manifest's quantum.</summary>
internal readonly record struct SessionClock(MonotonicTime Start, int QuantumMs)
{
    public SessionTime At(MonotonicTime time)
    {
        var milliseconds = Math.Max(0, (time.Nanoseconds - Start.Nanoseconds) / 1_000_000);
        return new(milliseconds - milliseconds % QuantumMs);
    }
}
