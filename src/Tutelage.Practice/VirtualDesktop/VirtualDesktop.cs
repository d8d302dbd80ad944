using Tutelage.Desktop;
using Tutelage.Desktop.Accessibility;
using Tutelage.Desktop.X11;
using Tutelage.Recording;

namespace Tutelage.Practice;

/// <summary>A real desktop without a screen: X server, session bus, window manager and accessibility, all its own.</summary>
/// <remarks>
/// Everything it starts ends with it: on dispose, and also when this process dies without disposing. Several of them do not see each
/// other: each has its own display, buses, home and runtime folder.
/// </remarks>
public sealed class VirtualDesktop : IAsyncDisposable
{
    private static readonly string[] Launchers = ["/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher", "/usr/lib/at-spi-bus-launcher"];

    private readonly VirtualDesktopOptions _options;
    private readonly DirectoryInfo _folder;
    private readonly Dictionary<string, string> _environment;

    // In the order of starting; ended in reverse.
    private readonly List<IAsyncDisposable> _parts = [];
    private KeptProcess? _server, _accessibility;

    private VirtualDesktop(VirtualDesktopOptions options)
    {
        _options = options;
        _folder = Directory.CreateTempSubdirectory("tutelage-desktop-");
        var home = _folder.CreateSubdirectory("home").FullName;
        var runtime = _folder.CreateSubdirectory("run").FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _environment = new()
        {
            ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
            ["LANG"] = "C.UTF-8",
            ["HOME"] = home,
            ["XDG_CONFIG_HOME"] = Path.Combine(home, ".config"),
            ["XDG_CACHE_HOME"] = Path.Combine(home, ".cache"),
            ["XDG_DATA_HOME"] = Path.Combine(home, ".local/share"),
            ["XDG_RUNTIME_DIR"] = runtime,
            ["XDG_SESSION_TYPE"] = "x11",
            ["DBUS_SESSION_BUS_ADDRESS"] = $"unix:path={Path.Combine(runtime, "bus")}",
            ["ACCESSIBILITY_ENABLED"] = options.Accessibility ? "1" : "0",
            // Settings, remote files and portals belong to a desktop environment that is not here; without these, programs wait for them.
            ["GSETTINGS_BACKEND"] = "memory",
            ["GIO_USE_VFS"] = "local",
            ["GTK_USE_PORTAL"] = "0",
        };
    }

    /// <summary>X display such as <c>:57</c>.</summary>
    public string Display => _environment["DISPLAY"];

    public ScreenSize Screen => _options.Screen;

    /// <summary>The X server, 0 if it does not run.</summary>
    public int ServerProcessId => _server?.Id ?? 0;

    /// <summary>A folder of its own for homes, profiles and sockets, removed on dispose.</summary>
    public string Folder => _folder.FullName;

    /// <summary>The whole environment that a program needs to run on this desktop.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>Capture and hands for this desktop.</summary>
    public IDesktopAdapter Adapter => DesktopAdapters.ForX11(Display);

