using Tutelage.Desktop.X11;

namespace Tutelage.Desktop;

/// <summary>One recorder a desktop: the claim is a selection of the X server itself, so it holds for every program on it however its environment looks.</summary>
/// <remarks>The server gives it up when the process that holds it ends, however it ends. Nothing is left behind on a disk.</remarks>
public sealed class DesktopClaim : IDisposable
{
    /// <summary>Name of the selection. Changing it would let an old and a new recorder run side by side.</summary>
    private const string Selection = "_TUTELAGE_RECORDER";

    private readonly XConnection _connection;

    private DesktopClaim(XConnection connection) => _connection = connection;

    /// <summary>Null if another recorder holds <paramref name="display"/>.</summary>
    /// <exception cref="DesktopUnavailableException">The display cannot be reached.</exception>
    public static DesktopClaim? TryTake(string display)
    {
        var connection = XConnection.OpenOrThrow(display);
        var selection = connection.Atom(Selection);
        var window = Xlib.XCreateSimpleWindow(connection.Display, connection.Root, -1, -1, 1, 1, 0, 0, 0);
        // Nobody else is served between the question and the claim.
        _ = Xlib.XGrabServer(connection.Display);
        var isFree = Xlib.XGetSelectionOwner(connection.Display, selection) == 0;
        if (isFree) _ = Xlib.XSetSelectionOwner(connection.Display, selection, window, 0);
        _ = Xlib.XUngrabServer(connection.Display);
        _ = Xlib.XSync(connection.Display, 0);
        if (isFree) return new(connection);
        connection.Dispose();
        return null;
    }

    public void Dispose() => _connection.Dispose();
}
