using System.Diagnostics;
using Tutelage.Practice;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task A_killed_X_server_ends_capture_with_a_fault_and_hands_with_an_exception()
    {
        if (!Tools.Present("Xvfb", "openbox", "dbus-daemon")) return;
        await using var desktop = await VirtualDesktop.StartAsync(new() { Accessibility = false });
        await using var witness = new Witness(desktop.Adapter.OpenCapture(new() { Elements = false }));
        using var actor = desktop.Adapter.OpenActor();
        await witness.NextAsync<CapturedFrame>();

        await desktop.KillServerAsync();

        (await witness.NextAsync<CapturedFault>()).Reason.ShouldBe(GapReason.ContextUnknown);
        await witness.Capture.Events.Completion.WaitAsync(Witness.Patience);
        Should.Throw<DesktopUnavailableException>(() => actor.Move(new(1, 1))).Message.ShouldContain(desktop.Display);
        Should.Throw<DesktopUnavailableException>(() => desktop.Adapter.OpenCapture(new()));
        desktop.Adapter.Check().Supported.ShouldBeFalse();
    }

    [Fact]
    public async Task A_killed_accessibility_bus_is_a_fault_until_it_is_back()
    {
        if (!Tools.Present("Xvfb", "openbox", "dbus-daemon", "zenity")) return;
        await using var desktop = await VirtualDesktop.StartAsync();
        await using var witness = new Witness(desktop.Adapter.OpenCapture(new() { Frames = false }));
        var dialog = await desktop.StartApplicationAsync("zenity", ["--entry", "--text", "Your city"]);
        await witness.TreeAsync(tree => tree.Elements.Any(element => element.Name == "Your city"));

        await desktop.KillAccessibilityAsync();
        (await witness.NextAsync<CapturedFault>()).ShouldSatisfyAllConditions(
            fault => fault.Reason.ShouldBe(GapReason.AccessibilityLost), fault => fault.Over.ShouldBeFalse());
        await dialog.DisposeAsync();

        await desktop.StartAccessibilityAsync();
        (await witness.NextAsync<CapturedFault>()).ShouldSatisfyAllConditions(
            fault => fault.Reason.ShouldBe(GapReason.AccessibilityLost), fault => fault.Over.ShouldBeTrue());
        await using var again = await desktop.StartApplicationAsync("zenity", ["--entry", "--text", "Your street"]);
        await witness.TreeAsync(tree => tree.Elements.Any(element => element.Name == "Your street"));
    }

    [Fact]
    public async Task A_program_that_hangs_does_not_hold_up_capture()
    {
        if (!Tools.Present("Xvfb", "openbox", "dbus-daemon", "zenity", "mousepad", "kill")) return;
        await using var desktop = await VirtualDesktop.StartAsync();
        await using var witness = new Witness(desktop.Adapter.OpenCapture(new() { Frames = false }));
        using var actor = desktop.Adapter.OpenActor();
        await using var hanging = await desktop.StartApplicationAsync("zenity", ["--entry", "--text", "Stuck"]);
        await witness.TreeAsync(tree => tree.Elements.Any(element => element.Name == "Stuck"));
        using (var stop = Process.Start("kill", ["-STOP", $"{hanging.ProcessId}"])) await stop.WaitForExitAsync();
        actor.Tap("a");
        await witness.NextAsync<CapturedKey>(key => key is { Key: "a", Down: false });
        await using var editor = await desktop.StartApplicationAsync("mousepad");
        await witness.TreeAsync(tree => tree.Context.App == "mousepad" && tree.Elements.Any(element => element.Role == "menuitem" || element.Role == "menu"));
    }

    [Fact]
    public async Task Several_desktops_do_not_see_each_other_and_leave_nothing_behind()
    {
        if (!Tools.Present("Xvfb", "openbox", "dbus-daemon", "zenity")) return;
        string folder;
        int server;
        await using (var one = await VirtualDesktop.StartAsync())
        await using (var two = await VirtualDesktop.StartAsync())
        {
            one.Display.ShouldNotBe(two.Display);
            await using var witnessOfOne = new Witness(one.Adapter.OpenCapture(new() { Frames = false }));
            await using var witnessOfTwo = new Witness(two.Adapter.OpenCapture(new() { Frames = false }));
            await using var dialogOne = await one.StartApplicationAsync("zenity", ["--entry", "--text", "First"]);
            await using var dialogTwo = await two.StartApplicationAsync("zenity", ["--entry", "--text", "Second"]);
            await witnessOfOne.TreeAsync(tree => tree.Elements.Any(element => element.Name == "First"));
            await witnessOfTwo.TreeAsync(tree => tree.Elements.Any(element => element.Name == "Second"));
            using var hands = two.Adapter.OpenActor();
            hands.Tap("q");
            await witnessOfTwo.NextAsync<CapturedKey>(key => key.Key == "q");
            witnessOfOne.Capture.Events.TryRead(out var stray).ShouldBe(stray is CapturedContext or CapturedElements);
            (folder, server) = (two.Folder, dialogTwo.ProcessId);
        }

        Directory.Exists(folder).ShouldBeFalse();
        File.Exists($"/proc/{server}/cmdline").ShouldBeFalse();
    }
}
