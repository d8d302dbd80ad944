using Tutelage.Practice;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Tests;

/// <summary>A desktop with one Chromium on a page of ours, shared by the tests of this class; null where its programs are missing.</summary>
public sealed class BrowserDesktop : IAsyncLifetime
{
    public const string Secret = "opensesame-7";

    private const string Page = $"""
        <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Order 4711</title></head><body style="margin:20px;font:16px sans-serif">
        <h1>Order form</h1><p>Please fill in.</p>
        <p><label>Name <input id="name" class="field wide" value="Ada"></label> <label>Mail <input id="mail" type="email"></label></p>
        <p><label>Code <input id="code" type="password" value="{Secret}"></label></p>
        <p><label>Kind <select id="kind"><option>Alpha</option><option selected>Beta</option><option>Gamma</option></select></label></p>
        <p><label><input id="agree" type="checkbox"> Agree</label> <input id="volume" type="range" aria-label="Volume" min="0" max="10" value="4"></p>
        <p><textarea id="notes" aria-label="Notes">one</textarea> <button id="send" type="button" onclick="this.textContent='Sent'">Send</button></p>
        <p><a href="there.html">Go there</a></p><div id="list"></div><div style="height:4000px"></div><button>Far below</button>
        </body></html>
        """;

    public VirtualDesktop? Desktop { get; private set; }

    public string Address { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (!Tools.Present("Xvfb", "openbox", "dbus-daemon", "chromium")) return;
        Desktop = await VirtualDesktop.StartAsync();
        var file = Path.Combine(Desktop.Folder, "order.html");
        await File.WriteAllTextAsync(file, Page);
        await File.WriteAllTextAsync(Path.Combine(Desktop.Folder, "there.html"), "<!doctype html><title>There</title><button>Only here</button>");
        Address = $"file://{file}";
        // A click while the page is still gliding would land elsewhere.
        await Desktop.StartBrowserAsync(Address, new() { Switches = ["--disable-smooth-scrolling"] });
    }

    public async Task DisposeAsync()
    {
        if (Desktop is not null) await Desktop.DisposeAsync();
    }
}

public sealed class BrowserElementsTests(BrowserDesktop browser) : IClassFixture<BrowserDesktop>
{
    [Fact]
    public Task A_page_shows_roles_names_values_hints_and_its_address() => OnPageAsync((_, _, tree) =>
    {
        tree.Context.App.ShouldBe("chromium");
        tree.Context.Document.ShouldBe(browser.Address);
        Field(tree, "#mail").ShouldSatisfyAllConditions(
            mail => mail.Role.ShouldBe("textbox"), mail => mail.Name.ShouldBe("Mail"), mail => mail.Hint.ShouldBe("input#mail[type=email]"),
            mail => (mail.States & ~ElementStates.Focused).ShouldBe(ElementStates.Visible | ElementStates.Enabled | ElementStates.Focusable | ElementStates.Editable));
        tree.Elements.ShouldContain(element => element.Role == "heading" && element.Name == "Order form");
        tree.Elements.ShouldContain(element => element.Role == "link" && element.Name == "Go there");
        Field(tree, "#volume").ShouldSatisfyAllConditions(volume => volume.Role.ShouldBe("slider"), volume => volume.Value.ShouldBe("4"));
        Field(tree, "#kind").ShouldSatisfyAllConditions(kind => kind.Role.ShouldBe("combobox"), kind => kind.Name.ShouldBe("Kind"));
        tree.Elements.ShouldNotContain(element => element.Name == "Far below");
        tree.Elements.Where(element => element.ParentId >= 0).ShouldAllBe(element => tree.Find(element.ParentId) != null);
        return Task.CompletedTask;
    });

    [Fact]
    public Task The_text_of_a_password_field_is_never_read() => OnPageAsync(async (actor, witness, tree) =>
    {
        var field = Field(tree, "#code");
        field.Value.ShouldBeNull();
        field.States.HasFlag(ElementStates.Protected).ShouldBeTrue();
        await witness.ActUntilAsync(() => actor.Click(field.Bounds.Center), now => now.FocusedId == field.Id);
        actor.Tap("End", "x");
        await witness.ActUntilAsync(() => actor.Click(Field(tree, "#mail").Bounds.Center), now => now.FocusedId == Field(tree, "#mail").Id);
        witness.All<CapturedElements>().SelectMany(seen => seen.Tree.Elements)
            .ShouldAllBe(element => !(element.Name + element.Value + element.Hint).Contains(BrowserDesktop.Secret) && !(element.Value ?? "").Contains('•'));
    });

    [Fact]
    public Task Focus_and_typed_text_are_followed_and_ids_stay() => OnPageAsync(async (actor, witness, tree) =>
    {
        var name = Field(tree, "#name");
        (await witness.ActUntilAsync(() => actor.Click(name.Bounds.Center), now => now.FocusedId == name.Id)).Tree.Focused!.Hint.ShouldBe("input#name.field.wide[type=text]");
        actor.Chord("Control_L", "a");
        actor.Tap("G", "r", "a", "c", "e");
        var typed = await witness.TreeAsync(now => now.Find(name.Id)?.Value == "Grace");
        Field(typed.Tree, "#mail").Id.ShouldBe(Field(tree, "#mail").Id);
    });

