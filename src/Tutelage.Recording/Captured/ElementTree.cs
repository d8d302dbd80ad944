namespace Tutelage.Recording.Captured;

/// <summary>The visible elements of one window, in document order: a parent stands before its children.</summary>
/// <param name="FocusedId">Id of the element with the keyboard focus, -1 if none was observed.</param>
public sealed record ElementTree(DesktopContext Context, IReadOnlyList<CapturedElement> Elements, int FocusedId)
{
    public CapturedElement? Focused => Find(FocusedId);

    public CapturedElement? Find(int id) => id < 0 ? null : Elements.FirstOrDefault(element => element.Id == id);

    /// <summary>The smallest visible element under <paramref name="point"/>, the later one (drawn above) among equals.</summary>
    public CapturedElement? At(ScreenPoint point) =>
        Elements.Where(element => element.Bounds.Contains(point)).Aggregate((CapturedElement?)null, (best, next) => best is null || next.Bounds.Area <= best.Bounds.Area ? next : best);

    public override string ToString() => $"{nameof(ElementTree)} of {Elements.Count} elements";
}

/// <summary>One interface element as accessibility shows it.</summary>
/// <param name="Id">Stable for the object within a session: the same element keeps its id from tree to tree.</param>
/// <param name="ParentId">-1 for a root.</param>
/// <param name="Role">An ARIA role name (<c>button</c>, <c>textbox</c>, <c>combobox</c>, <c>option</c>, <c>document</c>, …; the mapping is in docs/formats/elements.md).</param>
/// <param name="Name">Accessible name, null if there is none.</param>
/// <param name="Value">Text or number the element holds, null if it holds none or it was not observed.</param>
/// <param name="Hint">The author's own name for the element (HTML id, class of field, input type), null if not observed.</param>
public sealed record CapturedElement(int Id, int ParentId, string Role, string? Name, string? Value, string? Hint, ElementStates States, ScreenRect Bounds)
{
    public override string ToString() => $"{Role} #{Id}";
}
