using Microsoft.Playwright;
using Tutelage.Cli.Demo.Reporting;
using Tutelage.Testing;

namespace Tutelage.Cli.Tests.Reporting;

/// <summary>A report, written to disk and opened in a real browser the way its reader opens it; everything it complained about or asked for.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly string _folder;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private OpenPage(string folder, IPlaywright playwright, IBrowser browser, IPage page) => (_folder, _playwright, _browser, Page) = (folder, playwright, browser, page);

    public IPage Page { get; }

    public List<string> Complaints { get; } = [];

    public List<string> Requests { get; } = [];

    /// <returns>Null if there is no browser on this machine.</returns>
    public static async Task<OpenPage?> OpenAsync(ReportModel model, BrowserNewContextOptions? options = null)
    {
        if (!RequiredPrograms.AreThere("chromium")) return null;
        var folder = Directory.CreateTempSubdirectory("tutelage-report-").FullName;
        var path = Path.Combine(folder, "report.html");
        DemoReport.Write(path, model);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", ChromiumSandbox = !Environment.IsPrivilegedProcess });
        var page = await browser.NewPageAsync(new() { ViewportSize = options?.ViewportSize, ColorScheme = options?.ColorScheme, JavaScriptEnabled = options?.JavaScriptEnabled });
        var opened = new OpenPage(folder, playwright, browser, page);
        page.Console += (_, message) => { if (message.Type is "error" or "warning") opened.Complaints.Add(message.Text); };
        page.PageError += (_, fault) => opened.Complaints.Add(fault);
        page.Request += (_, request) => opened.Requests.Add(request.Url);
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        return opened;
    }

    public Task<string?> StateAsync(string selector) => Page.Locator(selector).GetAttributeAsync("data-state");

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
