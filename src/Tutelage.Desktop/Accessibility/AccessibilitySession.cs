using Tutelage.Desktop.DBus;

namespace Tutelage.Desktop.Accessibility;

/// <summary>The accessibility side of a user's session bus.</summary>
public static class AccessibilitySession
{
    /// <summary>Waits until the accessibility bus is there and asks programs that start from now on to show their elements.</summary>
    /// <param name="sessionBus">As in DBUS_SESSION_BUS_ADDRESS.</param>
    /// <returns>False if it was not there before cancellation, or the session bus cannot be reached.</returns>
    public static async Task<bool> EnableAsync(string sessionBus, CancellationToken cancellationToken)
    {
        const string name = "org.a11y.Bus", path = "/org/a11y/bus", properties = "org.freedesktop.DBus.Properties", status = "org.a11y.Status";
        try
        {
            var session = await DBusConnection.ConnectAsync(sessionBus, cancellationToken);
            await using (session)
            {
                var owned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                session.OnSignal = signal =>
                {
                    if (signal.Member == "NameOwnerChanged") owned.TrySetResult();
                };
                await session.CallAsync(DBusConnection.Bus("AddMatch", "s", $"type='signal',member='NameOwnerChanged',arg0='{name}'"), cancellationToken);
                var has = await session.CallAsync(DBusConnection.Bus("NameHasOwner", "s", name), cancellationToken);
                if (has is { Signature: "b" } && has.Read().UInt32() == 0) await Task.WhenAny(owned.Task, session.Closed).WaitAsync(cancellationToken);
                var answers = await session.CallAllAsync(
                [
                    new(name, path, properties, "Set", "ssv", status, "IsEnabled", true),
                    new(name, path, properties, "Set", "ssv", status, "ScreenReaderEnabled", true),
                    new(name, path, name, "GetAddress"),
                ], cancellationToken);
                return Array.TrueForAll(answers, answer => answer is not null);
            }
        }
        catch (Exception failure) when (failure is DBusException or OperationCanceledException)
        {
            return false;
        }
    }
}
