using System.Text.RegularExpressions;
using Tutelage.Desktop.Accessibility;
using Tutelage.Testing;

namespace Tutelage.Desktop.Tests;

public sealed partial class ElementFormatTests
{
    [Fact]
    public void The_table_of_roles_in_the_format_page_is_what_the_code_does()
    {
        var page = File.ReadAllText(Path.Combine(SharedFolder.Repository, "docs/formats/elements.md"));
        var rows = RoleRow().Matches(page);
        var documented = rows.SelectMany(row => row.Groups["numbers"].Value.Split(' ').Select(number => (Number: uint.Parse(number), Role: row.Groups["role"].Value))).ToList();
        documented.Select(entry => entry.Number).ShouldBeUnique();
        foreach (var (number, role) in documented) AriaRoles.Of(number, null, insideCombobox: false).ShouldBe(role, $"AT-SPI role {number}");
        foreach (var number in Enumerable.Range(0, 140).Select(number => (uint)number).Except(documented.Select(entry => entry.Number)))
            AriaRoles.Of(number, null, insideCombobox: false).ShouldBe(AriaRoles.Generic, $"AT-SPI role {number} is not in the table");
    }

    [Theory]
    [InlineData("input", "amount", "money wide", "number", "input#amount.money.wide[type=number]")]
    [InlineData(null, null, "BackForwardButton", null, ".BackForwardButton")]
    [InlineData("div", " ", "", null, "div")]
    [InlineData(null, null, null, null, null)]
    public void Hints_read_like_a_selector(string? tag, string? id, string? classes, string? type, string? hint) =>
        ElementHints.Compose(tag, id, classes, type).ShouldBe(hint);

    [Fact]
    public void Long_text_is_cut_where_one_can_see_it_and_never_inside_a_character()
    {
        ElementWalk.Bound(new string('a', ElementWalk.MaxTextCharacters)).ShouldNotEndWith("…");
        ElementWalk.Bound(new string('a', ElementWalk.MaxTextCharacters + 1))!.Length.ShouldBe(ElementWalk.MaxTextCharacters + 1);
        var split = ElementWalk.Bound(new string('a', ElementWalk.MaxTextCharacters - 1) + "😀 and more")!;
        split.ShouldEndWith("a…");
        ElementWalk.Bound("").ShouldBeNull();
    }

    [Fact]
    public void An_author_role_wins_if_it_is_known()
    {
        AriaRoles.Of(85, "nonsense switch", insideCombobox: false).ShouldBe("switch");
        AriaRoles.Of(43, "nonsense", insideCombobox: false).ShouldBe("button");
        AriaRoles.Of(AriaRoles.MenuItem, null, insideCombobox: true).ShouldBe("option");
    }

    [GeneratedRegex(@"^\| `(?<role>[a-z]+)` \| (?<numbers>[0-9 ]+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex RoleRow();
}
