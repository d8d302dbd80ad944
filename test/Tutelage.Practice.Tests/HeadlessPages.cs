using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tutelage.Practice.Eyes;
using Tutelage.Practice.Script;
using Tutelage.Practice.Site;
using Tutelage.Recording;

namespace Tutelage.Practice.Tests;

/// <summary>One headless Chromium with the practice site, and a solver that works pages through the browser's own input (not page scripts).</summary>
public sealed class HeadlessPages : IAsyncLifetime
{
    private readonly string _profile = Directory.CreateTempSubdirectory("practice-pages-").FullName;
    private Process? _browser;
    private PracticeSite? _site;
    private PageEyes? _eyes;

    /// <summary>False at home without Chromium; CI must have it.</summary>
    public bool Available { get; private set; }

    public PracticeSite Site => _site!;

    internal PageEyes Eyes => _eyes!;

    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public async Task InitializeAsync()
    {
        if (!File.Exists("/usr/bin/chromium"))
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") throw new FileNotFoundException("chromium is missing; CI must have it");
            Console.WriteLine("skipped: chromium is not installed");
            return;
        }
        _site = PracticeSite.Start(TimeProvider.System);
        var start = new ProcessStartInfo("/usr/bin/chromium") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in new[]
                 {
                     "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     $"--user-data-dir={_profile}", "--remote-debugging-port=0", "--window-size=1280,760", _site.Address.AbsoluteUri,
                 }) start.ArgumentList.Add(argument);
        _browser = Process.Start(start)!;
        _ = _browser.StandardError.ReadToEndAsync();
        _ = _browser.StandardOutput.ReadToEndAsync();
        var portFile = Path.Combine(_profile, "DevToolsActivePort");
        for (var i = 0; i < 400 && !(File.Exists(portFile) && new FileInfo(portFile).Length > 0); i++) await Task.Delay(50);
        var port = int.Parse((await File.ReadAllLinesAsync(portFile))[0], CultureInfo.InvariantCulture);
        _eyes = await PageEyes.ConnectAsync(port, TimeProvider.System, Limit);
        Available = true;
    }

    public async Task DisposeAsync()
    {
        if (_eyes is not null) await _eyes.DisposeAsync();
        if (_browser is not null)
        {
            _browser.Kill(entireProcessTree: true);
            await _browser.WaitForExitAsync();
            _browser.Dispose();
        }
        if (_site is not null) await _site.DisposeAsync();
        for (var i = 0; Directory.Exists(_profile) && i < 20; i++)
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(50);
            }
        }
    }

    public async Task<PracticeState> OpenAsync(Uri address)
    {
        await Eyes.CallAsync("Page.navigate", new JsonObject { ["url"] = address.AbsoluteUri }, Limit);
        var wanted = JsonSerializer.Serialize(address.PathAndQuery);
        (await Eyes.WaitAsync(cancel => Eyes.IsAsync($"location.pathname + location.search === {wanted} && window.practice?.state === 'ready'", cancel), TimeSpan.FromSeconds(10), Limit))
            .ShouldBeTrue($"{address} did not become ready");
        return (await Eyes.StateAsync(Limit))!;
    }

    public Task<PracticeState> OpenAsync(string task, int seed, int? variant = null) => OpenAsync(Site.AddressOf(task, seed, variant));

    /// <summary>Does all steps; <paramref name="spoil"/> may change one, or drop it by answering null.</summary>
    public async Task<PracticeState> SolveAsync(PracticeState state, Func<int, ExpectedStep, ExpectedStep?>? spoil = null)
    {
        await ClickAsync("#practice-start", 1);
        for (var i = 0; i < state.Expected.Count; i++)
        {
            var step = state.Expected[i];
            var done = spoil is null ? step : spoil(i, step);
            if (done is null) continue;
            await DoAsync(done);
            if (ReferenceEquals(done, step) && spoil is null)
                (await Eyes.WaitAsync(cancel => Eyes.ReachedAsync(i, cancel), TimeSpan.FromSeconds(3), Limit)).ShouldBeTrue($"{state.Task}/{state.Seed}?{state.Variant}: step {i} {step} had no effect");
            if ((await Eyes.StateAsync(Limit))!.IsOver) break;
        }
        return (await Eyes.StateAsync(Limit))!;
    }

    public async Task SaveScreenAsync(string path)
    {
        var shot = await Eyes.CallAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" }, Limit);
        await File.WriteAllBytesAsync(path, Convert.FromBase64String(shot!["data"]!.GetValue<string>()));
    }

    public async Task<JsonArray> AccessibilityTreeAsync() =>
        (await Eyes.CallAsync("Accessibility.getFullAXTree", null, Limit))!["nodes"]!.AsArray();

    public async Task ClickAsync(string selector, int count)
    {
        var at = await MoveAsync(selector);
        for (var i = 1; i <= count; i++)
        {
            await MouseAsync("mousePressed", at, i);
            await MouseAsync("mouseReleased", at, i);
        }
    }

    public async Task DoAsync(ExpectedStep step)
    {
        switch (step.Kind)
        {
            case "click" or "reach":
                await ClickAsync(step.Selector, 1);
                break;
            case "hover":
                await MoveAsync(step.Selector);
                await Eyes.WaitAsync(cancel => Eyes.IsAsync($"document.querySelector({JsonSerializer.Serialize(step.Selector)})?.getAttribute('aria-expanded') === 'true'", cancel), TimeSpan.FromSeconds(2), Limit);
                break;
            case "type":
                if (!step.Focused) await ClickAsync(step.Selector, 1);
                await Eyes.CallAsync("Input.insertText", new JsonObject { ["text"] = step.Text }, Limit);
                if (step.Commit is { } commit) await KeysAsync([commit]);
                break;
            case "select":
                // A headless popup takes no mouse: focus and the first letters choose.
                await Eyes.CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"document.querySelector({JsonSerializer.Serialize(step.Selector)}).focus()" }, Limit);
                foreach (var letter in step.Option!) await KeysAsync([letter.ToString()]);
                break;
            case "choose":
                await ClickAsync(step.Selector, 1);
                await ClickAsync(step.OptionSelector!, 1);
                break;
            case "edit" or "key":
                await KeysAsync(step.Keys!);
                break;
            case "drag":
                await DragAsync(step.Selector, (await FindAsync(step.To!)).Box.Center);
                break;
            case "slide":
                var track = (await FindAsync(step.Track!)).Box;
                await DragAsync(step.Selector, new ScreenPoint(track.X + (int)(track.Width * step.Fraction!.Value), track.Center.Y));
                break;
            default:
                throw new InvalidOperationException($"no way to do {step.Kind}");
        }
    }

    public async Task KeysAsync(IReadOnlyList<string> keys)
    {
        var control = keys.Count > 1;
        var key = keys[^1];
        var code = key switch { "Enter" => 13, "Home" => 36, "End" => 35, "ArrowUp" => 38, "ArrowDown" => 40, "ArrowLeft" => 37, "ArrowRight" => 39, _ => char.ToUpperInvariant(key[0]) };
        var down = new JsonObject { ["type"] = "keyDown", ["key"] = key, ["windowsVirtualKeyCode"] = (int)code, ["modifiers"] = control ? 2 : 0 };
        if (!control && key.Length == 1) down["text"] = key;
        if (key == "Enter") down["text"] = "\r";
        await Eyes.CallAsync("Input.dispatchKeyEvent", down, Limit);
        await Eyes.CallAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = "keyUp", ["key"] = key, ["windowsVirtualKeyCode"] = (int)code }, Limit);
    }

    private async Task DragAsync(string selector, ScreenPoint to)
    {
        var from = await MoveAsync(selector);
        await MouseAsync("mousePressed", from, 1);
        for (var i = 1; i <= 8; i++) await MouseAsync("mouseMoved", new ScreenPoint(from.X + (to.X - from.X) * i / 8, from.Y + (to.Y - from.Y) * i / 8), 0, held: true);
        await MouseAsync("mouseReleased", to, 1);
    }

    private async Task<PageElement> FindAsync(string selector)
    {
        // Client coordinates: a headless page's corner is the screen's.
        await Eyes.EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)})?.scrollIntoView({{ block: 'nearest' }}); window.practice.origin = {{ x: 0, y: 0 }}; 0", Limit);
        PageElement? element = null;
        (await Eyes.WaitAsync(async cancel => (element = await Eyes.FindAsync(selector, cancel)) is { Visible: true }, TimeSpan.FromSeconds(3), Limit)).ShouldBeTrue($"{selector} cannot be clicked: {element}");
        return element!;
    }

    private async Task<ScreenPoint> MoveAsync(string selector)
    {
        var at = (await FindAsync(selector)).Box.Center;
        await MouseAsync("mouseMoved", at, 0);
        return at;
    }

    private Task MouseAsync(string type, ScreenPoint at, int count, bool held = false) => Eyes.CallAsync("Input.dispatchMouseEvent", new JsonObject
    {
        ["type"] = type, ["x"] = at.X, ["y"] = at.Y, ["button"] = type == "mouseMoved" && !held ? "none" : "left", ["buttons"] = held || type == "mousePressed" ? 1 : 0, ["clickCount"] = count,
    }, Limit);
}
