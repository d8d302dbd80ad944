using System.Text.Json;
using Tutelage.Recording.Events;

namespace Tutelage.Trajectories.Importing;

/// <summary>One state's DOM, flattened: parents before children, text nodes folded into the names of their elements.</summary>
internal sealed class DomPage
{
    private readonly List<DomElement> _elements = [];

    /// <summary>The element of the event at this state.</summary>
    public DomElement? Target { get; private set; }

    public DomElement? Focused { get; private set; }
    public int Width { get; private set; }
    public int Height { get; private set; }

    public static DomPage Read(JsonElement body)
    {
        var page = new DomPage();
        page.Add(body, -1);
        if (page._elements.Count > 0) (page.Width, page.Height) = (page._elements[0].Bounds.Right, page._elements[0].Bounds.Bottom);
        return page;
    }

    public DomElement? Find(int reference) => _elements.FirstOrDefault(element => element.Ref == reference);

    public ElementSnapshot ToSnapshot(SessionTime time) => new(
        time, new("miniwob", null, null, new(0, 0, Width, Height)), [.. _elements.Select(element => element.ToRecorded())], Focused?.Ref ?? -1);

    private string Add(JsonElement node, int parent)
    {
        if (_elements.Count >= MaxElements) throw new ImportFormatException($"more than {MaxElements} elements in a state", -1);
        var tag = node.GetProperty("tag").GetString() ?? "";
        var text = Text(node, "text");
        if (tag == "t") return text;
        var element = new DomElement(node, tag, parent);
        // The lines of a closed dropdown are in the DOM, but not on the screen.
        if (tag == "OPTION" && Find(parent) is { Role: "combobox" }) return text;
        _elements.Add(element);
        if (Flag(node, "recordingTarget")) Target = element;
        if (Flag(node, "focused")) Focused = element;
        var name = text;
        if (node.TryGetProperty("children", out var children) && children.ValueKind == JsonValueKind.Array)
        {
            foreach (var child in children.EnumerateArray())
            {
                element.Children++;
                var inner = Add(child, element.Ref);
                if (tag == "SELECT") continue;
                if (name.Length < MaxNameLength && inner.Length > 0) name = name.Length == 0 ? inner : $"{name} {inner}";
            }
        }

        element.Name = name.Length > MaxNameLength ? name[..MaxNameLength] : name;
        return element.Name;
    }

    private static bool Flag(JsonElement node, string name) => node.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;

    private static string Text(JsonElement node, string name) => node.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()!.Trim() : "";

    private const int MaxElements = 20_000;
    private const int MaxNameLength = 120;
}

/// <summary>One element of a demonstration's page.</summary>
internal sealed class DomElement
{
    public DomElement(JsonElement node, string tag, int parent)
    {
        (Tag, Parent, Ref) = (tag, parent, node.GetProperty("ref").GetInt32());
        double Number(string name) => Math.Clamp(node.GetProperty(name).GetDouble(), -1e6, 1e6);
        int left = (int)Math.Floor(Number("left")), top = (int)Math.Floor(Number("top"));
        Bounds = new(left, top, (int)Math.Ceiling(Number("left") + Number("width")) - left, (int)Math.Ceiling(Number("top") + Number("height")) - top);
        if (node.TryGetProperty("value", out var value))
        {
            Checked = value.ValueKind == JsonValueKind.True;
            Value = value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null };
        }

        Hint = node.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 } given ? given : null;
    }

    public string Tag { get; }
    public int Parent { get; }
    public int Ref { get; }
    public ScreenRect Bounds { get; }
    public string? Value { get; }
    public bool Checked { get; }
    public string? Hint { get; }
    public string Name { get; set; } = "";
    public int Children { get; set; }

    /// <summary>A plain text field, which keys edit letter by letter.</summary>
    public bool IsText => Tag is "INPUT_text" or "INPUT_password" or "TEXTAREA" or "INPUT_number" or "INPUT_search" or "INPUT_email";

    public string Role => Tag switch
    {
        "INPUT_checkbox" => "checkbox",
        "INPUT_radio" => "radio",
        "INPUT_number" => "spinbutton",
        "INPUT_button" or "INPUT_submit" or "BUTTON" => "button",
        "INPUT_range" => "slider",
        "SELECT" => Bounds.Height > OneLinePx ? "listbox" : "combobox",
        "OPTION" => "option",
        "A" => "link",
        "LABEL" => "label",
        "LI" => "listitem",
        "UL" or "OL" => "list",
        "TABLE" => "table",
        "TR" => "row",
        "TD" => "cell",
        "TH" => "columnheader",
        "H1" or "H2" or "H3" or "H4" => "heading",
        "P" => "paragraph",
        "BODY" => "document",
        "FORM" => "form",
        "svg" or "circle" or "rect" or "polygon" or "path" or "text" or "tspan" => "img",
        _ when Tag.StartsWith("INPUT_", StringComparison.Ordinal) || Tag == "TEXTAREA" => "textbox",
        _ => "generic",
    };

    public RecordedElement ToRecorded()
    {
        var states = ElementStates.Visible | ElementStates.Enabled;
        if (IsText) states |= ElementStates.Editable | ElementStates.Focusable;
        if (Tag == "TEXTAREA") states |= ElementStates.MultiLine;
        if (Tag == "INPUT_password") states |= ElementStates.Protected;
        if (Tag is "INPUT_checkbox" or "INPUT_radio") states |= ElementStates.Checkable | (Checked ? ElementStates.Checked : ElementStates.None);
        return new(Ref, Parent, Role, Name.Length > 0 ? Name : null, null, Value, null, Hint, states, Bounds);
    }

    /// <summary>A select higher than this shows several lines: a list box, not a dropdown.</summary>
    private const int OneLinePx = 32;
}
