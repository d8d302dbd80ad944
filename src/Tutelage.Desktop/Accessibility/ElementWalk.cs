using System.Collections.Concurrent;
using System.Globalization;
using Tutelage.Desktop.DBus;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Accessibility;

/// <summary>Reads the objects of one application and remembers them, so that the next reading asks only for what may have changed.</summary>
/// <remarks>
/// <para>
/// A window is read level by level, and everything of a level is asked at once: the children and states of its objects together with the
/// names, places and values of the level above. Only objects that are showing are followed. A hanging application costs one
/// <see cref="Deadline"/>; what had not been answered by then is left out.
/// </para>
/// <para>
/// The text of a password field is never asked for: <see cref="AccessibleObject.IsPassword"/> is decided by its role before any text call
/// is made. If that were wrong, a secret would come into this process that nothing later could be sure to find.
/// </para>
/// </remarks>
internal sealed class ElementWalk(DBusConnection bus)
{
    public const int MaxElements = 5_000;
    public const int MaxTextCharacters = 4_096;
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private const int MaxDepth = 100;
    private const int MaxChildren = 2_000;
    private const int MaxOptions = 300;
    private const int MaxRemembered = 20_000;
    private const string Accessible = "org.a11y.atspi.Accessible";
    private const string Properties = "org.freedesktop.DBus.Properties";

    // Written by the walk; the reading thread of the bus adds to it, too.
    private readonly ConcurrentDictionary<ObjectReference, AccessibleObject> _objects = new();
    private int _lastId = -1;
    private int _walk;

    /// <summary>The id under which trees will show it, also before it was read. Any thread may ask.</summary>
    public int IdOf(ObjectReference reference) => Remember(reference).Id;

    public AccessibleObject? Find(ObjectReference reference) => _objects.GetValueOrDefault(reference);

    /// <summary>Reads everything that is showing below <paramref name="roots"/>.</summary>
    /// <returns>False if the application did not answer in time, or too much was there: what was read stands.</returns>
    public async Task<bool> ReadAllAsync(IReadOnlyList<ObjectReference> roots, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        _walk++;
        var count = 0;
        var insideBoxes = new HashSet<ObjectReference>();
        List<AccessibleObject> closed = [], shown = [], level = [.. roots.Select(Remember)];
        for (var depth = 0; depth < MaxDepth && (level.Count > 0 || shown.Count > 0 || closed.Count > 0); depth++)
        {
            var plan = new Plan();
            foreach (var above in shown) AskContent(plan, above);
            foreach (var choice in closed.Where(item => item.Has(AtSpiState.Selected))) AskName(plan, choice);
            foreach (var item in level) AskStructure(plan, item);
            if (!await plan.RunAsync(bus, deadline.Token)) return false;

            // A closed combobox shows its choice without its options showing: those are followed for their states and the chosen one's name.
            closed = [.. level.Where(item => !item.IsShowing && insideBoxes.Contains(item.Reference))];
            shown = [.. level.Where(item => item.IsShowing)];
            count += shown.Count;
            if (count > MaxElements) return false;
            foreach (var box in shown.Where(item => item.Role == AriaRoles.ComboBox).Concat(closed)) insideBoxes.UnionWith(box.Children.Take(MaxOptions));
            level = [.. shown.Concat(closed).SelectMany(item => item.Children.Take(MaxChildren)).Where(child => !child.IsNull).Select(Remember).Where(item => item.SeenInWalk != _walk).Distinct()];
            if (level.Count > MaxElements) level.RemoveRange(MaxElements, level.Count - MaxElements);
            foreach (var item in level) item.SeenInWalk = _walk;
        }

        Forget();
        return true;
    }

    /// <summary>Reads single objects again.</summary>
    public async Task ReadAgainAsync(IReadOnlyCollection<ObjectReference> references, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        List<AccessibleObject> items = [.. references.Select(Find).OfType<AccessibleObject>().Where(item => item.IsKnown)];
        Plan structure = new(), content = new();
        foreach (var item in items) AskStructure(structure, item);
        if (!await structure.RunAsync(bus, deadline.Token)) return;
        foreach (var item in items) AskContent(content, item);
        await content.RunAsync(bus, deadline.Token);
    }

