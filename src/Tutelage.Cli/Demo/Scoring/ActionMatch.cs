using Tutelage.Practice.Participants;
using Tutelage.Recording;
using Tutelage.Trajectories;

namespace Tutelage.Cli.Demo.Scoring;

/// <summary>One action that the participant did, and what the recording has for it.</summary>
/// <param name="Found">Null if nothing was found for it.</param>
internal sealed record ScoredAction(ActorAction Done, RecordedAction? Found);

/// <summary>Aligns what was done with what was found: same order, same kind, same target, and the text or its shape.</summary>
/// <remarks>A longest common subsequence per task: an action that was missed does not push the ones after it out of step.</remarks>
internal static class ActionMatch
{
    public static IReadOnlyList<ScoredAction> Align(IReadOnlyList<ActorAction> done, IReadOnlyList<RecordedAction> found)
    {
        var longest = new int[done.Count + 1, found.Count + 1];
        for (var i = done.Count - 1; i >= 0; i--)
            for (var j = found.Count - 1; j >= 0; j--)
                longest[i, j] = Same(done[i], found[j]) ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);

        var scored = new List<ScoredAction>(done.Count);
        for (int i = 0, j = 0; i < done.Count;)
        {
            if (j < found.Count && Same(done[i], found[j]) && longest[i, j] == longest[i + 1, j + 1] + 1) scored.Add(new(done[i++], found[j++]));
            else if (j < found.Count && longest[i, j + 1] >= longest[i + 1, j]) j++;
            else scored.Add(new(done[i++], null));
        }
        return scored;
    }

    internal static bool Same(ActorAction done, RecordedAction found) =>
        SameKind(done.Kind, found.Kind) && SameTarget(done, found) && done.Kind switch
        {
            ActorActionKind.Type => SameText(done, found),
            ActorActionKind.Select => found.Option is null || done.Option is null || string.Equals(found.Option, done.Option, StringComparison.OrdinalIgnoreCase),
            ActorActionKind.Key => done.Keys is { } keys && keys.Select(Canonical).SequenceEqual(found.Keys.Select(Canonical), StringComparer.Ordinal),
            _ => true,
        };

    private static bool SameKind(ActorActionKind done, ActionKind found) => (done, found) switch
    {
        (ActorActionKind.Click, ActionKind.Click) => true,
        (ActorActionKind.DoubleClick, ActionKind.DoubleClick) => true,
        (ActorActionKind.Drag, ActionKind.Drag) => true,
        (ActorActionKind.Scroll, ActionKind.Scroll) => true,
        (ActorActionKind.Type, ActionKind.Type) => true,
        (ActorActionKind.Key, ActionKind.Key) => true,
        (ActorActionKind.Select, ActionKind.Select) => true,
        _ => false,
    };

    /// <summary>By role and name, or, where the name was content, by role and rectangle. Keys act where the focus is and have no target to compare.</summary>
    private static bool SameTarget(ActorAction done, RecordedAction found)
    {
        if (done.Kind is ActorActionKind.Key or ActorActionKind.Scroll) return true;
        if (found.Target is not { } target) return false;
        var role = target.Role == done.Target.Role || Related(target.Role, done.Target.Role);
        if (role && target.Name is not null && string.Equals(target.Name.Trim(), done.Target.Name.Trim(), StringComparison.OrdinalIgnoreCase)) return true;
        return done.Target.Box is { } box && Shared(box, target.Bounds) > 0.5;
    }

    private static bool SameText(ActorAction done, RecordedAction found)
    {
        if (found.Text is { } text && !found.Surrogate) return text == done.Text;
        var length = done.Text?.Length ?? done.TextLength ?? -1;
        // A secret tells nothing of its length: every one has the same shape.
        return found.Shape is { } shape && (shape.Kind == TextKind.Secret || shape.Length == TextShape.LengthClassOf(length));
    }

    /// <summary>Roles that accessibility and the page's own markup give to one widget.</summary>
    private static bool Related(string left, string right) => Family(left) is { } family && family == Family(right);

    private static string? Family(string role) => role switch
    {
        "option" or "menuitem" or "listitem" or "menuitemradio" or "menuitemcheckbox" => "item",
        "combobox" or "listbox" or "menu" => "list",
        "textbox" or "searchbox" or "spinbutton" => "field",
        "checkbox" or "switch" or "togglebutton" => "toggle",
        "cell" or "gridcell" or "row" => "cell",
        _ => null,
    };

    /// <summary>Intersection over union: a container is not its content.</summary>
    private static double Shared(ScreenRect left, ScreenRect right)
    {
        var both = left.Intersect(right).Area;
        return both == 0 ? 0 : (double)both / (left.Area + right.Area - both);
    }

    private static string Canonical(string key) => key.ToLowerInvariant() switch
    {
        "ctrl" or "control" => "control",
        "return" or "enter" => "enter",
        "esc" or "escape" => "escape",
        "del" or "delete" => "delete",
        var other => other,
    };
}
