using Tutelage.Desktop.X11;
using Tutelage.Practice;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Tests;

public sealed class InputCaptureTests(BareDesktop bare) : IClassFixture<BareDesktop>
{
    private const string End = "F12";

    [Fact]
    public Task Typed_letters_come_back_with_what_they_write() => OnDesktopAsync(async (actor, witness) =>
    {
        actor.Tap("h", "A", "7", "at", "eacute", "Return");
        var keys = await KeysAsync(actor, witness);
        keys.Where(key => key.Down && !key.Key.StartsWith("Shift")).Select(key => (key.Key, key.Text)).ShouldBe(
            [("h", "h"), ("A", "A"), ("7", "7"), ("at", "@"), ("eacute", "é"), ("Return", null)]);
        keys.Where(key => !key.Down && !key.Key.StartsWith("Shift")).Select(key => key.Key).ShouldBe(["h", "A", "7", "at", "eacute", "Return"]);
        keys.Single(key => key is { Key: "A", Down: true }).Modifiers.ShouldBe(KeyModifiers.Shift);
    });

    [Fact]
    public Task Shortcuts_carry_their_modifiers_and_write_nothing() => OnDesktopAsync(async (actor, witness) =>
    {
        actor.Chord("Control_L", "c");
        actor.Chord("Alt_L", "F4");
        actor.Chord("Super_L", "d");
        actor.Chord("Control_L", "Shift_L", "T");
        var keys = await KeysAsync(actor, witness);
        keys.Where(key => key.Down && !key.Key.EndsWith("_L")).Select(key => (key.Key, key.Text, key.Modifiers)).ShouldBe(
        [
            ("c", null, KeyModifiers.Control), ("F4", null, KeyModifiers.Alt), ("d", null, KeyModifiers.Super), ("T", null, KeyModifiers.Control | KeyModifiers.Shift),
        ]);
        keys.Where(key => key.Key == "Control_L").ShouldAllBe(key => !key.Modifiers.HasFlag(KeyModifiers.Control));
    });

    [Fact]
    public Task Characters_that_no_key_carries_are_typed_and_the_layout_is_as_before_afterwards() => OnDesktopAsync(async (actor, witness) =>
    {
        using var connection = XConnection.OpenOrThrow(bare.Desktop!.Display);
        var before = Layout(connection);
        using (var writer = bare.Desktop.Adapter.OpenActor())
        {
            writer.Tap("ccaron", "Cyrillic_zhe", "EuroSign", "U1F600", "ccaron");
            Layout(connection).ShouldNotBe(before);
            var keys = await KeysAsync(actor, witness);
            keys.Where(key => key.Down).Select(key => key.Text).ShouldBe(["č", "ж", "€", "😀", "č"]);
        }

        Layout(connection).ShouldBe(before);
    });

    [Fact]
    public Task A_key_held_down_repeats_and_says_so() => OnDesktopAsync(async (actor, witness) =>
    {
        actor.Key("j", down: true);
        await witness.NextAsync<CapturedKey>(_ => witness.All<CapturedKey>().Count(key => key.Repeat) == 3);
        actor.Key("j", down: false);
        var keys = await KeysAsync(actor, witness);
        witness.All<CapturedKey>().First(key => key.Key == "j").Repeat.ShouldBeFalse();
        keys.Where(key => key.Key == "j").ShouldAllBe(key => key.Repeat || !key.Down);
    });

    [Fact]
    public Task A_drag_keeps_its_path_to_the_pixel() => OnDesktopAsync(async (actor, witness) =>
    {
        ScreenPoint[] path = [new(10, 20), new(11, 20), new(400, 300), new(401, 299), new(1279, 799), new(0, 0)];
        actor.Move(path[0]);
        actor.Button(PointerButton.Left, down: true);
        foreach (var point in path.Skip(1)) actor.Move(point);
        actor.Button(PointerButton.Left, down: false);
        await KeysAsync(actor, witness);
        witness.All<CapturedMove>().Select(move => move.Position).ShouldBe(path);
        witness.All<CapturedButton>().Select(button => (button.Button, button.Down, button.Position)).ShouldBe(
            [(PointerButton.Left, true, path[0]), (PointerButton.Left, false, path[^1])]);
    });

    [Fact]
    public Task The_wheel_is_scrolled_and_never_pressed() => OnDesktopAsync(async (actor, witness) =>
    {
        actor.Move(new(50, 60));
        actor.Scroll(0, 2);
        actor.Scroll(-1, -1);
        await KeysAsync(actor, witness);
        witness.All<CapturedButton>().ShouldBeEmpty();
        witness.All<CapturedScroll>().Select(scroll => (scroll.Dx, scroll.Dy)).ShouldBe([(0, 1), (0, 1), (0, -1), (-1, 0)]);
        witness.All<CapturedScroll>().ShouldAllBe(scroll => scroll.Position == new ScreenPoint(50, 60));
    });