    /// <summary>What is showing, parents before children, as last read.</summary>
    public ElementTree Tree(DesktopContext context, IReadOnlyList<ObjectReference> roots, ObjectReference? focus)
    {
        var elements = new List<CapturedElement>();
        AccessibleObject? focused = null;
        var seen = new HashSet<int>();
        foreach (var root in roots) Add(root, -1, insideCombobox: false, 0);
        if (focus is { } told && Find(told) is { } item && seen.Contains(item.Id) && item.Has(AtSpiState.Focused)) focused = item;
        return new(context, elements, focused?.Id ?? -1);

        void Add(ObjectReference reference, int parent, bool insideCombobox, int depth)
        {
            if (depth > MaxDepth || elements.Count >= MaxElements || Find(reference) is not { IsShowing: true, IsKnown: true } item || !seen.Add(item.Id)) return;
            if (item.Has(AtSpiState.Focused)) focused = item;
            elements.Add(new(item.Id, parent, AriaRoles.Of(item.Role, item.AuthoredRole, insideCombobox), item.Name, item.Value ?? (item.Role == AriaRoles.ComboBox ? Chosen(item, 0) : null), item.Hint, item.States, item.Bounds));
            foreach (var child in item.Children) Add(child, item.Id, insideCombobox || item.Role == AriaRoles.ComboBox, depth + 1);
        }
    }

    /// <summary>The outermost document of <paramref name="roots"/> that is showing, null if there is none.</summary>
    public AccessibleObject? Document(IReadOnlyList<ObjectReference> roots)
    {
        var level = roots.Select(Find).ToList();
        for (var depth = 0; depth < MaxDepth && level.Count > 0; depth++)
        {
            if (level.Find(item => item is { IsShowing: true, Role: AriaRoles.DocumentWeb }) is { } document) return document;
            level = [.. level.Where(item => item is { IsShowing: true }).SelectMany(item => item!.Children).Select(Find)];
        }

        return null;
    }

    internal static string? Bound(string? text) => text switch
    {
        null or "" => null,
        { Length: > MaxTextCharacters } => text[..(char.IsHighSurrogate(text[MaxTextCharacters - 1]) ? MaxTextCharacters - 1 : MaxTextCharacters)] + '…',
        _ => text,
    };

    /// <summary>The name of the selected option at most two levels below.</summary>
    private string? Chosen(AccessibleObject box, int depth)
    {
        foreach (var child in box.Children.Take(MaxOptions).Select(Find).OfType<AccessibleObject>())
        {
            if (child.Has(AtSpiState.Selected)) return child.Name;
            if (depth == 0 && Chosen(child, 1) is { } name) return name;
        }

        return null;
    }

    private AccessibleObject Remember(ObjectReference reference) => _objects.GetOrAdd(reference, unknown => new(unknown, Interlocked.Increment(ref _lastId)));

    /// <summary>An id stays with an object that is hidden for a while; only past the bound are unseen objects forgotten.</summary>
    private void Forget()
    {
        if (_objects.Count <= MaxRemembered) return;
        foreach (var (reference, item) in _objects)
            if (item.SeenInWalk != _walk) _objects.TryRemove(reference, out _);
    }

