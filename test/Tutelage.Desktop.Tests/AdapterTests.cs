using System.Runtime.InteropServices;

namespace Tutelage.Desktop.Tests;

public sealed class AdapterTests
{
    [Fact]
    public void Without_a_display_it_says_that_DISPLAY_is_missing()
    {
        var check = Adapter([]).Check();
        check.Supported.ShouldBeFalse();
        check.Missing.ShouldHaveSingleItem().ShouldContain("DISPLAY");
        check.WhatToDo.ShouldNotBeNull();
    }

    [Fact]
    public void A_display_that_does_not_answer_is_named()
    {
        var check = Adapter(new() { ["DISPLAY"] = ":65123" }).Check();
        check.Supported.ShouldBeFalse();
        check.Missing.ShouldHaveSingleItem().ShouldContain(":65123");
        Should.Throw<DesktopUnavailableException>(() => Adapter(new() { ["DISPLAY"] = ":65123" }).OpenActor()).Desktop.ShouldBe(":65123");
    }

    [Theory]
    [InlineData("WAYLAND_DISPLAY", "wayland-0")]
    [InlineData("XDG_SESSION_TYPE", "wayland")]
    public void Wayland_is_refused_with_a_reason_even_where_XWayland_answers(string variable, string value)
    {
        var adapter = Adapter(new() { [variable] = value, ["DISPLAY"] = ":0" });
        adapter.Name.ShouldBe("wayland");
        adapter.Check().Supported.ShouldBeFalse();
        adapter.Check().WhatToDo!.ShouldContain("X11");
        Should.Throw<DesktopUnavailableException>(() => adapter.OpenCapture(new())).Message.ShouldContain("not supported yet");
    }

    [Theory]
    [InlineData("WINDOWS", "windows")]
    [InlineData("OSX", "macos")]
    public void Other_systems_are_refused_by_name(string platform, string name) =>
        DesktopAdapters.For(_ => null, OSPlatform.Create(platform)).ShouldSatisfyAllConditions(
            adapter => adapter.Name.ShouldBe(name), adapter => adapter.Check().Supported.ShouldBeFalse());

    private static IDesktopAdapter Adapter(Dictionary<string, string> environment) =>
        DesktopAdapters.For(name => environment.GetValueOrDefault(name), OSPlatform.Linux);
}
