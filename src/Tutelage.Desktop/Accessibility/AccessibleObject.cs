using Tutelage.Recording;

namespace Tutelage.Desktop.Accessibility;

/// <summary>The name of an object on the accessibility bus.</summary>
internal readonly record struct ObjectReference(string Bus, string Path)
{
    /// <summary>What a parent answers for "no such child".</summary>
    public bool IsNull => Path is null || Path.EndsWith("/null", StringComparison.Ordinal);
}

/// <summary>What was last read of one accessible object.</summary>
internal sealed class AccessibleObject(ObjectReference reference, int id)
{
    public ObjectReference Reference { get; } = reference;

    /// <summary>Stable as long as the object lives.</summary>
    public int Id { get; } = id;

    /// <summary>Role, interfaces and attributes were read; they do not change while an object lives.</summary>
    public bool IsKnown { get; set; }

    public uint Role { get; set; }
    public string? AuthoredRole { get; set; }
    public string? Hint { get; set; }
    public bool HasComponent { get; set; }
    public bool HasText { get; set; }
    public bool HasValue { get; set; }
    public bool HasSelection { get; set; }
    public ulong AtSpiStates { get; set; }
    public string? Name { get; set; }
    public string? Value { get; set; }

    /// <summary>What a combobox has chosen; it is not showing while the box is closed, so only its name is read.</summary>
    public ObjectReference? Chosen { get; set; }

    public string? DocumentAddress { get; set; }
    public ScreenRect Bounds { get; set; }
    public IReadOnlyList<ObjectReference> Children { get; set; } = [];

    /// <summary>The walk that last saw it showing.</summary>
    public int SeenInWalk { get; set; }

    public bool IsShowing => Has(AtSpiState.Showing) && !Has(AtSpiState.Defunct);

    /// <summary>True where the text itself is never asked for.</summary>
    public bool IsPassword => Role == AriaRoles.PasswordText;

    public bool Has(AtSpiState state) => (AtSpiStates & (1ul << (int)state)) != 0;

    /// <summary>Editable fields, and displays whose text is not also their name.</summary>
    public bool HasReadableText => HasText && !IsPassword && IsKnown
        && (Has(AtSpiState.Editable) || Role is AriaRoles.Entry or AriaRoles.Text or AriaRoles.SpinButton or AriaRoles.EditBar or AriaRoles.Terminal or AriaRoles.DocumentText);

    public bool HasReadableValue => HasValue && IsKnown && Role is 15 or 42 or 48 or 51 or AriaRoles.SpinButton or 103;

    public ElementStates States =>
        If(AtSpiState.Showing, ElementStates.Visible) | If(AtSpiState.Sensitive, ElementStates.Enabled) | If(AtSpiState.Focusable, ElementStates.Focusable)
        | If(AtSpiState.Focused, ElementStates.Focused) | If(AtSpiState.Editable, ElementStates.Editable) | If(AtSpiState.MultiLine, ElementStates.MultiLine)
        | If(AtSpiState.Checkable, ElementStates.Checkable) | If(AtSpiState.Checked, ElementStates.Checkable | ElementStates.Checked)
        | If(AtSpiState.Pressed, ElementStates.Checked) | If(AtSpiState.Selectable, ElementStates.Selectable) | If(AtSpiState.Selected, ElementStates.Selected)
        | If(AtSpiState.Expandable, ElementStates.Expandable) | If(AtSpiState.Expanded, ElementStates.Expandable | ElementStates.Expanded)
        | If(AtSpiState.ReadOnly, ElementStates.ReadOnly) | If(AtSpiState.Required, ElementStates.Required) | If(AtSpiState.Modal, ElementStates.Modal)
        | If(AtSpiState.Indeterminate, ElementStates.Indeterminate) | (IsPassword ? ElementStates.Protected : ElementStates.None);

    private ElementStates If(AtSpiState state, ElementStates flag) => Has(state) ? flag : ElementStates.None;
}

/// <summary>Bits of AtspiStateType (atspi-constants.h) that are read.</summary>
internal enum AtSpiState
{
    Active = 1, Checked = 4, Defunct = 6, Editable = 7, Expandable = 9, Expanded = 10, Focusable = 11, Focused = 12, Modal = 16, MultiLine = 17, Pressed = 20,
    Selectable = 22, Selected = 23, Sensitive = 24, Showing = 25, Indeterminate = 32, Required = 33, Checkable = 41, ReadOnly = 43,
}