    [Fact]
    public Task An_open_native_select_shows_its_options_where_they_are() => OnPageAsync(async (actor, witness, tree) =>
    {
        var kind = Field(tree, "#kind");
        var chosen = kind.Value;
        var open = await witness.ActUntilAsync(() => actor.Click(kind.Bounds.Center), now => now.Find(kind.Id)!.States.HasFlag(ElementStates.Expanded) && now.Elements.Count(element => element.Role == "option") == 3);
        var options = open.Tree.Elements.Where(element => element.Role == "option").ToList();
        options.Select(option => option.Name).ShouldBe(["Alpha", "Beta", "Gamma"]);
        options.Single(option => option.States.HasFlag(ElementStates.Selected)).Name.ShouldBe(chosen);
        options.ShouldAllBe(option => option.Bounds.Y >= kind.Bounds.Bottom - 4 && option.Bounds.Height > 10);
        options[1].Bounds.Y.ShouldBeGreaterThanOrEqualTo(options[0].Bounds.Bottom);
        open.Tree.At(options[2].Bounds.Center)!.Name.ShouldBe("Gamma");

        var closed = await witness.ActUntilAsync(() => actor.Click(options[2].Bounds.Center), now => now.Find(kind.Id) is { Value: "Gamma" } box && !box.States.HasFlag(ElementStates.Expanded));
        closed.Tree.Context.Document.ShouldBe(browser.Address);
    });

    [Fact]
    public Task A_ticked_box_and_a_renamed_button_are_noticed() => OnPageAsync(async (actor, witness, tree) =>
    {
        var agree = Field(tree, "#agree");
        var wasChecked = agree.States.HasFlag(ElementStates.Checked);
        await witness.ActUntilAsync(() => actor.Click(agree.Bounds.Center), now => now.Find(agree.Id)!.States.HasFlag(ElementStates.Checked) != wasChecked);
        var send = Field(tree, "#send");
        await witness.ActUntilAsync(() => actor.Click(send.Bounds.Center), now => now.Find(send.Id)!.Name == "Sent");
    });

    [Fact]
    public Task Scrolling_moves_the_elements() => OnPageAsync(async (actor, witness, tree) =>
    {
        var notes = Field(tree, "#notes");
        actor.Move(new(notes.Bounds.Right + 300, notes.Bounds.Y));
        await witness.ActUntilAsync(() => actor.Scroll(0, 1), now => now.Find(notes.Id) is { } moved && moved.Bounds.Y < notes.Bounds.Y);
        await witness.ActUntilAsync(() => actor.Scroll(0, -1), now => now.Find(notes.Id)?.Bounds.Y == notes.Bounds.Y);
    });

    [Fact]
    public Task Following_a_link_is_another_document() => OnPageAsync(async (actor, witness, tree) =>
    {
        await witness.ActUntilAsync<CapturedContext>(() => actor.Click(tree.Elements.First(element => element.Role == "link").Bounds.Center), seen => seen.Context.Document?.EndsWith("/there.html", StringComparison.Ordinal) == true);
        await witness.TreeAsync(now => now.Elements.Any(element => element.Name == "Only here"));
        await witness.ActUntilAsync<CapturedContext>(() => actor.Click(tree.Elements.First(element => element is { Role: "button", Name: "Back" }).Bounds.Center), seen => seen.Context.Document == browser.Address);
    });

    [Fact]
    public async Task An_incognito_window_is_private_and_the_window_before_it_is_not()
    {
        if (browser.Desktop is not { } desktop) return;
        await using var witness = new Witness(desktop.Adapter.OpenCapture(new() { Frames = false }));
        (await witness.NextAsync<CapturedContext>()).Context.IsPrivate.ShouldBeFalse();
        await using (var hidden = await desktop.StartBrowserAsync("about:blank", new() { Incognito = true, Window = new(100, 100, 700, 500) }))
        {
            var seen = await witness.NextAsync<CapturedContext>(now => now.Context.IsPrivate);
            seen.Context.Window.ShouldBe(hidden.Application.Window);
        }

        (await witness.NextAsync<CapturedContext>(now => now.Context.Document == browser.Address)).Context.IsPrivate.ShouldBeFalse();
    }

    [Fact]
    public async Task The_elements_of_an_ignored_process_are_not_read()
    {
        if (browser.Desktop is not { } desktop) return;
        var process = Tutelage.Desktop.X11.WindowWait.All(desktop.Display)[0].ProcessId;
        await using var witness = new Witness(desktop.Adapter.OpenCapture(new() { IgnoredProcesses = new HashSet<int> { process } }));
        await witness.NextAsync<CapturedContext>(seen => seen.Context.ProcessId == process);
        using var actor = desktop.Adapter.OpenActor();
        for (var i = 0; i < 5; i++)
        {
            actor.Tap("Tab");
            await witness.NextAsync<CapturedFrame>();
        }

        witness.All<CapturedElements>().ShouldBeEmpty();
        witness.All<CapturedContext>().ShouldAllBe(seen => seen.Context.Document == null);
    }

    private static CapturedElement Field(ElementTree tree, string id) => tree.Elements.First(element => element.Hint is { } hint && (hint + ".[").Replace('[', '.').Contains(id + "."));

    private async Task OnPageAsync(Func<IDesktopActor, Witness, ElementTree, Task> test)
    {
        if (browser.Desktop is not { } desktop) return;
        using var actor = desktop.Adapter.OpenActor();
        await using var witness = new Witness(desktop.Adapter.OpenCapture(new()));
        var first = await witness.TreeAsync(tree => tree.Context.Document is not null && tree.Elements.Any(element => element.Hint == "button#send"));
        await test(actor, witness, first.Tree);
    }
}
