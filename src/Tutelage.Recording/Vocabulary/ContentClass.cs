namespace Tutelage.Recording;

/// <summary>What a grant names: each class of a segment is a file of its own under keys of its own.</summary>
/// <remarks>The names in lower case are part of the segment format (docs/formats/segment.md).</remarks>
public enum ContentClass
{
    /// <summary>Pointer, buttons, scrolls, shortcuts, and the shape (never the letters) of what was typed; gaps and health.</summary>
    Input,

    /// <summary>Literal text that the manifest lets stand, and instructions of tasks.</summary>
    Text,

    /// <summary>Interface elements, focus and context.</summary>
    Elements,

    /// <summary>Screen tiles.</summary>
    Frames,
}
