using Tutelage.Desktop.X11;
using Tutelage.Practice;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Tests;

public sealed class ContextTests(BareDesktop bare) : IClassFixture<BareDesktop>
{
    [Fact]
    public async Task The_window_with_the_focus_is_named_with_its_process_title_and_place()
    {
        if (bare.Desktop is not { } desktop || !Tools.Present("mousepad", "zenity")) return;
        await using var witness = new Witness(desktop.Adapter.OpenCapture(new() { Elements = false, Frames = false }));
        // A window of a test before this one may still be going away.
        (await witness.NextAsync<CapturedContext>(seen => seen.Context.Window == 0)).Context.ShouldBe(new DesktopContext(null, 0, 0, null, null, default, false));

        await using var editor = await desktop.StartApplicationAsync("mousepad");
        var editing = await witness.NextAsync<CapturedContext>(seen => seen.Context.Window == editor.Window && seen.Context.Title is not null);
        editing.Context.App.ShouldBe("mousepad");
        editing.Context.ProcessId.ShouldBe(editor.ProcessId);
        editing.Context.Title!.ShouldContain("Mousepad");
        editing.Context.Document.ShouldBeNull();

        var dialog = await desktop.StartApplicationAsync("zenity", ["--entry", "--title", "A question", "--text", "Name?"]);
        var asking = await witness.NextAsync<CapturedContext>(seen => seen.Context.Window == dialog.Window && seen.Context.Title == "A question");
        asking.Context.App.ShouldBe("zenity");
        WindowWait.All(desktop.Display).Single(window => window.Id == dialog.Window).Bounds.ShouldBe(asking.Context.Bounds);

        await dialog.DisposeAsync();
        (await witness.NextAsync<CapturedContext>(seen => seen.Context.Window == editor.Window)).Context.App.ShouldBe("mousepad");
    }

    [Fact]
    public async Task A_title_that_changes_is_another_context_and_keys_before_it_stand_before_it()
    {
        if (bare.Desktop is not { } desktop || !Tools.Present("mousepad")) return;
        await using var editor = await desktop.StartApplicationAsync("mousepad");
        await using var witness = new Witness(desktop.Adapter.OpenCapture(new() { Elements = false, Frames = false }));
        using var actor = desktop.Adapter.OpenActor();
        var first = await witness.NextAsync<CapturedContext>();
        actor.Tap("x");
        await witness.NextAsync<CapturedContext>(seen => seen.Context.Window == editor.Window && seen.Context.Title != first.Context.Title);
        witness.Seen.TakeWhile(seen => seen == first || seen is not CapturedContext).OfType<CapturedKey>().ShouldContain(key => key.Key == "x" && key.Down);
    }

    [Theory]
    [InlineData("New Incognito Tab - Chromium", true)]
    [InlineData("Accounts - Chromium (Incognito)", true)]
    [InlineData("Accounts — Mozilla Firefox Private Browsing", true)]
    [InlineData("Accounts - Chromium", false)]
    [InlineData(null, false)]
    public void Private_windows_are_known_by_their_title(string? title, bool isPrivate) => PrivateWindows.IsPrivateTitle(title).ShouldBe(isPrivate);
}
