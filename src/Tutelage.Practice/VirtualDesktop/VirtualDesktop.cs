using Tutelage.Desktop;
using Tutelage.Recording;

namespace Tutelage.Practice;

/// <summary>A real desktop without a screen: X server, session bus, window manager and accessibility, all its own.</summary>
/// <remarks>Everything it starts ends with it: on dispose, and also when this process dies without disposing.</remarks>
public sealed class VirtualDesktop : IAsyncDisposable
{
    private VirtualDesktop() => throw new NotImplementedException();

    /// <summary>X display such as <c>:57</c>.</summary>
    public string Display => throw new NotImplementedException();

    public ScreenSize Screen => throw new NotImplementedException();

    /// <summary>A folder of its own for homes, profiles and sockets, removed on dispose.</summary>
    public string Folder => throw new NotImplementedException();

    /// <summary>The variables that a program needs to run on this desktop; nothing else should be inherited but PATH.</summary>
    public IReadOnlyDictionary<string, string> Environment => throw new NotImplementedException();

    /// <summary>Capture and hands for this desktop.</summary>
    public IDesktopAdapter Adapter => throw new NotImplementedException();

    /// <exception cref="VirtualDesktopException">A program is missing or was not ready in time.</exception>
    public static Task<VirtualDesktop> StartAsync(VirtualDesktopOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Starts Chromium and waits until its window is there and <paramref name="url"/> is loaded.</summary>
    /// <exception cref="VirtualDesktopException">It was not ready in time.</exception>
    public Task<VirtualBrowser> StartBrowserAsync(string url, VirtualBrowserOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Starts a program (<c>mousepad</c>, <c>zenity</c>) and waits for its first window.</summary>
    /// <exception cref="VirtualDesktopException">It was not ready in time.</exception>
    public Task<VirtualApplication> StartApplicationAsync(string program, IReadOnlyList<string>? arguments = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A browser on a virtual desktop.</summary>
/// <param name="Application">Its process and first window.</param>
/// <param name="DebuggingPort">DevTools on 127.0.0.1, a random port.</param>
public sealed record VirtualBrowser(VirtualApplication Application, int DebuggingPort) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Application.DisposeAsync();
}

/// <summary>A program on a virtual desktop.</summary>
public sealed class VirtualApplication : IAsyncDisposable
{
    public int ProcessId => throw new NotImplementedException();

    /// <summary>X id of its first window.</summary>
    public long Window => throw new NotImplementedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A part of a virtual desktop is missing or was not ready in time.</summary>
public sealed class VirtualDesktopException(string program, string why) : Exception($"virtual desktop: {program} {why}")
{
    public string Program { get; } = program;
}
