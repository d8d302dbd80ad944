namespace Tutelage.Trajectories.Tests;

/// <summary>A page of our own that scripts act on: what its elements are, and what they look like after each change.</summary>
internal sealed class SyntheticPage
{
    public const int Document = 1, FirstField = 10, FirstButton = 20, FirstCheckbox = 30, Combobox = 40, Dropdown = 50, List = 60, Slider = 70, Dialog = 80;
    public const int ComboOptions = 400, DropOptions = 500;
    public static readonly string[] Options = ["Travel", "Meals", "Lodging", "Fuel", "Other"];
    private readonly Dictionary<int, string> _values = [];

    public bool ComboExpanded, DropExpanded, DialogShown, ComboOptionsInTree;
    public int ComboValue, Focused = -1;

    public static ScreenSize Screen { get; } = new(1280, 800);

    public static ScreenRect Field(int n) => new(100, 60 + n * 50, 220, 30);
    public static ScreenRect Button(int n) => new(400, 60 + n * 50, 120, 36);
    public static ScreenRect Checkbox(int n) => new(560, 60 + n * 50, 20, 20);
    public static ScreenRect ComboBounds { get; } = new(640, 60, 180, 30);
    public static ScreenRect DropBounds { get; } = new(860, 60, 180, 30);
    public static ScreenRect ListBounds { get; } = new(640, 400, 300, 300);
    public static ScreenRect SliderBounds { get; } = new(100, 500, 300, 20);
    public static ScreenRect DialogBounds { get; } = new(500, 350, 100, 40);
    public static ScreenRect ComboOption(int n) => new(640, 90 + n * 24, 180, 24);
    public static ScreenRect DropOption(int n) => new(860, 90 + n * 24, 180, 24);

    public void Write(int field, string value) => _values[field] = value;

    public ElementSnapshot Snapshot(SessionTime time)
    {
        var elements = new List<RecordedElement>();
        void Add(int id, int parent, string role, string? name, ScreenRect bounds, ElementStates states = ElementStates.None, string? value = null) =>
            elements.Add(new(id, parent, role, name, null, value, null, null, states | ElementStates.Visible | ElementStates.Enabled, bounds));

        Add(Document, -1, "document", "Synthetic", Screen.Bounds);
        for (var n = 0; n < 4; n++)
        {
            Add(FirstField + n, Document, "textbox", $"Field {n}", Field(n), ElementStates.Editable | ElementStates.Focusable, _values.GetValueOrDefault(FirstField + n));
            Add(FirstButton + n, Document, "button", $"Button {n}", Button(n));
            Add(900 + n, FirstButton + n, "text", $"Button {n}", Button(n).Inflate(-8));
            Add(FirstCheckbox + n, Document, "checkbox", $"Check {n}", Checkbox(n), ElementStates.Checkable);
        }

        Add(Combobox, Document, "combobox", "Category", ComboBounds, ElementStates.Expandable | (ComboExpanded ? ElementStates.Expanded : ElementStates.None), Options[ComboValue]);
        if (ComboExpanded && ComboOptionsInTree)
        {
            for (var n = 0; n < Options.Length; n++) Add(ComboOptions + n, Combobox, "option", Options[n], ComboOption(n));
        }

        Add(Dropdown, Document, "button", "Choose", DropBounds, ElementStates.Expandable | (DropExpanded ? ElementStates.Expanded : ElementStates.None));
        Add(List, Document, "list", "Rows", ListBounds);
        Add(Slider, Document, "slider", "Amount", SliderBounds);
        if (DialogShown) Add(Dialog, Document, "button", "Confirm", DialogBounds);
        if (DropExpanded)
        {
            Add(Dropdown + 1, Document, "listbox", "Choices", new(860, 90, 180, 24 * Options.Length));
            for (var n = 0; n < Options.Length; n++) Add(DropOptions + n, Dropdown + 1, "option", Options[n], DropOption(n));
        }

        return new(time, new("chromium", "https://practice.test/page", "Synthetic", Screen.Bounds), elements, Focused);
    }
}
