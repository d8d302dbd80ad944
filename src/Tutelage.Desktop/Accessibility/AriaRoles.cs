using System.Collections.Frozen;

namespace Tutelage.Desktop.Accessibility;

/// <summary>AT-SPI roles as ARIA role names. Normative table: docs/formats/elements.md.</summary>
internal static class AriaRoles
{
    public const uint CheckMenuItem = 8, ComboBox = 11, DesktopFrame = 14, Frame = 23, ListItem = 32, Menu = 33, MenuItem = 35, PasswordText = 40, SpinButton = 52,
        Terminal = 60, Text = 61, Window = 69, EditBar = 77, Entry = 79, DocumentText = 94, DocumentWeb = 95, ListBox = 98;

    /// <summary>What an element is called whose role is not in the table.</summary>
    public const string Generic = "generic";

    /// <summary>Indexed by AtspiRole of at-spi2-core 2.46 (atspi-constants.h); numbers, because role names are translated.</summary>
    private static readonly string[] ByNumber = new string[130];

    /// <summary>Roles of WAI-ARIA 1.2 and its digital publishing neighbours that an author's own <c>role</c> may name.</summary>
    private static readonly FrozenSet<string> Authored = new[]
    {
        "alert", "alertdialog", "application", "article", "banner", "blockquote", "button", "caption", "cell", "checkbox", "code", "columnheader", "combobox",
        "complementary", "contentinfo", "definition", "dialog", "directory", "document", "feed", "figure", "form", "grid", "gridcell", "group", "heading",
        "img", "link", "list", "listbox", "listitem", "log", "main", "marquee", "math", "menu", "menubar", "menuitem", "menuitemcheckbox", "menuitemradio", "meter",
        "navigation", "note", "option", "paragraph", "progressbar", "radio", "radiogroup", "region", "row", "rowgroup", "rowheader", "scrollbar", "search",
        "searchbox", "separator", "slider", "spinbutton", "status", "switch", "tab", "table", "tablist", "tabpanel", "term", "textbox", "time", "timer", "toolbar",
        "tooltip", "tree", "treegrid", "treeitem",
    }.ToFrozenSet();

    static AriaRoles()
    {
        Array.Fill(ByNumber, Generic);
        Name("alert", 2, 101);
        Name("application", 75, 78);
        Name("article", 109);
        Name("blockquote", 105);
        Name("button", 43, 62, 129);
        Name("caption", 81);
        Name("cell", 56);
        Name("checkbox", 7);
        Name("code", 60);
        Name("columnheader", 10, 57);
        Name("combobox", ComboBox, 76);
        Name("contentinfo", 72);
        Name("definition", 108, 123);
        Name("deletion", 125);
        Name("dialog", 9, 16, 19, 22);
        Name("document", 82, 84, 92, 93, 94, 95, 96);
        Name("figure", 80);
        Name("form", 87);
        Name("grid", 5);
        Name("group", 71, 99, 102, 39, 85);
        Name("heading", 83);
        Name("img", 4, 6, 18, 26, 27, 100);
        Name("insertion", 126);
        Name("link", 88);
        Name("list", 31, 121);
        Name("listbox", ListBox);
        Name("listitem", ListItem);
        Name("log", 111);
        Name("mark", 127);
        Name("marquee", 112);
        Name("math", 113, 117, 118);
        Name("menu", 33, 41);
        Name("menubar", 34);
        Name("menuitem", 35, 59);
        Name("menuitemcheckbox", 8);
        Name("menuitemradio", 45);
        Name("meter", 103, 114);
        Name("note", 97, 124);
        Name("paragraph", 73);
        Name("progressbar", 42);
        Name("radio", 44);
        Name("region", 110);
        Name("row", 90);
        Name("rowheader", 47, 58);
        Name("scrollbar", 48);
        Name("separator", 50);
        Name("slider", 15, 51);
        Name("spinbutton", SpinButton);
        Name("status", 54);
        Name("subscript", 119);
        Name("superscript", 120);
        Name("tab", 37);
        Name("table", 55);
        Name("tablist", 38);
        Name("term", 122);
        Name("text", 1, 29, 116);
        Name("textbox", 12, 40, 61, 77, Entry);
        Name("timer", 115);
        Name("toolbar", 63);
        Name("tooltip", 64);
        Name("tree", 65);
        Name("treegrid", 66);
        Name("treeitem", 91);
        Name("video", 107);
        Name("audio", 106);
        Name("window", 14, 23, 28, 69);
    }

    /// <param name="role">AtspiRole.</param>
    /// <param name="authored">The first known token of the author's <c>role</c> attribute wins over the number; null if there is none.</param>
    /// <param name="insideCombobox">A menu inside a combobox is its listbox, and the menu's items are options.</param>
    public static string Of(uint role, string? authored, bool insideCombobox)
    {
        if (authored is not null && authored.Split(' ').FirstOrDefault(Authored.Contains) is { } known) return known;
        return insideCombobox switch
        {
            true when role is MenuItem or ListItem or CheckMenuItem => "option",
            true when role is Menu or ListBox => "listbox",
            _ => role < ByNumber.Length ? ByNumber[role] : Generic,
        };
    }

    private static void Name(string aria, params ReadOnlySpan<uint> numbers)
    {
        foreach (var number in numbers) ByNumber[number] = aria;
    }
}
