namespace Tutelage.Trajectories;

/// <summary>What became of every raw event: nothing is left unexplained.</summary>
public sealed class ReductionAccount
{
    private readonly List<EventUse> _uses = [];

    /// <summary>One for each raw event.</summary>
    public IReadOnlyList<EventUse> Uses => _uses;

    /// <summary>Indices of events that nothing explains; empty unless the reducer has a fault.</summary>
    public IReadOnlyList<int> Unexplained => [.. Enumerable.Range(0, _uses.Count).Where(index => _uses[index].Kind == EventUseKind.Open)];

    internal void Add() => _uses.Add(default);

    internal void Set(int index, EventUse use) => _uses[index] = use;
}

/// <summary>What one raw event was used for.</summary>
/// <param name="Action">Index of the action, or of the one that a trace led to; -1 for a rest.</param>
public readonly record struct EventUse(EventUseKind Kind, int Action);

/// <summary><see cref="Open"/> (the default) is "not explained yet"; everything from <see cref="IdlePointer"/> on is a stated rest.</summary>
public enum EventUseKind
{
    Open,
    Action,
    Trace,

    /// <summary>Moves after which the pointer did nothing before a gap, a task's end or the recording's end.</summary>
    IdlePointer,

    /// <summary>A modifier that nothing was pressed with.</summary>
    LoneModifier,

    /// <summary>A release whose press lies in a gap or before the recording, or came after its action had ended.</summary>
    LateRelease,
}
