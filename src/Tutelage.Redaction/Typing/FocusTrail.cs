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

/// <summary>Tells the keyboard focus at a time from what accessibility tells, which lags behind it.</summary>
/// <remarks>
/// What is told speaks for keys only if no click, Tab, Enter or the like lies between the two. That an element got the focus is told soon and
/// of every change; trees come later and rarer, and count where nothing was told. Where witnesses of one stretch disagree, a protected field
/// among them wins, otherwise the focus is unknown; only a tree that still shows the focus from before the move is late, and gives way to the next. If this is wrong, a password is taken for the text of the field before it.
/// </remarks>
/// <param name="trees">Oldest first, the tree before the interval and the one after it included.</param>
/// <param name="moves">Times of events that may have moved the focus, oldest first, the last one before the interval included.</param>
/// <param name="told">Elements that got the focus, oldest first, the last one before the interval included.</param>
/// <param name="end">When the next move after the last of <paramref name="moves"/> came, null if none is known.</param>
internal sealed class FocusTrail(IReadOnlyList<CapturedElements> trees, IReadOnlyList<MonotonicTime> moves, IReadOnlyList<CapturedFocus> told, MonotonicTime? end)
{
    public KeyTarget At(MonotonicTime first, MonotonicTime last)
    {
        var from = new MonotonicTime(-1);
        var to = end is { } known && known >= last ? known : new MonotonicTime(long.MaxValue);
        foreach (var move in moves)
        {
            if (move <= first) from = move;
            else if (move >= last)
            {
                to = move;
                break;
            }
        }

        var byTrees = ByTrees(from, to, first);
        var stretch = told.Where(focus => focus.Time > from && focus.Time <= to).ToList();
        if (stretch.Count == 0) return byTrees;
        var elements = stretch.ConvertAll(focus => Find(focus.ElementId));
        if (elements.Find(element => element?.States.HasFlag(ElementStates.Protected) == true) is { } secret) return new(secret);
        if (byTrees.IsProtected) return byTrees;
        // Told before the first key it is settled, and what was told before that is of earlier moves; told later it is late and MUST be the only one.
        var settled = stretch.FindLastIndex(focus => focus.Time <= first);
        var target = elements[Math.Max(settled, 0)];
        return elements.Skip(settled + 1).Any(element => element?.Id != target?.Id) ? default : new(target);
    }

    private KeyTarget ByTrees(MonotonicTime from, MonotonicTime to, MonotonicTime first)
    {
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

    private CapturedElement? Find(int id)
    {
        for (var index = trees.Count - 1; index >= 0; index--)
            if (trees[index].Tree.Find(id) is { } element) return element;
        return null;
    }

    private static string? Value(CapturedElements tree, int id) =>
        tree.Tree.Find(id) is { } element && !element.States.HasFlag(ElementStates.Protected) ? element.Value ?? (element.States.HasFlag(ElementStates.Editable) ? "" : null) : null;
}
