namespace Tutelage.Recording.Events;

/// <summary>Class <see cref="ContentClass.Elements"/>: the elements of the focused window after redaction.</summary>
/// <param name="FocusedId">-1 if none was observed.</param>
public sealed record ElementSnapshot(SessionTime Time, RecordedContext Context, IReadOnlyList<RecordedElement> Elements, int FocusedId);

/// <summary>Where work happened, as far as the manifest lets it stand.</summary>
/// <param name="App">As in the manifest's rule that allowed it.</param>
/// <param name="Site">Origin and path that the rule names (never the query), null outside a browser.</param>
/// <param name="Title">The interface part of the title; the document part is content and left out.</param>
public sealed record RecordedContext(string App, string? Site, string? Title, ScreenRect Bounds);

/// <summary>One element. Interface text stands as it is; content is null with its shape beside it.</summary>
/// <param name="Id">Stable within a session.</param>
/// <param name="Name">Null where there is none or it was content.</param>
/// <param name="NameShape">Null where the name stands or there is none.</param>
/// <param name="Value">Null where there is none or it was content.</param>
/// <param name="ValueShape">Null where the value stands or there is none.</param>
public sealed record RecordedElement(
    int Id, int ParentId, string Role, string? Name, TextShape? NameShape, string? Value, TextShape? ValueShape, string? Hint, ElementStates States, ScreenRect Bounds);
