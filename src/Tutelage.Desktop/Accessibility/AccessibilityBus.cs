using Tutelage.Desktop.DBus;

namespace Tutelage.Desktop.Accessibility;

/// <summary>Finds and opens the accessibility bus of a display.</summary>
/// <remarks>
/// The address is announced on the display's root window (AT_SPI_BUS), which is right for any display. The session bus of this process
/// is asked only for its own display; it may start the accessibility bus on demand.
/// </remarks>
internal static class AccessibilityBus
{
    private static readonly string[] Events =
    [
        "object:state-changed", "object:children-changed", "object:text-changed", "object:property-change:accessible-name", "object:property-change:accessible-value",
        "object:selection-changed", "object:active-descendant-changed", "object:bounds-changed", "object:visible-data-changed", "window", "document",
    ];

    private static readonly string[] Interfaces = ["org.a11y.atspi.Event.Object", "org.a11y.atspi.Event.Window", "org.a11y.atspi.Event.Document"];

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    public static bool IsAnnounced(string display, string? onRootWindow) => onRootWindow is not null || SessionBus(display) is not null;

    /// <summary>Connected and registered for events, null if there is no such bus.</summary>
    public static async Task<DBusConnection?> OpenAsync(string display, string? onRootWindow, Action<DBusMessage> onSignal, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            var asked = await AskSessionAsync(display, deadline.Token);
            foreach (var address in new[] { asked, onRootWindow }.OfType<string>().Distinct())
            {
                try
                {
                    var bus = await DBusConnection.ConnectAsync(address, deadline.Token);
                    bus.OnSignal = onSignal;
                    await RegisterAsync(bus, deadline.Token);
                    if (!bus.Closed.IsCompleted && !deadline.IsCancellationRequested) return bus;
                    await bus.DisposeAsync();
                }
                catch (DBusException)
                {
                    // The next address may be the living one.
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A bus that does not answer is no bus.
        }

        return null;
    }

    private static string? SessionBus(string display) =>
        Environment.GetEnvironmentVariable("DISPLAY") == display ? Environment.GetEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS") : null;

    /// <summary>The session's answer, and the request to programs to show their elements: they do so only when somebody asks.</summary>
    private static async Task<string?> AskSessionAsync(string display, CancellationToken cancellationToken)
    {
        if (SessionBus(display) is not { Length: > 0 } address) return null;
        try
        {
            await using var session = await DBusConnection.ConnectAsync(address, cancellationToken);
            const string name = "org.a11y.Bus", path = "/org/a11y/bus";
            var answers = await session.CallAllAsync(
            [
                new(name, path, name, "GetAddress"),
                new(name, path, "org.freedesktop.DBus.Properties", "Set", "ssv", "org.a11y.Status", "IsEnabled", true),
                new(name, path, "org.freedesktop.DBus.Properties", "Set", "ssv", "org.a11y.Status", "ScreenReaderEnabled", true),
            ], cancellationToken);
            return answers[0] is { Signature: "s" } answer ? answer.Read().String() : null;
        }
        catch (DBusException)
        {
            return null;
        }
    }

    private static async Task RegisterAsync(DBusConnection bus, CancellationToken cancellationToken)
    {
        List<DBusCall> calls = [.. Interfaces.Select(name => DBusConnection.Bus("AddMatch", "s", $"type='signal',interface='{name}'"))];
        calls.AddRange(Events.Select(name => new DBusCall(
            "org.a11y.atspi.Registry", "/org/a11y/atspi/registry", "org.a11y.atspi.Registry", "RegisterEvent", "sass", name, "")));
        await bus.CallAllAsync(calls, cancellationToken);
    }
}
