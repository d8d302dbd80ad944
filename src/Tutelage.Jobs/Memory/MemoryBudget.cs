using System.Diagnostics;
using Tutelage.Jobs.Hosting;

namespace Tutelage.Jobs.Memory;

/// <summary>Keeps the job within <c>limits.memory_mb</c>: what it buffers is charged here, and its resident set is looked at between units of work.</summary>
/// <remarks>One thread.</remarks>
internal sealed class MemoryBudget(int limitMb)
{
    /// <summary>The runtime, decoded pictures and records need the rest: measured at 59 MB resident for a job of one small segment.</summary>
    private const double BufferShare = 0.75;

    private readonly long _bufferLimitBytes = (long)(limitMb * BufferShare * (1 << 20));
    private long _chargedBytes;

    public int LimitMb { get; } = limitMb;

    public long PeakMb { get; private set; }

    /// <exception cref="JobFailureException">It does not fit.</exception>
    public void Charge(long bytes)
    {
        _chargedBytes += bytes;
        if (_chargedBytes > _bufferLimitBytes) throw JobFailureException.OutOfMemory(LimitMb);
    }

    public void Release(long bytes) => _chargedBytes -= bytes;

    /// <summary>The resident set in MB, after checking it against the limit.</summary>
    /// <exception cref="JobFailureException">It is over, and a collection did not help.</exception>
    public long Check()
    {
        var now = ResidentMb();
        if (now > LimitMb)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            now = ResidentMb();
            if (now > LimitMb) throw JobFailureException.OutOfMemory(LimitMb);
        }
        return now;
    }

    private long ResidentMb()
    {
        using var self = Process.GetCurrentProcess();
        PeakMb = Math.Max(PeakMb, self.PeakWorkingSet64 >> 20);
        return self.WorkingSet64 >> 20;
    }
}
