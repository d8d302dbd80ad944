using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Typing;

/// <summary>Which element keys went to.</summary>
/// <param name="Element">Null if it could not be established: then the text may be a password.</param>
internal readonly record struct KeyTarget(CapturedElement? Element)
{
    public bool IsProtected => Element?.States.HasFlag(ElementStates.Protected) == true;

    public bool IsEditable => Element is { } element
        && (element.States.HasFlag(ElementStates.Editable) || element.Role is "textbox" or "searchbox" or "spinbutton") && !element.States.HasFlag(ElementStates.ReadOnly);
}

/// <summary>Tells the keyboard focus at a time from trees that lag behind it.</summary>
/// <remarks>
/// A tree speaks for keys only if no click, Tab, Enter or the like lies between the two. Where trees of one stretch disagree, a protected field
/// among them wins, otherwise the focus is unknown; only a tree that still shows the focus from before the move is late, and gives way to the next. If this is wrong, a password is taken for the text of the field before it.
/// </remarks>
/// <param name="trees">Oldest first, the tree before the interval and the one after it included.</param>
/// <param name="moves">Times of events that may have moved the focus, oldest first, the last one before the interval included.</param>
internal sealed class FocusTrail(IReadOnlyList<CapturedElements> trees, IReadOnlyList<MonotonicTime> moves)
{
    public KeyTarget At(MonotonicTime first, MonotonicTime last)
    {
        var from = new MonotonicTime(-1);
        var to = new MonotonicTime(long.MaxValue);
        foreach (var move in moves)
        {
            if (move <= first) from = move;
            else if (move >= last)
            {
                to = move;
                break;
            }
        }

        CapturedElement? target = null;
        CapturedElement? before = null;
        CapturedElement? left = null;
        var seen = false;
        var late = true;
        foreach (var tree in trees)
        {
            var focused = tree.Tree.Focused;
            if (tree.Time <= from) left = focused;
            if (tree.Time <= from || tree.Time > to) continue;
            if (tree.Time < first)
            {
                before = focused;
                continue;
            }

            if (focused?.States.HasFlag(ElementStates.Protected) == true) return new(focused);
            if (seen && target?.Id != focused?.Id)
            {
                if (!late || target?.Id != left?.Id) return default;
                late = false;
            }

            target = focused;
            seen = true;
        }

        if (!seen) return new(before);
        if (before?.States.HasFlag(ElementStates.Protected) == true) return new(before);
        return new(target);
    }

    /// <summary>The value of an element in the last tree at or before <paramref name="time"/>; null if it was not observed.</summary>
    public string? ValueBefore(int id, MonotonicTime time)
    {
        string? value = null;
        foreach (var tree in trees)
        {
            if (tree.Time > time) break;
            value = Value(tree, id);
        }

        return value;
    }

    /// <summary>The value in the last tree after <paramref name="time"/> and not after the focus moved on.</summary>
    public (string Value, MonotonicTime Time)? ValueAfter(int id, MonotonicTime time)
    {
        var until = moves.Where(move => move > time).DefaultIfEmpty(new(long.MaxValue)).First();
        (string, MonotonicTime)? found = null;
        foreach (var tree in trees)
            if (tree.Time >= time && tree.Time <= until && Value(tree, id) is { } value) found = (value, tree.Time);
        return found;
    }

    private static string? Value(CapturedElements tree, int id) =>
        tree.Tree.Find(id) is { } element && !element.States.HasFlag(ElementStates.Protected) ? element.Value ?? (element.States.HasFlag(ElementStates.Editable) ? "" : null) : null;
}
