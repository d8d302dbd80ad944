using System.Diagnostics;
using Tutelage.Practice;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Bench;

/// <summary>Input goes on while this process is stopped again and again: the X server's RECORD extension then drops events, capture must not.</summary>
internal static class StalledReader
{
    private const int Moves = 40_000, Width = 1200;

    /// <summary>The child: moves along a known path with a key in between, then F12.</summary>
    public static int Generate(string display)
    {
        using var actor = DesktopAdapters.ForX11(display).OpenActor();
        for (var i = 0; i < Moves; i++)
        {
            actor.Move(At(i));
            if (i % 50 != 0) continue;
            actor.Key("a", down: true);
            actor.Key("a", down: false);
        }

        actor.Key("F12", down: true);
        actor.Key("F12", down: false);
        return 0;
    }

    public static async Task<int> RunAsync(int stops)
    {
        await using var desktop = await VirtualDesktop.StartAsync(new() { Accessibility = false });
        await using var capture = desktop.Adapter.OpenCapture(new() { Elements = false, Frames = false });
        using var generator = Process.Start(Environment.ProcessPath!, [typeof(StalledReader).Assembly.Location, "generate", desktop.Display]);
        using var stopper = Process.Start("sh", ["-c", $"for i in $(seq {stops}); do sleep 0.1; kill -STOP {Environment.ProcessId}; sleep 0.4; kill -CONT {Environment.ProcessId}; done"]);
        int moves = 0, downs = 0, ups = 0, misplaced = 0;
        await foreach (var @event in capture.Events.ReadAllAsync())
        {
            if (@event is CapturedMove move && move.Position != At(moves++)) misplaced++;
            if (@event is CapturedKey { Key: "a" } key) _ = key.Down ? downs++ : ups++;
            if (@event is CapturedKey { Key: "F12", Down: false }) break;
        }

        Console.WriteLine($"moves {moves} of {Moves} (out of place {misplaced}), key downs {downs} and ups {ups} of {Moves / 50}, counted lost {capture.Lost}");
        await stopper.WaitForExitAsync();
        await generator.WaitForExitAsync();
        return moves == Moves && downs == Moves / 50 && ups == downs ? 0 : 1;
    }

    private static ScreenPoint At(int i) => new(1 + i % Width, 1 + i / Width);
}
