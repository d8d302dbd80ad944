using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;

namespace Tutelage.Redaction.Tests.Interface;

public sealed class InterfaceOrContentTests
{
    [Theory]
    [InlineData("button", "Save report", true)]
    [InlineData("menuitem", "Copy", true)]
    [InlineData("tab", "Details", true)]
    [InlineData("columnheader", "Due date", true)]
    [InlineData("option", "Travel", true)]
    [InlineData("checkbox", "Urgent", true)]
    [InlineData("heading", "New expense", true)]
    [InlineData("link", "Settings", true)]
    [InlineData("button", "Send to jane.doe@example.com", false)]
    [InlineData("button", "a b c d e f g h i j k l m", false)]
    [InlineData("cell", "Travel", false)]
    [InlineData("paragraph", "Travel", false)]
    [InlineData("listitem", "Travel", false)]
    [InlineData("document", "Expenses", false)]
    [InlineData("row", "Travel 312.40", false)]
    [InlineData("frobnicator", "Travel", false)]
    public void Names_stand_by_role(string role, string name, bool stands)
    {
        var element = Redacted(Desk.Element(5, role, name));
        element.Name.ShouldBe(stands ? name : null);
        (element.NameShape is null).ShouldBe(stands);
    }

    [Fact]
    public void Text_belongs_to_what_it_stands_in()
    {
        var all = RedactedAll(
            Desk.Element(1, "button", "Save"), Desk.Element(2, "text", "Save", parent: 1),
            Desk.Element(3, "paragraph"), Desk.Element(4, "text", "Dear all", parent: 3), Desk.Element(5, "link", "our offer", parent: 3), Desk.Element(6, "button", "Reply", parent: 3),
            Desk.Element(7, "navigation"), Desk.Element(8, "listitem", parent: 7), Desk.Element(9, "link", "Reports", parent: 8));
        all.Where(element => element.Name is not null).Select(element => element.Name).ShouldBe(["Save", "Save", "Reply", "Reports"]);
    }

    [Fact]
    public void Text_that_names_a_field_is_its_label()
    {
        var all = RedactedAll(
            Desk.Element(1, "text", "Amount (EUR) *"), Desk.Field(2, "12.50", "Amount (EUR)"),
            Desk.Element(3, "text", "Category", hint: "label#cat"), Desk.Element(4, "text", "Category", parent: 3),
            Desk.Element(5, "text", "Dear Ms Kowalska"),
            Desk.Element(6, "cell"), Desk.Element(7, "text", "Amount (EUR)", parent: 6),
            Desk.Element(8, "menubar"), Desk.Element(9, "menu", "File", parent: 8));
        all.Where(element => element.Name is not null).Select(element => element.Id).ShouldBe([1, 2, 3, 4, 9]);
    }

    [Theory]
    [InlineData("input#amount.field.wide[type=number]", true)]
    [InlineData("row-4420881", false)]
    [InlineData("user jane@example.com", false)]
    public void Hints_stand_unless_they_carry_data(string hint, bool stands) =>
        Redacted(Desk.Element(1, "button", "Save", hint: hint)).Hint.ShouldBe(stands ? hint : null);

    [Fact]
    public void The_value_of_a_choice_stands_and_that_of_a_field_does_not()
    {
        var all = RedactedAll(
            Desk.Element(1, "combobox", "Category", "Travel"),
            Desk.Element(2, "combobox", "City", "Springfield Gardens", states: ElementStates.Editable),
            Desk.Field(3, "1,482.50"),
            Desk.Element(4, "slider", "Volume", "40"));
        all.Select(element => element.Value).ShouldBe([null, "Travel", null, null, "40"]);
        all[3].ValueShape.ShouldBe(new TextShape(8, TextKind.Amount));
    }

    [Fact]
    public void The_manifest_names_fields_by_role_name_and_hint()
    {
        using var desk = new Desk
        {
            Policy = new()
            {
                Mode = RedactionMode.Capture, App = "a",
                Fields = [new("textbox", "amount*", null, TextTreatment.Kept), new(null, null, "*-code", TextTreatment.Surrogate)],
            },
        };
        var all = desk.Tree(-1, Desk.Field(1, "12.50", "Amount (EUR)"), Desk.Element(2, "textbox", "Cost", "AB-12", hint: "cost-code"), Desk.Field(3, "x", "Remark")).Redact().Elements[0].Elements;
        all[1].Value.ShouldBe("12.50");
        all[2].Value.ShouldNotBeNull().ShouldMatch("^[A-Z]{2}-[1-9][0-9]$");
        all[2].Value.ShouldNotBe("AB-12");
        all[3].Value.ShouldBeNull();
    }

    [Fact]
    public void A_secret_in_one_stream_is_masked_in_all()
    {
        using var desk = new Desk { Title = "Order 4242 4242 4242 4242 - Chromium" };
        var result = desk.Tree(-1, Desk.Element(1, "button", "Pay with 4242424242424242"), Desk.Element(2, "tab", "4242-4242-4242-4242")).Redact();
        Desk.Strings(result).ShouldBe(["Chromium"]);
        result.Elements[0].Elements[1].NameShape.ShouldBe(new TextShape(16, TextKind.Secret));
    }

