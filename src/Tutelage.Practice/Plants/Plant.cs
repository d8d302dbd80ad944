namespace Tutelage.Practice.Plants;

/// <summary>A made-up secret that a run puts in front of the recorder to see that nothing of it is kept.</summary>
/// <param name="Id">Unique within a script.</param>
/// <param name="Format">Which spelling within the kind, such as <c>github</c> or <c>visa</c>; only for reports.</param>
/// <param name="Value">Exactly as typed or shown.</param>
/// <param name="FieldName">Label of the field for <see cref="PlantPlace.Typed"/>, else null.</param>
public sealed record Plant(string Id, PlantKind Kind, string Format, string Value, PlantPlace Place, string? FieldName = null);

public enum PlantKind
{
    Password, Card, Email, Token, Note,
}

/// <summary>Where a plant stands.</summary>
public enum PlantPlace
{
    /// <summary>The participant types it into a field.</summary>
    Typed,

    /// <summary>It is text of the page.</summary>
    Shown,

    /// <summary>It is the value of a read-only field of the page.</summary>
    Field,

    /// <summary>It is part of the document's title, hence of the window's.</summary>
    Title,

    /// <summary>It is painted on a canvas: pixels only, no element carries it.</summary>
    Image,

    /// <summary>It stands in a window of an app outside the allow-list.</summary>
    OtherApp,
}
