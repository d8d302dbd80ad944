using Tutelage.Practice;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace Tutelage.Desktop.Tests;

/// <summary>What a test over real programs needs, or a reason to return early.</summary>
internal static class Tools
{
    /// <exception cref="FileNotFoundException">A program is missing and <c>CI=true</c>.</exception>
    public static bool Present(params string[] programs)
    {
        foreach (var program in programs)
        {
            if ((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)))) continue;
            if (Environment.GetEnvironmentVariable("CI") == "true") throw new FileNotFoundException($"CI must have {program}");
            Console.WriteLine($"skipped: {program} is not installed");
            return false;
        }

        return true;
    }
}

/// <summary>A bare desktop for tests of input and screen; null where its programs are missing.</summary>
public sealed class BareDesktop : IAsyncLifetime
{
    public VirtualDesktop? Desktop { get; private set; }

    public async Task InitializeAsync() => Desktop = Tools.Present("Xvfb", "openbox", "dbus-daemon") ? await VirtualDesktop.StartAsync(new() { Accessibility = false }) : null;

    public async Task DisposeAsync()
    {
        if (Desktop is not null) await Desktop.DisposeAsync();
    }
}

/// <summary>Reads a capture until something comes, and keeps everything that came before.</summary>
internal sealed class Witness(IDesktopCapture capture) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public List<CapturedEvent> Seen { get; } = [];

    public IDesktopCapture Capture => capture;

    public IEnumerable<T> All<T>() where T : CapturedEvent => Seen.OfType<T>();

    /// <summary>The first event from now on that is as <paramref name="wanted"/>; frames are disposed after it was asked.</summary>
    public Task<T> NextAsync<T>(Func<T, bool>? wanted = null) where T : CapturedEvent => NextAsync(wanted, Patience);

    /// <summary>Acts, and acts again while nothing comes of it: a browser that is under load now and then overlooks a click that lasts less than a millisecond.</summary>
    public async Task<T> ActUntilAsync<T>(Action act, Func<T, bool> wanted) where T : CapturedEvent
    {
        for (var attempt = 0; attempt < 4; attempt++)
        {
            act();
            try
            {
                return await NextAsync(wanted, TimeSpan.FromSeconds(4));
            }
            catch (TimeoutException)
            {
                // Once more.
            }
        }

        act();
        return await NextAsync(wanted, Patience);
    }

    public Task<CapturedElements> ActUntilAsync(Action act, Func<ElementTree, bool> wanted) => ActUntilAsync<CapturedElements>(act, elements => wanted(elements.Tree));

    private async Task<T> NextAsync<T>(Func<T, bool>? wanted, TimeSpan atMost) where T : CapturedEvent
    {
        using var patience = new CancellationTokenSource(atMost);
        try
        {
            await foreach (var @event in capture.Events.ReadAllAsync(patience.Token))
            {
                Seen.Add(@event);
                var hit = @event is T candidate && (wanted is null || wanted(candidate));
                if (@event is CapturedFrame frame) frame.Image.Dispose();
                if (hit) return (T)@event;
            }
        }
        catch (OperationCanceledException waited)
        {
            throw new TimeoutException($"no such {typeof(T).Name} came; seen: {string.Join(", ", Seen.GroupBy(e => e.GetType().Name).Select(g => $"{g.Count()} {g.Key}"))}; {string.Join(" ", All<CapturedButton>().Select(b => $"clicked {b.Position.X},{b.Position.Y}"))}; the last tree: {Last()}", waited);
        }

        throw new InvalidOperationException($"the capture ended before a {typeof(T).Name} came");
    }

    /// <summary>The pages are the tests' own, so their text may be shown.</summary>
    private string Last() => All<CapturedElements>().LastOrDefault() is { Tree: var tree }
        ? $"{tree.Context.Title} {tree.Context.Document} focus {tree.FocusedId}: {string.Join(" ", tree.Elements.Select(e => $"{e.Id}:{e.Role} '{e.Name}' {e.Hint} {e.Bounds.X},{e.Bounds.Y}"))}" : "none";

    public Task<CapturedElements> TreeAsync(Func<ElementTree, bool> wanted) => NextAsync<CapturedElements>(elements => wanted(elements.Tree));

    public ValueTask DisposeAsync() => capture.DisposeAsync();
}

internal static class Hands
{
    public static void Tap(this IDesktopActor actor, params string[] keys)
    {
        foreach (var key in keys)
        {
            actor.Key(key, down: true);
            actor.Key(key, down: false);
        }
    }

    public static void Chord(this IDesktopActor actor, params string[] keys)
    {
        foreach (var key in keys) actor.Key(key, down: true);
        foreach (var key in keys.Reverse()) actor.Key(key, down: false);
    }

    public static void Click(this IDesktopActor actor, ScreenPoint point)
    {
        actor.Move(point);
        actor.Button(PointerButton.Left, down: true);
        actor.Button(PointerButton.Left, down: false);
    }
}