    [Fact]
    public void Names_that_repeat_what_was_typed_or_read_are_content()
    {
        using var desk = new Desk();
        desk.Tree(3, Desk.Field(3), Desk.Element(6, "cell", "Anna Kowalska")).Type("Falcon budget").Redact().Dispose();
        var later = desk.Tree(-1, Desk.Element(8, "heading", "Project Falcon budget"), Desk.Element(9, "button", "Delete Anna Kowalska"), Desk.Element(10, "button", "Delete")).Redact();
        Desk.Strings(later).ShouldBe(["Delete", "Chromium"]);
    }

    [Fact]
    public void Names_of_one_tree_that_repeat_its_content_are_content_and_those_seen_before_stay()
    {
        using var desk = new Desk();
        desk.Tree(3, Desk.Field(3), Desk.Element(4, "heading", "Travel expenses")).Redact().Dispose();
        desk.Tree(3, Desk.Field(3)).Type("travel").Redact().Dispose();
        var later = desk.Tree(-1, Desk.Element(4, "heading", "Travel expenses"), Desk.Element(5, "cell", "Anna Kowalska"), Desk.Element(6, "button", "Remove Anna Kowalska")).Redact();
        Desk.Strings(later).ShouldBe(["Travel expenses", "Chromium"]);
    }

    [Fact]
    public void A_choice_that_equals_content_stays_a_choice()
    {
        var all = RedactedAll(Desk.Element(1, "cell", "Hotel and lodging"), Desk.Element(2, "option", "Hotel and lodging"), Desk.Element(3, "heading", "Hotel and lodging"));
        all.Select(element => element.Name).ShouldBe([null, null, "Hotel and lodging", null]);
    }

    [Fact]
    public void Only_the_apps_part_of_a_title_stands()
    {
        using var desk = new Desk { Title = "Salary letter - Chromium" };
        desk.Tree(-1).Redact().Elements[0].Context.Title.ShouldBe("Chromium");
        desk.Title = "Salary letter";
        desk.Tree(-1).Redact().Elements[0].Context.Title.ShouldBeNull();
    }

    [Fact]
    public void Shape_mode_lets_no_text_stand()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) with { Mode = RedactionMode.Shape } };
        var result = desk.Tree(3, Desk.Field(3), Desk.Element(1, "button", "Save")).Type("hello").Key("s", null, KeyModifiers.Control).Redact();
        Desk.Strings(result).ShouldBe(["s", "s"]);
    }

    [Fact]
    public void Tab_titles_of_the_browser_are_content_and_tabs_of_the_page_are_not()
    {
        using var desk = new Desk();
        var root = new CapturedElement(0, -1, "window", "x", null, null, ElementStates.Visible, Desk.WindowBounds);
        var tree = new ElementTree(desk.Context, [root, Desk.Element(1, "tab", "My diagnosis"), Desk.Element(2, "document"), Desk.Element(3, "tab", "Details", parent: 2)], -1);
        var all = desk.Add(new CapturedElements(desk.Now, tree)).Redact().Elements[0].Elements;
        all.Select(element => element.Name).ShouldBe([null, null, null, "Details"]);
    }

    [Fact]
    public void Hostile_trees_end_and_close()
    {
        using var desk = new Desk();
        var random = new Random(3);
        var elements = Enumerable.Range(1, 100_000).Select(id => new CapturedElement(
            id, random.Next(-5, 100_005), random.Next(2) == 0 ? "button" : "cell", new string('x', random.Next(40)), null, null, ElementStates.Visible,
            new(random.Next(2) == 0 ? int.MinValue : random.Next(640), int.MaxValue - 5, int.MaxValue, random.Next(-5, int.MaxValue)))).ToArray();
        var image = ScreenImage.Rent(Desk.Screen, Desk.Screen.Bounds);
        image.Fill(Desk.Screen.Bounds, 0x00ABCDEF);
        using var result = desk.Tree(5, elements).Frame(image).Redact();
        result.Elements[0].Elements.Count.ShouldBeLessThanOrEqualTo(20_000);
        result.Frames[0].Image.Pixels.ToArray().Chunk(4).ShouldAllBe(pixel => pixel[0] == 0xB4);
    }

    [Fact]
    public void A_cycle_of_parents_is_content()
    {
        var all = RedactedAll(Desk.Element(1, "link", "Inner", parent: 2), Desk.Element(2, "group", "Outer", parent: 1));
        all[1].Name.ShouldBeNull();
    }

    private static RecordedElement Redacted(CapturedElement element) => RedactedAll(element)[1];

    private static IReadOnlyList<RecordedElement> RedactedAll(params CapturedElement[] elements)
    {
        using var desk = new Desk();
        return desk.Tree(-1, elements).Redact().Elements[0].Elements;
    }
}
