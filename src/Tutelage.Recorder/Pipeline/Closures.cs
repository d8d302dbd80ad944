using Tutelage.Recording;

namespace Tutelage.Recorder.Pipeline;

/// <summary>The reasons why nothing is captured right now. Capture goes on only while there is none.</summary>
/// <remarks>Thread-safe: the indicator, the lease and the control socket each close and open their own reason. Lock: <c>_reasons</c>.</remarks>
internal sealed class Closures
{
    private readonly Dictionary<GapReason, MonotonicTime> _reasons = [];

    /// <summary>The gravest reason, null if capture may go on.</summary>
    public GapReason? Current
    {
        get
        {
            lock (_reasons) return _reasons.Count == 0 ? null : _reasons.MinBy(reason => Order(reason.Key)).Key;
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
        lock (_reasons) return _reasons.TryAdd(reason, since);
    }

    /// <returns>False if it was not closed for this reason.</returns>
    public bool Open(GapReason reason)
    {
        lock (_reasons) return _reasons.Remove(reason);
    }

    private static int Order(GapReason reason) => reason switch
    {
        GapReason.Paused => 0,
        GapReason.IndicatorHidden => 1,
        GapReason.LeaseLost => 2,
        _ => 3,
    };
}
