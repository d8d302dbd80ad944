using Microsoft.Playwright;
using Tutelage.Cli.Demo.Reporting;

namespace Tutelage.Cli.Tests.Reporting;

/// <summary>A report, written to disk and opened the way its reader opens it; with everything it complained about or asked for.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly string _folder;
    private readonly IBrowserContext _window;

    private OpenPage(string folder, IBrowserContext window, IPage page)
    {
        (_folder, _window, Page) = (folder, window, page);
        page.Console += (_, message) => { if (message.Type is "error" or "warning") Complaints.Add(message.Text); };
        page.PageError += (_, fault) => Complaints.Add(fault);
        page.Request += (_, request) => Requests.Add(request.Url);
    }

    public IPage Page { get; }

    public List<string> Complaints { get; } = [];

    public List<string> Requests { get; } = [];

    public static async Task<OpenPage> OpenAsync(IBrowserContext window, ReportModel model)
    {
        var folder = Directory.CreateTempSubdirectory("tutelage-report-").FullName;
        var path = Path.Combine(folder, "report.html");
        DemoReport.Write(path, model);
        var opened = new OpenPage(folder, window, await window.NewPageAsync());
        await opened.Page.GotoAsync(new Uri(path).AbsoluteUri);
        return opened;
    }

    public Task<string?> StateAsync(string selector) => Page.Locator(selector).GetAttributeAsync("data-state");

    public async ValueTask DisposeAsync()
    {
        await _window.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
