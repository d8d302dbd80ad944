using Tutelage.Recording.Events;

namespace Tutelage.Trajectories;

/// <summary>What the reducer knows of the screen just now: the last snapshot and frame, and since when each element has been there.</summary>
internal sealed class Scene
{
    private Dictionary<int, Appearance> _seen = [];
    private Dictionary<int, Appearance> _spare = [];

    public ElementSnapshot? Snapshot { get; private set; }
    public int ElementsIndex { get; private set; } = -1;
    public int FrameIndex { get; private set; } = -1;

    public RecordedElement? Focused => Find(Snapshot?.FocusedId ?? -1);

    public void See(FrameReference frame) => FrameIndex = frame.Index;

    /// <param name="quiet">No hand moved shortly before: what is new came by itself.</param>
    public void See(ElementSnapshot snapshot, bool quiet)
    {
        (_spare, _seen) = (_seen, _spare);
        _seen.Clear();
        var first = Snapshot is null;
        Snapshot = snapshot;
        ElementsIndex++;
        for (var at = 0; at < snapshot.Elements.Count; at++)
        {
            var id = snapshot.Elements[at].Id;
            _seen[id] = _spare.TryGetValue(id, out var before) ? before with { Place = at } : new(snapshot.Time, ElementsIndex, quiet && !first, at);
        }
    }

    public Appearance? Since(int id) => _seen.TryGetValue(id, out var appearance) ? appearance : null;

    public RecordedElement? Find(int id) => Snapshot is { } snapshot && _seen.TryGetValue(id, out var appearance) ? snapshot.Elements[appearance.Place] : null;

    /// <summary>What a press at <paramref name="point"/> acts on: the smallest element there, or the control that it is a piece of.</summary>
    /// <remarks>A choice below it that came later than what it covers lies above it: lists and menus open over the page.</remarks>
    public RecordedElement? At(ScreenPoint point)
    {
        if (Snapshot is not { } snapshot) return null;
        RecordedElement? hit = null;
        var hitLayer = 0;
        foreach (var element in snapshot.Elements)
        {
            if (!element.Bounds.Contains(point) || IsScrolledAway(element, point)) continue;
            var layer = element.Role is "option" or "menuitem" or "menuitemcheckbox" or "menuitemradio" or "listitem" ? _seen[element.Id].ElementsIndex : 0;
            if (hit is not null && (layer < hitLayer && !IsWithin(element, hit.Id) || layer == hitLayer && element.Bounds.Area > hit.Bounds.Area)) continue;
            (hit, hitLayer) = (element, Math.Max(layer, hitLayer));
        }

        return hit is null ? null : Control(hit);
    }

    /// <summary>Accessibility tells the place of lines that a list box has scrolled out of sight.</summary>
    private bool IsScrolledAway(RecordedElement element, ScreenPoint point) =>
        element.Role == "option" && Find(element.ParentId) is { Role: "listbox" } list && !list.Bounds.IsEmpty && !list.Bounds.Contains(point);

    /// <summary>The nearest control at or above <paramref name="element"/>; the element itself if it belongs to none.</summary>
    public RecordedElement Control(RecordedElement element)
    {
        var at = element;
        for (var steps = 0; at is not null && steps < MaxDepth; steps++)
        {
            if (AriaRoles.IsControl(at.Role)) return at;
            at = at.ParentId == at.Id ? null : Find(at.ParentId);
        }

        return element;
    }

    public bool IsWithin(RecordedElement element, int ancestorId)
    {
        for (var steps = 0; steps < MaxDepth; steps++)
        {
            if (element.Id == ancestorId) return true;
            if (Find(element.ParentId) is not { } parent || parent.Id == element.Id) return false;
            element = parent;
        }

        return false;
    }

    public ActionTarget? Target(RecordedElement? element) =>
        element is null ? null : new(element.Id, element.Role, element.Name, element.NameShape, element.Hint, element.Bounds);

    /// <summary>Deeper trees than any page has: a bound against parents that form a ring.</summary>
    private const int MaxDepth = 256;
}

/// <summary>Since when an element has been on the screen without a break.</summary>
/// <param name="Quiet">It came without a hand's doing.</param>
/// <param name="Place">Its place in the last snapshot.</param>
internal readonly record struct Appearance(SessionTime Since, int ElementsIndex, bool Quiet, int Place);