    [Fact]
    public Task Every_one_of_five_thousand_events_arrives_in_order() => OnDesktopAsync(async (actor, witness) =>
    {
        const int count = 5_000;
        var expected = Enumerable.Range(0, count).Select(i => new ScreenPoint(1 + i % 1200, 1 + i / 1200 * 7)).ToList();
        var reading = KeysAfterAsync(witness);
        await Task.Run(() =>
        {
            foreach (var point in expected) actor.Move(point);
            actor.Tap(End);
        });
        await reading;
        var moves = witness.All<CapturedMove>().Select(move => move.Position).ToList();
        var differs = moves.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
        (moves.Count, differs).ShouldBe((count, count), $"from {string.Join(" ", moves.Skip(differs - 1).Take(4))} instead of {string.Join(" ", expected.Skip(differs - 1).Take(4))}");
        witness.Seen.Select(seen => seen.Time).ShouldBeInOrder();
        witness.Capture.Lost.ShouldBe(0);
    });

    [Fact]
    public Task What_nobody_reads_is_counted_and_said() => OnDesktopAsync(async (actor, witness) =>
    {
        const int moves = 2_000;
        for (var i = 0; i < moves; i++) actor.Move(new(i % 1200, 1 + i / 1200));
        // The event after the first read finds room and ends the loss.
        while (!witness.All<CapturedFault>().Any(fault => fault.Over))
        {
            while (witness.Capture.Events.TryRead(out var @event)) witness.Seen.Add(@event);
            actor.Move(new(7, 9));
            actor.Move(new(8, 9));
        }

        actor.Move(new(1, 1));
        await witness.NextAsync<CapturedMove>(move => move.Position == new ScreenPoint(1, 1));
        witness.Capture.Lost.ShouldBeGreaterThan(moves / 2);
        witness.All<CapturedFault>().Select(fault => (fault.Reason, fault.Over)).ShouldBe([(GapReason.EventsLost, false), (GapReason.EventsLost, true)]);
        witness.Seen.SkipWhile(seen => seen is not CapturedFault { Over: true }).Skip(1).First().ShouldBeOfType<CapturedContext>();
    }, new() { QueueCapacity = 256, Frames = false, Elements = false });

    [Fact]
    public Task While_inactive_nothing_is_read() => OnDesktopAsync(async (actor, witness) =>
    {
        witness.Capture.SetActive(false);
        actor.Tap("s", "e", "c");
        witness.Capture.SetActive(true);
        actor.Tap("o", "k");
        var keys = await KeysAsync(actor, witness);
        witness.All<CapturedContext>().Count().ShouldBe(2);
        keys.Where(key => key.Down).Select(key => key.Key).ShouldBe(["o", "k"]);
    });

    private static Task<List<CapturedKey>> KeysAsync(IDesktopActor actor, Witness witness)
    {
        actor.Tap(End);
        return KeysAfterAsync(witness);
    }

    /// <summary>All keys that came until the end key was released, without it.</summary>
    private static async Task<List<CapturedKey>> KeysAfterAsync(Witness witness)
    {
        var first = witness.Seen.Count;
        await witness.NextAsync<CapturedKey>(key => key is { Key: End, Down: false });
        return [.. witness.Seen.Skip(first).OfType<CapturedKey>().Where(key => key.Key != End)];
    }

    private static unsafe nuint[] Layout(XConnection connection)
    {
        _ = Xlib.XDisplayKeycodes(connection.Display, out var minimum, out var maximum);
        var mapping = Xlib.XGetKeyboardMapping(connection.Display, (byte)minimum, maximum - minimum + 1, out var levels);
        var keys = new List<nuint>();
        // The number of levels may grow; only what is on them counts.
        for (var i = 0; i < (maximum - minimum + 1) * levels; i++)
            if (mapping[i] != 0) keys.Add((nuint)(i / levels) << 32 | mapping[i]);
        _ = Xlib.XFree((nint)mapping);
        return [.. keys];
    }

    private async Task OnDesktopAsync(Func<IDesktopActor, Witness, Task> test, CaptureOptions? options = null)
    {
        if (bare.Desktop is not { } desktop) return;
        using var actor = desktop.Adapter.OpenActor();
        actor.Move(new(640, 400));
        await using var witness = new Witness(desktop.Adapter.OpenCapture(options ?? new() { Elements = false, Frames = false }));
        await test(actor, witness);
    }
}
