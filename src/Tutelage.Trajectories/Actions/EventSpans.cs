namespace Tutelage.Trajectories;

/// <summary>Indices of raw events in rising order, neighbours joined: ten thousand moves are one range.</summary>
internal sealed class EventSpans
{
    private readonly List<EventRange> _ranges = [];

    public bool IsEmpty => _ranges.Count == 0;

    public int First => IsEmpty ? -1 : _ranges[0].First;

    public int Last => IsEmpty ? -1 : _ranges[^1].Last;

    public EventRange? Whole => IsEmpty ? null : new(First, Last);

    public void Add(int index) => Add(new EventRange(index, index));

    public void TakeAll(EventSpans other)
    {
        foreach (var range in other._ranges) Add(range);
        other._ranges.Clear();
    }

    public void CopyAll(EventSpans other)
    {
        foreach (var range in other._ranges) Add(range);
    }

    public void Clear() => _ranges.Clear();

    public void Account(ReductionAccount account, EventUse use)
    {
        foreach (var range in _ranges)
        {
            for (var index = range.First; index <= range.Last; index++) account.Set(index, use);
        }
    }

    private void Add(EventRange range)
    {
        var at = _ranges.Count;
        while (at > 0 && _ranges[at - 1].First > range.First) at--;
        if (at > 0 && _ranges[at - 1].Last + 1 == range.First) _ranges[at - 1] = new(_ranges[at - 1].First, range.Last);
        else _ranges.Insert(at, range);
    }
}
