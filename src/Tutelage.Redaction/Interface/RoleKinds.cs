using System.Collections.Frozen;

namespace Tutelage.Redaction.Interface;

/// <summary>What a role says about the text in it (the table of docs/formats/redaction.md).</summary>
internal enum RoleKind
{
    /// <summary>Not in the table: content, because doubt closes.</summary>
    Unknown,

    /// <summary>A name that the author of the program wrote: command, choice, column.</summary>
    Interface,

    /// <summary>Interface, unless it stands inside content (a link in a mail).</summary>
    WeakInterface,

    /// <summary>Its name is interface, its value is what people write.</summary>
    Field,

    /// <summary>Groups others and has no text of its own; its name is interface.</summary>
    Container,

    /// <summary>Groups others; its name, if any, is made of what is in it, or is a title.</summary>
    UnnamedContainer,

    /// <summary>A container in which links and items are navigation.</summary>
    Navigation,

    /// <summary>A container drawn above what lies under it.</summary>
    Popup,

    /// <summary>What people write and read, and everything in it that is not a command.</summary>
    Content,

    /// <summary>Text that belongs to what it stands in.</summary>
    Inherits,

    Picture,
}

internal static class RoleKinds
{
    public static RoleKind Of(string role) => Table.GetValueOrDefault(role, RoleKind.Unknown);

    private static readonly FrozenDictionary<string, RoleKind> Table = Rows(
        (RoleKind.Interface, "button menuitem menuitemcheckbox menuitemradio tab checkbox radio switch option columnheader legend slider progressbar scrollbar separator meter combobox"),
        (RoleKind.WeakInterface, "link heading label labeltext"),
        (RoleKind.Field, "textbox searchbox spinbutton"),
        (RoleKind.Container, "group region main banner contentinfo complementary form search list table grid treegrid tree tabpanel radiogroup"),
        (RoleKind.UnnamedContainer, "window application document generic none presentation row rowgroup section directory"),
        (RoleKind.Navigation, "navigation toolbar menubar tablist"),
        (RoleKind.Popup, "dialog alertdialog menu listbox"),
        (RoleKind.Content, "cell gridcell rowheader listitem treeitem article paragraph blockquote log alert status timer marquee note definition term code figure caption feed comment audio tooltip math deletion insertion"),
        (RoleKind.Inherits, "text statictext emphasis strong mark subscript superscript time"),
        (RoleKind.Picture, "img image graphic canvas video"));

    private static FrozenDictionary<string, RoleKind> Rows(params (RoleKind Kind, string Roles)[] rows) =>
        rows.SelectMany(row => row.Roles.Split(' ').Select(role => KeyValuePair.Create(role, row.Kind))).ToFrozenDictionary(StringComparer.Ordinal);
}
