namespace Tutelage.Redaction;

/// <summary>What the gate decided about a context, in the words redaction needs.</summary>
public enum RedactionMode
{
    /// <summary>Interface stands, content becomes shape, fields that the manifest names stand.</summary>
    Capture,

    /// <summary>Nothing stands as text and no frame leaves: roles, rectangles, shapes and shortcuts only.</summary>
    Shape,
}

/// <summary>What happens to the text of a field.</summary>
public enum TextTreatment
{
    /// <summary>Length class, kind and source only.</summary>
    Shape,

    /// <summary>The text stands, unless a detector finds something in it or it is prose.</summary>
    Kept,

    /// <summary>A stand-in of the same type, the same one for the same text throughout the session.</summary>
    Surrogate,
}

/// <summary>A kind of field that the manifest names.</summary>
/// <param name="Role">ARIA role that must match exactly; null or <c>*</c> for any.</param>
/// <param name="Name">Pattern over the accessible name, <c>*</c> for any run of characters, case ignored; null for any.</param>
/// <param name="Hint">Pattern over the author's name of the element, likewise.</param>
public sealed record FieldRule(string? Role, string? Name, string? Hint, TextTreatment Treatment);

/// <summary>What one context's rule lets stand. Immutable; the recorder makes it from the gate's decision.</summary>
public sealed record RedactionPolicy
{
    public required RedactionMode Mode { get; init; }

    /// <summary>As the manifest's rule names the app.</summary>
    public required string App { get; init; }

    /// <summary>Origin and path that the rule names, never the query; null outside a browser.</summary>
    public string? Site { get; init; }

    /// <summary>The app's own part at the end of its window titles (<c>Chromium</c> of <c>Inbox - Chromium</c>); null if not known. Only this part of a title is kept.</summary>
    public string? TitleSuffix { get; init; }

    /// <summary>The first rule that matches a field decides; no match is <see cref="TextTreatment.Shape"/>.</summary>
    public IReadOnlyList<FieldRule> Fields { get; init; } = [];

    /// <summary>Times are rounded down to multiples of it.</summary>
    /// <value>Milliseconds, 1 to 10,000; default 100.</value>
    public int QuantumMs { get; init; } = 100;

    /// <summary>The task that the participant works on; null if none. Typed text that also stands here gets its position as source.</summary>
    public string? Instruction { get; init; }
}
