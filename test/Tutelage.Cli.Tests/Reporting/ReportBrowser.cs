using Microsoft.Playwright;
using Tutelage.Cli.Demo.Reporting;
using Tutelage.Testing;

namespace Tutelage.Cli.Tests.Reporting;

/// <summary>One real browser for a class of tests; each report gets a window of its own.</summary>
public sealed class ReportBrowser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (!RequiredPrograms.AreThere("chromium")) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", ChromiumSandbox = !Environment.IsPrivilegedProcess });
    }

    /// <returns>Null if there is no browser on this machine.</returns>
    internal async Task<OpenPage?> OpenAsync(ReportModel model, BrowserNewContextOptions? options = null) =>
        _browser is null ? null : await OpenPage.OpenAsync(await _browser.NewContextAsync(options ?? new()), model);

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
