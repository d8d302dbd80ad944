namespace Tutelage.Recording;

/// <summary>What an element says of itself. "Not observed" is the absence of the flag together with its <c>…able</c> flag.</summary>
[Flags]
public enum ElementStates
{
    None = 0,
    Visible = 1,
    Enabled = 2,
    Focusable = 4,
    Focused = 8,
    Editable = 16,
    MultiLine = 32,
    Checkable = 64,
    Checked = 128,
    Selectable = 256,
    Selected = 512,
    Expandable = 1024,
    Expanded = 2048,
    /// <summary>A field whose text is a secret by its role (AT-SPI <c>password text</c>).</summary>
    Protected = 4096,
    ReadOnly = 8192,
    Required = 16384,
    Modal = 32768,
    Indeterminate = 65536,
}
