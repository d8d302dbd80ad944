using Tutelage.Desktop.DBus;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Accessibility;

/// <summary>Finds, on the accessibility bus, the program and the windows that a context is about.</summary>
internal sealed class ApplicationFinder(DBusConnection bus)
{
    private const string Accessible = "org.a11y.atspi.Accessible";
    private const int MaxApplications = 500;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);
    private static readonly ObjectReference Desktop = new("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root");

    private readonly Dictionary<string, int> _processes = [];

    /// <summary>The program whose process owns the window, null if it is not (yet) on the bus.</summary>
    public async Task<ObjectReference?> FindAsync(DesktopContext context, CancellationToken cancellationToken)
    {
        if (context.ProcessId == 0) return null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        var applications = await ChildrenAsync([Desktop], deadline.Token);
        var unknown = applications[0].Where(application => !_processes.ContainsKey(application.Bus)).Take(MaxApplications).ToList();
        var answers = await bus.CallAllAsync([.. unknown.Select(application => DBusConnection.Bus("GetConnectionUnixProcessID", "s", application.Bus))], deadline.Token);
        if (_processes.Count > MaxApplications) _processes.Clear();
        for (var i = 0; i < unknown.Count; i++)
            if (answers[i] is { Signature: "u" } answer) _processes[unknown[i].Bus] = unchecked((int)answer.Read().UInt32());
        var found = applications[0].LastOrDefault(application => _processes.GetValueOrDefault(application.Bus) == context.ProcessId);
        return found.Bus is null ? null : found;
    }

    /// <summary>The window itself first, then the program's popups (menus, tooltips) that are showing beside it. Empty if none fits.</summary>
    public async Task<IReadOnlyList<ObjectReference>> WindowsAsync(ObjectReference application, DesktopContext context, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        var windows = (await ChildrenAsync([application], deadline.Token))[0].Where(window => !window.IsNull).Take(64).ToList();
        var answers = await bus.CallAllAsync(
        [
            .. windows.Select(window => new DBusCall(window.Bus, window.Path, Accessible, "GetState")),
            .. windows.Select(window => new DBusCall(window.Bus, window.Path, Accessible, "GetRole")),
            .. windows.Select(window => new DBusCall(window.Bus, window.Path, "org.freedesktop.DBus.Properties", "Get", "ss", Accessible, "Name")),
        ], deadline.Token);

        var facts = windows.Select((window, i) => Read(window, answers[i], answers[windows.Count + i], answers[2 * windows.Count + i])).Where(window => window.Showing).ToList();
        var main = facts.Find(window => window.Active && window.Titled(context.Title)) ?? facts.Find(window => window.Active)
            ?? facts.Find(window => window.Titled(context.Title)) ?? (facts.Count == 1 ? facts[0] : null);
        return main is null ? [] : [main.Reference, .. facts.Where(window => window != main && window.IsPopup).Select(window => window.Reference)];
    }

    private async Task<IReadOnlyList<ObjectReference>[]> ChildrenAsync(IReadOnlyList<ObjectReference> parents, CancellationToken cancellationToken)
    {
        var answers = await bus.CallAllAsync([.. parents.Select(parent => new DBusCall(parent.Bus, parent.Path, Accessible, "GetChildren"))], cancellationToken);
        return [.. answers.Select(Children)];
    }

    private static IReadOnlyList<ObjectReference> Children(DBusMessage? answer)
    {
        if (answer is not { Signature: "a(so)" }) return [];
        var children = new List<ObjectReference>();
        try
        {
            var body = answer.Read();
            for (var end = body.ArrayEnd(8); body.Position < end;)
            {
                body.Pad(8);
                children.Add(new(body.String(), body.String()));
            }
        }
        catch (DBusException)
        {
            // What was read stands.
        }

        return children;
    }

    private static TopWindow Read(ObjectReference reference, DBusMessage? state, DBusMessage? role, DBusMessage? name)
    {
        try
        {
            ulong states = 0;
            if (state is { Signature: "au" })
            {
                var body = state.Read();
                var end = body.ArrayEnd(4);
                if (body.Position < end) states = body.UInt32();
            }

            string? title = null;
            if (name is { Signature: "v" })
            {
                var body = name.Read();
                if (body.Signature() == "s") title = body.String();
            }

            return new(reference, states, role is { Signature: "u" } ? role.Read().UInt32() : 0, title);
        }
        catch (DBusException)
        {
            return new(reference, 0, 0, null);
        }
    }

    private sealed record TopWindow(ObjectReference Reference, ulong States, uint Role, string? Title)
    {
        public bool Showing => (States & (1ul << (int)AtSpiState.Showing)) != 0;
        public bool Active => (States & (1ul << (int)AtSpiState.Active)) != 0;
        public bool IsPopup => Role is AriaRoles.Window or AriaRoles.Menu or 41 or 64 or 2;

        public bool Titled(string? title) => title is not null && Title is not null && (Title == title || Title.StartsWith(title, StringComparison.Ordinal));
    }
}
