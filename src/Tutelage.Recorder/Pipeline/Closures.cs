using Tutelage.Recording;

namespace Tutelage.Recorder.Pipeline;

/// <summary>The reasons why nothing is captured right now. Capture goes on only while there is none.</summary>
/// <remarks>Thread-safe: the indicator, the lease and the control socket each close and open their own reason. Lock: <c>_reasons</c>.</remarks>
internal sealed class Closures
{
    private readonly Dictionary<GapReason, MonotonicTime> _reasons = [];

    /// <summary>Raised, outside the lock, after a reason came or went.</summary>
    public event Action? Changed;

    /// <summary>The gravest reason, null if capture may go on.</summary>
    public GapReason? Current
    {
        get
        {
            lock (_reasons) return _reasons.Count == 0 ? null : _reasons.MinBy(reason => Order(reason.Key)).Key;
        }
    }

    /// <summary>Since when nothing may be kept, null if capture may go on.</summary>
    public MonotonicTime? Since
    {
        get
        {
            lock (_reasons) return _reasons.Count == 0 ? null : _reasons.Values.Min();
        }
    }

    /// <summary>All reasons, for status.</summary>
    public IReadOnlyList<GapReason> All
    {
        get
        {
            lock (_reasons) return _reasons.Keys.Order().ToList();
        }
    }

    /// <returns>False if it was closed for this reason already.</returns>
    public bool Close(GapReason reason, MonotonicTime since)
    {
        bool closed;
        lock (_reasons) closed = _reasons.TryAdd(reason, since);
        if (closed) Changed?.Invoke();
        return closed;
    }

    /// <returns>False if it was not closed for this reason.</returns>
    public bool Open(GapReason reason)
    {
        bool opened;
        lock (_reasons) opened = _reasons.Remove(reason);
        if (opened) Changed?.Invoke();
        return opened;
    }

    private static int Order(GapReason reason) => reason switch
    {
        GapReason.Paused => 0,
        GapReason.IndicatorHidden => 1,
        GapReason.LeaseLost => 2,
        _ => 3,
    };
}