    private static void AskStructure(Plan plan, AccessibleObject item)
    {
        var (name, path) = item.Reference;
        plan.Ask(new(name, path, Accessible, "GetState"), "au", body =>
        {
            var end = body.ArrayEnd(4);
            ulong states = 0;
            for (var shift = 0; body.Position < end && shift < 64; shift += 32) states |= (ulong)body.UInt32() << shift;
            item.AtSpiStates = states;
        }, onError: () => item.AtSpiStates = 0);
        plan.Ask(new(name, path, Accessible, "GetChildren"), "a(so)", body =>
        {
            var children = new List<ObjectReference>();
            for (var end = body.ArrayEnd(8); body.Position < end && children.Count < MaxChildren;)
            {
                body.Pad(8);
                children.Add(new(body.String(), body.String()));
            }

            item.Children = children;
        });
        // A page may turn a text field into a password field; the other way round it stays a secret.
        if (!item.IsKnown || item.Role is AriaRoles.Entry or AriaRoles.Text)
        {
            plan.Ask(new(name, path, Accessible, "GetRole"), "u", body =>
            {
                item.Role = body.UInt32();
                if (item.IsPassword) item.Value = null;
            });
        }

        if (item.IsKnown) return;
        item.IsKnown = true;
        plan.Ask(new(name, path, Accessible, "GetInterfaces"), "as", body =>
        {
            for (var end = body.ArrayEnd(4); body.Position < end;)
            {
                var supported = body.String();
                item.HasComponent |= supported == "org.a11y.atspi.Component";
                item.HasText |= supported == "org.a11y.atspi.Text";
                item.HasValue |= supported == "org.a11y.atspi.Value";
            }
        });
        plan.Ask(new(name, path, Accessible, "GetAttributes"), "a{ss}", body => ElementHints.Take(item, ref body));
    }

    private static void AskName(Plan plan, AccessibleObject item) => plan.Ask(
        new(item.Reference.Bus, item.Reference.Path, Properties, "Get", "ss", Accessible, "Name"), "v", body => item.Name = body.Signature() == "s" ? Bound(body.String()) : null);

    private static void AskContent(Plan plan, AccessibleObject item)
    {
        var (name, path) = item.Reference;
        AskName(plan, item);
        if (item.HasComponent)
        {
            plan.Ask(new(name, path, "org.a11y.atspi.Component", "GetExtents", "u", 0u), "(iiii)",
                body => item.Bounds = new(body.Int32(), body.Int32(), Math.Max(0, body.Int32()), Math.Max(0, body.Int32())));
        }

        if (item.HasReadableText)
        {
            plan.Ask(new(name, path, "org.a11y.atspi.Text", "GetText", "ii", 0, MaxTextCharacters + 1), "s",
                body => item.Value = Bound(body.String().Replace("\uFFFC", "", StringComparison.Ordinal)), onError: () => item.Value = null);
        }
        else if (item.HasReadableValue)
        {
            plan.Ask(new(name, path, Properties, "Get", "ss", "org.a11y.atspi.Value", "CurrentValue"), "v",
                body => item.Value = body.Signature() == "d" ? body.Double().ToString("0.######", CultureInfo.InvariantCulture) : null);
        }

        if (item.Role == AriaRoles.DocumentWeb)
        {
            item.DocumentAddress = null;
            plan.Ask(new(name, path, "org.a11y.atspi.Document", "GetAttributes"), "a{ss}", body => item.DocumentAddress ??= ElementHints.Address(ref body));
            plan.Ask(new(name, path, Accessible, "GetAttributes"), "a{ss}", body => item.DocumentAddress ??= ElementHints.Address(ref body));
        }
    }

    /// <summary>Questions that go out together.</summary>
    private sealed class Plan
    {
        private readonly List<DBusCall> _calls = [];
        private readonly List<(string Signature, Take Take, Action? OnError)> _takes = [];

        public delegate void Take(DBusReader body);

        public void Ask(DBusCall call, string signature, Take take, Action? onError = null)
        {
            _calls.Add(call);
            _takes.Add((signature, take, onError));
        }

        /// <summary>False if time ran out. An answer of the wrong type or shape is treated as none.</summary>
        public async Task<bool> RunAsync(DBusConnection bus, CancellationToken cancellationToken)
        {
            var answers = await bus.CallAllAsync(_calls, cancellationToken);
            if (cancellationToken.IsCancellationRequested || bus.Closed.IsCompleted) return false;
            for (var i = 0; i < answers.Length; i++)
            {
                try
                {
                    if (answers[i] is { } answer && answer.Signature == _takes[i].Signature) _takes[i].Take(answer.Read());
                    else _takes[i].OnError?.Invoke();
                }
                catch (DBusException)
                {
                    _takes[i].OnError?.Invoke();
                }
            }

            return true;
        }
    }
}