    /// <exception cref="VirtualDesktopException">A program is missing or was not ready in time.</exception>
    public static async Task<VirtualDesktop> StartAsync(VirtualDesktopOptions? options = null, CancellationToken cancellationToken = default)
    {
        var desktop = new VirtualDesktop(options ?? new());
        try
        {
            await desktop.StartServerAsync(cancellationToken);
            await desktop.StartSessionBusAsync(cancellationToken);
            await desktop.StartWindowManagerAsync(cancellationToken);
            if (desktop._options.Accessibility) await desktop.StartAccessibilityAsync(cancellationToken);
            return desktop;
        }
        catch
        {
            await desktop.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts Chromium and waits until its window is there and <paramref name="url"/> is loaded.</summary>
    /// <exception cref="VirtualDesktopException">It was not ready in time.</exception>
    public async Task<VirtualBrowser> StartBrowserAsync(string url, VirtualBrowserOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var profile = Directory.CreateDirectory(Path.Combine(Folder, $"browser-{_parts.Count}")).FullName;
        return await WithinAsync("chromium", async token =>
        {
            var endpoint = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
            var process = KeptProcess.Start("chromium", BrowserSwitches.For(url, profile, options), _environment, HeardStream.Error, line =>
            {
                const string announcement = "DevTools listening on ";
                if (line.StartsWith(announcement, StringComparison.Ordinal) && Uri.TryCreate(line[announcement.Length..], UriKind.Absolute, out var address)) endpoint.TrySetResult(address);
            });
            _parts.Add(process);
            var address = await EndsFirstAsync("chromium", process, endpoint.Task, token);
            var window = await EndsFirstAsync("chromium", process, WindowWait.ForAsync(Display, candidate => candidate.ProcessId == process.Id && candidate.IsActive, token), token);
            await DevTools.WaitUntilLoadedAsync(address.Port, url, token);
            return new VirtualBrowser(new(process, window.Id), address.Port);
        }, cancellationToken);
    }

    /// <summary>Starts a program (<c>mousepad</c>, <c>zenity</c>) and waits until its window has the focus.</summary>
    /// <exception cref="VirtualDesktopException">It was not ready in time.</exception>
    public Task<VirtualApplication> StartApplicationAsync(string program, IReadOnlyList<string>? arguments = null, CancellationToken cancellationToken = default) =>
        WithinAsync(program, async token =>
        {
            var process = KeptProcess.Start(program, arguments ?? [], _environment);
            _parts.Add(process);
            var window = await EndsFirstAsync(program, process, WindowWait.ForAsync(Display, candidate => candidate.ProcessId == process.Id && candidate.IsActive, token), token);
            return new VirtualApplication(process, window.Id);
        }, cancellationToken);

    /// <summary>Starts the accessibility bus, also again after <see cref="KillAccessibilityAsync"/>.</summary>
    /// <exception cref="VirtualDesktopException">It was not ready in time.</exception>
    public Task StartAccessibilityAsync(CancellationToken cancellationToken = default) => WithinAsync("at-spi-bus-launcher", async token =>
    {
        var launcher = Array.Find(Launchers, File.Exists) ?? throw new VirtualDesktopException("at-spi-bus-launcher", "is not installed; install at-spi2-core");
        _accessibility = KeptProcess.Start(launcher, ["--launch-immediately"], _environment);
        _parts.Add(_accessibility);
        // Not only while this one lives: whoever asks the session bus for accessibility makes it start a launcher, and ours gives way to that.
        return await AccessibilitySession.EnableAsync(_environment["DBUS_SESSION_BUS_ADDRESS"], token) ? true : throw new OperationCanceledException(token);
    }, cancellationToken);

    /// <summary>The accessibility bus goes away as if it had crashed.</summary>
    public ValueTask KillAccessibilityAsync() => _accessibility?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>The X server goes away as if it had crashed.</summary>
    public ValueTask KillServerAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        for (var i = _parts.Count - 1; i >= 0; i--) await _parts[i].DisposeAsync();
        _parts.Clear();
        // Grandchildren of a killed browser may still be writing while they notice.
        for (var attempt = 0; _folder.Exists && attempt < 20; attempt++)
        {
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException)
            {
                await Task.Delay(50);
            }
        }
    }

    private Task StartServerAsync(CancellationToken cancellationToken) => WithinAsync("Xvfb", async token =>
    {
        var number = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var screen = $"{Screen.Width}x{Screen.Height}x24";
        // The server chooses a free display itself and writes its number once it accepts connections.
        _server = KeptProcess.Start("Xvfb", ["-displayfd", "1", "-screen", "0", screen, "-dpi", "96", "-nolisten", "tcp", "-noreset"], _environment, HeardStream.Output, line => number.TrySetResult(line.Trim()));
        _parts.Add(_server);
        _environment["DISPLAY"] = ":" + await EndsFirstAsync("Xvfb", _server, number.Task, token);
        return true;
    }, cancellationToken);

    private Task StartSessionBusAsync(CancellationToken cancellationToken) => WithinAsync("dbus-daemon", async token =>
    {
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var bus = KeptProcess.Start("dbus-daemon", ["--session", "--nofork", "--nopidfile", "--print-address", $"--address={_environment["DBUS_SESSION_BUS_ADDRESS"]}"], _environment,
            HeardStream.Output, _ => ready.TrySetResult(true));
        _parts.Add(bus);
        return await EndsFirstAsync("dbus-daemon", bus, ready.Task, token);
    }, cancellationToken);

    private Task StartWindowManagerAsync(CancellationToken cancellationToken) => WithinAsync("openbox", async token =>
    {
        var config = Path.Combine(Folder, "openbox.xml");
        await File.WriteAllTextAsync(config, OpenboxConfig.Xml, token);
        var manager = KeptProcess.Start("openbox", ["--config-file", config], _environment);
        _parts.Add(manager);
        return await EndsFirstAsync("openbox", manager, AfterAsync(WindowWait.ForWindowManagerAsync(Display, token)), token);

        static async Task<bool> AfterAsync(Task task)
        {
            await task;
            return true;
        }
    }, cancellationToken);

    private async Task<T> WithinAsync<T>(string program, Func<CancellationToken, Task<T>> start, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(_options.ReadyWithin);
        try
        {
            return await start(time.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VirtualDesktopException(program, $"was not ready within {_options.ReadyWithin.TotalSeconds:0} s");
        }
    }

    /// <summary>Waits for <paramref name="ready"/>, and not longer than the program lives.</summary>
    private static async Task<T> EndsFirstAsync<T>(string program, KeptProcess process, Task<T> ready, CancellationToken cancellationToken)
    {
        await Task.WhenAny(ready, process.WaitAsync(cancellationToken));
        if (!ready.IsCompleted && !cancellationToken.IsCancellationRequested) throw new VirtualDesktopException(program, "ended before it was ready");
        return await ready.WaitAsync(cancellationToken);
    }
}
