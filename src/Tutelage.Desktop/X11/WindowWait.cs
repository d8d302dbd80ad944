namespace Tutelage.Desktop.X11;

/// <summary>Waits until the windows of a display are as somebody needs them: on events of the X server, without asking again and again.</summary>
public static class WindowWait
{
    /// <summary>The first window for which <paramref name="wanted"/> is true, now or later.</summary>
    /// <exception cref="DesktopUnavailableException">The display cannot be reached or went away.</exception>
    public static Task<DesktopWindow> ForAsync(string display, Func<DesktopWindow, bool> wanted, CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(() => For(display, wanted, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>All windows in the order in which they were opened.</summary>
    /// <exception cref="DesktopUnavailableException">The display cannot be reached.</exception>
    public static IReadOnlyList<DesktopWindow> All(string display)
    {
        using var connection = XConnection.OpenOrThrow(display);
        return All(new WindowWatch(connection));
    }

    /// <summary>Waits until a window manager owns the display.</summary>
    /// <exception cref="DesktopUnavailableException">The display cannot be reached or went away.</exception>
    public static Task ForWindowManagerAsync(string display, CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(() => Until(display, watch => watch.HasWindowManager(), cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static DesktopWindow For(string display, Func<DesktopWindow, bool> wanted, CancellationToken cancellationToken)
    {
        DesktopWindow? found = null;
        Until(display, watch => (found = All(watch).FirstOrDefault(wanted)) is not null, cancellationToken);
        return found!; // Until returns only once the condition held.
    }

    private static IReadOnlyList<DesktopWindow> All(WindowWatch watch)
    {
        var active = watch.Active().Window;
        return [.. watch.All(watchEach: true).Select(facts => new DesktopWindow(facts.Window, facts.App, facts.ProcessId, facts.Title, facts.Bounds, facts.Window == active))];
    }

    private static unsafe void Until(string display, Func<WindowWatch, bool> holds, CancellationToken cancellationToken)
    {
        using var connection = XConnection.OpenOrThrow(display);
        using var wake = new WakeSignal();
        using var cancelled = cancellationToken.Register(wake.Set);
        var watch = new WindowWatch(connection);
        var fds = stackalloc Libc.PollFd[2];
        while (!holds(watch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            connection.ThrowIfLost();
            (fds[0], fds[1]) = (new() { Fd = connection.Fd, Events = Libc.PollIn }, new() { Fd = wake.Fd, Events = Libc.PollIn });
            if (Xlib.XPending(connection.Display) == 0) _ = Libc.Poll(fds, 2, -1);
            if ((fds[0].Returned & (Libc.PollHangUp | Libc.PollError)) != 0) connection.MarkLost();
            connection.ThrowIfLost();
            Xlib.XEvent @event;
            while (Xlib.XPending(connection.Display) > 0) _ = Xlib.XNextEvent(connection.Display, &@event);
        }
    }
}
