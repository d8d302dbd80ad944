namespace Tutelage.Practice;

/// <summary>The command line of Chromium on a virtual desktop.</summary>
internal static class BrowserSwitches
{
    public static IReadOnlyList<string> For(string url, string profile, VirtualBrowserOptions options)
    {
        List<string> switches =
        [
            $"--user-data-dir={profile}",
            // Without it the tree holds the browser's own buttons only.
            "--force-renderer-accessibility",
            "--remote-debugging-address=127.0.0.1",
            "--remote-debugging-port=0",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-default-apps",
            "--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication",
            // No key ring and no graphics card here.
            "--password-store=basic",
            "--disable-gpu",
            // Suppresses the bar about --no-sandbox, which would move every element.
            "--test-type",
        ];
        if (Environment.IsPrivilegedProcess) switches.Add("--no-sandbox");
        if (options.Incognito) switches.Add("--incognito");
        switches.AddRange(options.Window is { } window
            ? [$"--window-position={window.X},{window.Y}", $"--window-size={window.Width},{window.Height}"]
            : ["--start-maximized"]);
        switches.AddRange(options.Switches);
        switches.Add(url);
        return switches;
    }
}
