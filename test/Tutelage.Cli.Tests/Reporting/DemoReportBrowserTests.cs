using Microsoft.Playwright;

namespace Tutelage.Cli.Tests.Reporting;

public sealed class DemoReportBrowserTests(ReportBrowser browser) : IClassFixture<ReportBrowser>
{
    [Fact]
    public async Task Page_checks_the_untouched_log_itself_and_asks_nothing_of_the_network()
    {
        await using var opened = await browser.OpenAsync(SampleReport.Create());
        if (opened is null) return;

        (await opened.StateAsync("#log-verdict")).ShouldBe("verified");
        (await opened.Page.Locator("#log-checks li.fault").CountAsync()).ShouldBe(0);
        (await opened.Page.Locator(".check").AllTextContentsAsync()).ShouldAllBe(check => check == "✓ text, leaf and proof agree");
        opened.Complaints.ShouldBeEmpty();
        opened.Requests.ShouldAllBe(url => url.StartsWith("file:", StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal));
        opened.Requests.Count(url => url.StartsWith("file:", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Page_says_so_when_the_log_it_was_given_does_not_verify()
    {
        await using var opened = await browser.OpenAsync(SampleReport.Create(alterBody: body => body.Replace("\"train\"", "\"brain\"")));
        if (opened is null) return;

        (await opened.StateAsync("#log-verdict")).ShouldBe("failed");
        (await opened.Page.Locator(".check.fault").CountAsync()).ShouldBe(2);
    }

    [Theory]
    [InlineData("root")]
    [InlineData("leaves")]
    [InlineData("proof")]
    public async Task Page_believes_no_part_of_the_log(string part)
    {
        var model = SampleReport.Create();
        var ledger = part switch
        {
            "root" => model.Ledger with { RootBase64 = Convert.ToBase64String(new byte[32]) },
            "leaves" => model.Ledger with { Leaves = [.. model.Ledger.Leaves.Skip(1), new string('0', 64)] },
            _ => model.Ledger with { Entries = [.. model.Ledger.Entries.Select((entry, at) => at == 4 ? entry with { Proof = model.Ledger.Entries[5].Proof } : entry)] },
        };
        await using var opened = await browser.OpenAsync(model with { Ledger = ledger });
        if (opened is null) return;

        (await opened.StateAsync("#log-verdict")).ShouldBe("failed");
    }

    [Fact]
    public async Task A_changed_entry_is_caught_in_four_places_and_put_back()
    {
        await using var opened = await browser.OpenAsync(SampleReport.Create());
        if (opened is null) return;
        var page = opened.Page;

        await page.SelectOptionAsync("#victim", "9");
        await page.ClickAsync("text=Change one entry in a copy of this log");

        (await opened.StateAsync("#tamper-verdict")).ShouldBe("caught");
        (await page.Locator("#deed").InnerTextAsync()).ShouldBe("In the copy, one bit of entry 9 is different: …2030-05-06T12:00:09 → 8Z\",\"about\":[{…");
        (await page.Locator("#caught li.caught b").AllInnerTextsAsync()).ShouldBe(
            ["The entry does not match its leaf", "The root is not the signed one", "The entry's proof fails", "A person's chain of entries breaks"]);
        (await page.Locator("#tree circle.changed").CountAsync()).ShouldBe(6);
        (await opened.StateAsync("#log-verdict")).ShouldBe("verified");

        await page.ClickAsync("text=Put it back");
        (await page.Locator("#tampered").IsHiddenAsync()).ShouldBeTrue();
        (await page.Locator("#tree circle.changed").CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Every_forgery_of_every_entry_is_caught()
    {
        var model = SampleReport.Create();
        await using var opened = await browser.OpenAsync(model);
        if (opened is null) return;

        var verdicts = await opened.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("#victim option")].flatMap(option => ["change", "drop", "swap"].map(deed => {
              document.getElementById("victim").value = option.value;
              document.getElementById(deed).click();
              const wrongRoot = document.querySelectorAll("#tree text.wrong").length;
              return `${document.getElementById("tamper-verdict").dataset.state} ${wrongRoot} ${document.querySelectorAll("#caught li.caught").length >= 2}`;
            }))
            """);

        verdicts.Length.ShouldBe(3 * model.Ledger.Entries.Count);
        verdicts.ShouldAllBe(verdict => verdict == "caught 1 true");
        opened.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Scrubber_moves_by_keyboard_and_shows_pictures_and_reasons()
    {
        var model = SampleReport.Create();
        await using var opened = await browser.OpenAsync(model);
        if (opened is null) return;
        var panel = opened.Page.Locator("#session-0");
        var frames = model.Sessions[0].Frames;

        await panel.Locator("input[type=range]").FocusAsync();
        for (var at = 0; at < frames.Count; at++)
        {
            (await panel.Locator(".raw img").GetAttributeAsync("src")).ShouldBe(Source(frames[at].RawPng!));
            var kept = panel.Locator(".screen.kept");
            if (frames[at].KeptPng is { } png) (await kept.Locator("img").GetAttributeAsync("src")).ShouldBe(Source(png));
            else
            {
                (await kept.Locator("img").IsHiddenAsync()).ShouldBeTrue();
                (await kept.Locator(".panel.gap").InnerTextAsync()).ShouldContain("Gap: ");
            }
            await opened.Page.Keyboard.PressAsync("ArrowRight");
        }
        await opened.Page.Keyboard.PressAsync("Home");
        (await panel.Locator(".raw img").GetAttributeAsync("src")).ShouldBe(Source(frames[0].RawPng!));
    }

    [Fact]
    public async Task Play_goes_on_by_itself_and_stops_at_the_end()
    {
        await using var opened = await browser.OpenAsync(SampleReport.Create());
        if (opened is null) return;
        var page = opened.Page;

        await page.Clock.InstallAsync();
        await page.ClickAsync("#session-0 .play");
        (await page.GetAttributeAsync("#session-0 .play", "aria-pressed")).ShouldBe("true");
        await page.Clock.RunForAsync(60_000);
        (await page.GetAttributeAsync("#session-0 .play", "aria-pressed")).ShouldBe("false");
        (await page.Locator("#session-0 .moment").InnerTextAsync()).ShouldBe("1:30.2");
    }

    [Fact]
    public async Task A_gap_of_somebody_else_leads_to_their_moment()
    {
        await using var opened = await browser.OpenAsync(SampleReport.Create());
        if (opened is null) return;

        await opened.Page.Locator(".reason.gap-Paused .jump").First.ClickAsync();

        (await opened.Page.Locator("#session-1").IsVisibleAsync()).ShouldBeTrue();
        (await opened.Page.Locator("#session-0").IsVisibleAsync()).ShouldBeFalse();
        (await opened.Page.Locator("#session-1 .moment").InnerTextAsync()).ShouldBe("1:10.0");
    }

    [Fact]
    public async Task Without_script_everything_but_pictures_and_checks_can_be_read()
    {
        await using var opened = await browser.OpenAsync(SampleReport.Create(), new() { JavaScriptEnabled = false });
        if (opened is null) return;

        for (var session = 0; session < 3; session++) (await opened.Page.Locator($"#actions-{session}").IsVisibleAsync()).ShouldBeTrue();
        (await opened.Page.Locator("noscript .notice").IsVisibleAsync()).ShouldBeTrue();
        (await opened.Page.Locator("#log-verdict").InnerTextAsync()).ShouldContain("Not checked");
    }

    [Fact]
    public async Task Hostile_words_stay_words()
    {
        const string Hostile = "</script><script>window.taken=1</script><img src=x onerror=\"window.taken=2\">'\"`{{content}}\u2028\u2029<!--";
        await using var opened = await browser.OpenAsync(HostileReport.Of(SampleReport.Create(), Hostile));
        if (opened is null) return;
        var page = opened.Page;

        foreach (var tab in await page.Locator("[role=tab]").AllAsync()) await tab.ClickAsync();
        await page.Keyboard.PressAsync("Home");
        await page.ClickAsync("#change");
        (await page.EvaluateAsync<bool>("() => 'taken' in window")).ShouldBeFalse();
        (await page.Locator("script").CountAsync()).ShouldBe(2);
        (await page.Locator("img").CountAsync()).ShouldBe(6);
        (await page.Locator("#name-0").InnerTextAsync()).ShouldContain("</script><script>window.taken=1</script>");
        (await opened.StateAsync("#log-verdict")).ShouldBe("failed");
        opened.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_page_is_not_allowed_to_load_anything()
    {
        await using var opened = await browser.OpenAsync(SampleReport.Create());
        if (opened is null) return;

        var refused = await opened.Page.EvaluateAsync<string[]>("""
            () => new Promise(done => {
              const refused = [];
              document.addEventListener("securitypolicyviolation", event => { refused.push(event.effectiveDirective); if (refused.length === 4) done(refused); });
              new Image().src = "http://192.0.2.1/pixel";
              fetch("http://192.0.2.1/").catch(() => {});
              const script = document.createElement("script"); script.textContent = "window.taken = 1"; document.body.append(script);
              const style = document.createElement("style"); style.textContent = "body { color: red }"; document.body.append(style);
            })
            """);

        refused.Order(StringComparer.Ordinal).ShouldBe(["connect-src", "img-src", "script-src-elem", "style-src-elem"]);
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(700, ColorScheme.Dark)]
    [InlineData(400, ColorScheme.Light)]
    public async Task Nothing_runs_over_the_edge_and_every_control_has_a_name(int width, ColorScheme scheme)
    {
        await using var opened = await browser.OpenAsync(SampleReport.Create(), new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
        if (opened is null) return;

        (await opened.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        (await opened.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("button, input, select, [role=region], [role=img]")]
              .filter(each => !(each.getAttribute("aria-label") || each.textContent.trim() || each.labels?.length || document.getElementById(each.getAttribute("aria-labelledby"))?.textContent))
              .map(each => each.outerHTML.slice(0, 80))
            """)).ShouldBeEmpty();
    }

    private static string Source(byte[] png) => "data:image/png;base64," + Convert.ToBase64String(png);
}
