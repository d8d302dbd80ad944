namespace Tutelage.Trajectories;

/// <summary>What the reducer needs to know of ARIA roles.</summary>
internal static class AriaRoles
{
    private static readonly HashSet<string> Controls = new(StringComparer.Ordinal)
    {
        "button", "link", "checkbox", "radio", "switch", "textbox", "searchbox", "combobox", "listbox", "option", "menuitem", "menuitemcheckbox",
        "menuitemradio", "tab", "treeitem", "slider", "spinbutton", "scrollbar", "label", "columnheader", "gridcell", "cell", "row", "listitem",
    };

    /// <summary>What is chosen from: the thing clicked last in a dropdown or menu.</summary>
    private static readonly HashSet<string> Choices = new(StringComparer.Ordinal)
    {
        "option", "menuitem", "menuitemcheckbox", "menuitemradio",
    };

    public static bool IsControl(string role) => Controls.Contains(role);

    public static bool IsChoice(string role) => Choices.Contains(role);
}
