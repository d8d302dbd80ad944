using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;

namespace Tutelage.Redaction.Tests.Typing;

public sealed class TypedRunTests
{
    [Fact]
    public void Typing_becomes_one_run_of_shape()
    {
        using var desk = new Desk();
        var result = desk.Tree(3, Desk.Field(3)).Type("hello there").Tree(3, Desk.Field(3, "hello there")).Redact();
        var run = result.Inputs.OfType<TypedRun>().ShouldHaveSingleItem();
        run.ElementId.ShouldBe(3);
        run.Shape.ShouldBe(new TextShape(16, TextKind.Words));
        result.Inputs.OfType<KeyChanged>().ShouldBeEmpty();
        result.Texts.ShouldBeEmpty();
        Desk.Strings(result).ShouldNotContain(text => text.Contains("hello"));
    }

    [Fact]
    public void A_kept_field_gives_the_text_that_remained()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var result = desk.Tree(3, Desk.Field(3)).Type("12x").Key("BackSpace").Type("5.00").Key("Home").Type("-").Redact();
        result.Texts.ShouldHaveSingleItem().Text.ShouldBe("-125.00");
        result.Inputs.OfType<TypedRun>().Single().Corrected.ShouldBeTrue();
        result.Inputs.OfType<KeyChanged>().ShouldBeEmpty();
    }

    [Fact]
    public void The_observed_value_wins_over_the_simulated_one()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var result = desk.Tree(3, Desk.Field(3)).Type("berl").Wait(300).Tree(3, Desk.Field(3, "Berlin")).Redact();
        result.Texts.ShouldHaveSingleItem().Text.ShouldBe("Berlin");
    }

    [Fact]
    public void Text_that_a_surrogate_replaces_is_the_same_for_the_same_text()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Surrogate) };
        var first = desk.Tree(3, Desk.Field(3)).Type("Acme 42").Redact().Texts.ShouldHaveSingleItem();
        var second = desk.Tree(3, Desk.Field(3)).Type("Acme 42").Redact().Texts.ShouldHaveSingleItem();
        first.Text.ShouldBe(second.Text);
        first.Surrogate.ShouldBeTrue();
        first.Text.ShouldNotBe("Acme 42");
        first.Text.ShouldMatch("^[A-Z][a-z]{3} [1-9][0-9]$");
        second.Run.ShouldBe(first.Run + 1);
    }

    [Fact]
    public void Prose_never_stands()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        const string prose = "one two three four five six seven eight nine ten eleven twelve thirteen";
        var area = Desk.Field(3, "", "Notes", ElementStates.MultiLine);
        var result = desk.Tree(3, area).Type(prose).Tree(3, area with { Value = prose }).Redact();
        result.Texts.ShouldBeEmpty();
        result.Inputs.OfType<TypedRun>().Single().Shape.Kind.ShouldBe(TextKind.Prose);
        Desk.Strings(result).ShouldNotContain(text => text.Contains("eleven"));
    }

    [Fact]
    public void A_password_has_one_shape_and_is_masked_wherever_it_appears()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var secret = Desk.Field(3, "", "Password", ElementStates.Protected);
        var result = desk.Tree(3, secret).Type("Tr0ub4dor").Tree(3, secret, Desk.Element(4, "button", "Log in as Tr0ub4dor")).Redact();
        result.Inputs.OfType<TypedRun>().Single().Shape.ShouldBe(new TextShape(16, TextKind.Secret));
        result.Texts.ShouldBeEmpty();
        Desk.Strings(result).ShouldNotContain(text => text.Contains("Tr0ub4dor", StringComparison.OrdinalIgnoreCase));
        desk.Memory.HoldsSecret("it is tr0ub4dor!").ShouldBeTrue();
    }

    [Fact]
    public void Keys_after_a_click_wait_for_a_tree_that_names_the_field()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var plain = Desk.Field(3);
        var result = desk.Tree(3, plain).Click(20, 60).Type("s3cret77").Redact();
        result.Texts.ShouldBeEmpty();
        var run = result.Inputs.OfType<TypedRun>().ShouldHaveSingleItem();
        run.ElementId.ShouldBe(-1);
        run.Shape.Kind.ShouldBe(TextKind.Unknown);
    }

    [Fact]
    public void A_late_tree_with_a_protected_field_takes_the_keys_before_it()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var secret = Desk.Field(4, "", "Password", ElementStates.Protected);
        var result = desk.Tree(3, Desk.Field(3), secret).Key("Tab").Type("s3cret77").Tree(4, Desk.Field(3), secret).Redact();
        result.Texts.ShouldBeEmpty();
        result.Inputs.OfType<TypedRun>().Single().Shape.Kind.ShouldBe(TextKind.Secret);
    }

    [Fact]
    public void A_tree_that_still_shows_the_focus_before_the_click_gives_way_to_the_next()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var fields = new[] { Desk.Field(3), Desk.Field(4) };
        var result = desk.Tree(3, fields).Click(20, 140).Type("Kra").Tree(3, fields).Type("kow").Tree(4, fields).Redact();
        result.Inputs.OfType<TypedRun>().ShouldHaveSingleItem().ElementId.ShouldBe(4);
        result.Texts.ShouldHaveSingleItem().Text.ShouldBe("Krakow");
    }

    [Fact]
    public void Trees_that_disagree_about_anything_else_leave_the_focus_unknown()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var fields = new[] { Desk.Field(3), Desk.Field(4), Desk.Field(5) };
        var result = desk.Tree(5, fields).Click(20, 140).Type("Kra").Tree(3, fields).Type("kow").Tree(4, fields).Redact();
        result.Texts.ShouldBeEmpty();
        result.Inputs.OfType<TypedRun>().ShouldHaveSingleItem().ElementId.ShouldBe(-1);
    }

    [Fact]
    public void What_was_told_to_have_the_focus_stands_where_no_tree_came_in_time()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var fields = new[] { Desk.Field(3), Desk.Field(4), Desk.Field(5) };
        desk.Tree(5, fields).Click(20, 100).Focus(3).Type("Krakow");
        var after = new CapturedElements(desk.Now + TimeSpan.FromSeconds(3), new(desk.Context, [Desk.Root, Desk.Field(3, "Krakow"), Desk.Field(4)], 4));
        var result = desk.Redact(after, endsInPress: true);
        result.Inputs.OfType<TypedRun>().ShouldHaveSingleItem().ElementId.ShouldBe(3);
        result.Texts.ShouldHaveSingleItem().Text.ShouldBe("Krakow");
    }

    [Fact]
    public void A_focus_that_was_told_late_counts_if_it_is_the_only_one()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var fields = new[] { Desk.Field(3), Desk.Field(4), Desk.Field(5) };
        desk.Tree(5, fields).Click(20, 100).Type("Kra").Focus(3).Type("kow").Redact().Inputs.OfType<TypedRun>().ShouldHaveSingleItem().ElementId.ShouldBe(3);
        var moved = desk.Click(20, 130).Focus(4).Type("Kra").Focus(5).Type("kow").Redact();
        moved.Inputs.OfType<TypedRun>().ShouldHaveSingleItem().ElementId.ShouldBe(-1);
        moved.Texts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(4, 3)]
    public void A_protected_field_among_those_told_wins(int first, int second)
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var fields = new[] { Desk.Field(3), Desk.Field(4, "", "Password", ElementStates.Protected) };
        var result = desk.Tree(3, fields).Key("Tab").Focus(first).Type("s3cr").Focus(second).Type("et77").Redact();
        result.Texts.ShouldBeEmpty();
        result.Inputs.OfType<TypedRun>().ShouldHaveSingleItem().Shape.Kind.ShouldBe(TextKind.Secret);
    }

    [Fact]
    public void An_element_that_no_tree_shows_leaves_the_focus_unknown()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var result = desk.Tree(3, Desk.Field(3)).Click(20, 100).Focus(99).Type("s3cret77").Redact();
        result.Texts.ShouldBeEmpty();
        result.Inputs.OfType<TypedRun>().ShouldHaveSingleItem().ElementId.ShouldBe(-1);
    }

    [Fact]
    public void Shortcuts_and_navigation_are_kept_and_letters_never()
    {
        using var desk = new Desk();
        var result = desk.Tree(3, Desk.Field(3)).Type("ab").Key("c", null, KeyModifiers.Control).Key("Down").Key("Return", "\r").Key("F5").Key("j", "j").Redact();
        result.Inputs.OfType<KeyChanged>().Where(key => key.Down).Select(key => key.Key).ShouldBe(["c", "down", "enter", "f5"]);
        result.Inputs.OfType<KeyChanged>().Count(key => !key.Down).ShouldBe(4);
        result.Inputs.OfType<KeyChanged>().Where(key => key.Key.Length == 1).ShouldAllBe(key => key.Modifiers != KeyModifiers.None);
    }

    [Fact]
    public void Single_keys_into_a_grid_are_shape_and_space_on_a_button_is_a_key()
    {
        using var desk = new Desk();
        var grid = desk.Tree(5, Desk.Element(5, "grid", "Messages")).Type("jjk").Redact();
        grid.Inputs.OfType<TypedRun>().Single().Shape.Length.ShouldBe(4);
        var button = desk.Tree(6, Desk.Element(6, "button", "Save")).Type(" ").Redact();
        button.Inputs.OfType<KeyChanged>().First().Key.ShouldBe("space");
    }

    [Fact]
    public void Movements_that_leave_the_run_end_it_and_are_kept()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var result = desk.Tree(3, Desk.Field(3, "old")).Type("ab").Key("BackSpace").Key("BackSpace").Key("BackSpace").Type("z").Redact();
        result.Texts.Select(text => text.Text).ShouldBe(["", "z"]);
        result.Inputs.Where(input => input is TypedRun or KeyChanged { Down: true }).Select(input => input is KeyChanged key ? key.Key : "run").ShouldBe(["run", "backspace", "run"]);
    }

    [Fact]
    public void Movements_that_nothing_followed_are_kept_as_keys()
    {
        using var desk = new Desk();
        var result = desk.Tree(3, Desk.Field(3)).Type("abc").Key("Left").Key("Left").Key("Tab").Redact();
        result.Inputs.OfType<KeyChanged>().Where(key => key.Down).Select(key => key.Key).ShouldBe(["left", "left", "tab"]);
    }

    [Fact]
    public void Text_copied_from_the_instruction_says_from_where()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Shape, "Enter vendor Northwind Travel and save.") };
        var result = desk.Tree(3, Desk.Field(3)).Type("northwind travel").Redact();
        result.Inputs.OfType<TypedRun>().Single().Shape.ShouldBe(new TextShape(16, TextKind.Words, TextSource.Instruction, 2, 2));
    }

    [Fact]
    public void Text_copied_from_an_element_names_the_element()
    {
        using var desk = new Desk();
        var result = desk.Tree(3, Desk.Field(3), Desk.Element(8, "cell", "PO-88172")).Type("PO-88172").Redact();
        result.Inputs.OfType<TypedRun>().Single().Shape.ShouldBe(new TextShape(8, TextKind.Identifier, TextSource.Element, 8, 0));
    }

    [Fact]
    public void Times_are_quantised_and_runs_keep_no_key_times()
    {
        using var desk = new Desk { Policy = new() { Mode = RedactionMode.Capture, App = "a", QuantumMs = 250 } };
        var result = desk.Tree(3, Desk.Field(3)).Wait(333).Type("hello").Key("Tab").Redact();
        result.Inputs.ShouldAllBe(input => input.Time.Milliseconds % 250 == 0);
        result.Inputs.OfType<TypedRun>().Single().End.Milliseconds.ShouldBe(250);
    }

    [Fact]
    public void A_card_typed_into_four_fields_is_a_secret_at_the_last_one()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        string[] parts = ["4242", "4242", "4242", "4242"];
        CapturedFields(desk, parts).Last().Shape.Kind.ShouldBe(TextKind.Secret);

        static IEnumerable<TypedRun> CapturedFields(Desk desk, string[] parts) =>
            parts.Select((part, i) => desk.Tree(20 + i, Desk.Field(20 + i)).Type(part).Redact().Inputs.OfType<TypedRun>().Single()).ToList();
    }

    [Fact]
    public void A_failing_detector_leaves_a_gap_and_nothing_else()
    {
        using var desk = new Desk { Redactor = new(new([new Detection.ThrowingDetector()])) };
        var result = desk.Tree(3, Desk.Field(3)).Type("hello there").Redact();
        result.Withheld.ShouldBe(GapReason.DetectorFailed);
        result.Gaps.ShouldHaveSingleItem().Reason.ShouldBe(GapReason.DetectorFailed);
        (result.Inputs.Count, result.Elements.Count, result.Texts.Count).ShouldBe((0, 0, 0));
    }
}
