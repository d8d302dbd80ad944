using Tutelage.Practice;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Tests;

public sealed class ScreenCaptureTests(BareDesktop bare) : IClassFixture<BareDesktop>
{
    [Fact]
    public async Task Frames_begin_complete_change_only_inside_their_damage_and_end_as_the_screen_is()
    {
        if (bare.Desktop is not { } desktop || !Tools.Present("mousepad")) return;
        await using var capture = desktop.Adapter.OpenCapture(new() { Elements = false, MaxFramesPerSecond = 30 });
        using var actor = desktop.Adapter.OpenActor();
        using var before = (await FrameAsync(capture)).Image;
        before.Damage.ShouldBe(capture.Screen.Bounds);

        await using var editor = await desktop.StartApplicationAsync("mousepad");
        actor.Tap("H", "e", "l", "l", "o");
        var frames = 1;
        using var now = actor.Grab();
        // The caret blinks and the window may still be painting: the screen is compared anew after each frame.
        for (; !before.Pixels.SequenceEqual(now.Pixels); frames++)
        {
            using var next = (await FrameAsync(capture)).Image;
            next.Damage.IsEmpty.ShouldBeFalse();
            DifferenceOutside(before, next, next.Damage).ShouldBe(0);
            next.Pixels.CopyTo(before.Pixels);
            using var latest = actor.Grab();
            latest.Pixels.CopyTo(now.Pixels);
            frames.ShouldBeLessThan(1000);
        }

        frames.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Without_a_reader_only_a_few_frames_are_kept_and_the_last_one_catches_up()
    {
        if (bare.Desktop is not { } desktop || !Tools.Present("zenity")) return;
        await using var capture = desktop.Adapter.OpenCapture(new() { Elements = false, MaxFramesPerSecond = 60 });
        for (var i = 0; i < 6; i++)
        {
            var dialog = await desktop.StartApplicationAsync("zenity", ["--info", "--text", $"number {i}"]);
            await dialog.DisposeAsync();
        }

        var frames = 0;
        while (capture.Events.TryRead(out var @event))
        {
            if (@event is not CapturedFrame frame) continue;
            frames++;
            frame.Image.Dispose();
        }

        frames.ShouldBeInRange(1, CaptureQueue.MaxFrames);
        capture.Lost.ShouldBe(0);
    }

    private static async Task<CapturedFrame> FrameAsync(IDesktopCapture capture)
    {
        using var patience = new CancellationTokenSource(Witness.Patience);
        await foreach (var @event in capture.Events.ReadAllAsync(patience.Token))
            if (@event is CapturedFrame frame) return frame;
        throw new InvalidOperationException("the capture ended");
    }

    private static int DifferenceOutside(ScreenImage before, ScreenImage after, ScreenRect damage)
    {
        var different = 0;
        for (var y = 0; y < before.Size.Height; y++)
        {
            for (var x = 0; x < before.Size.Width; x++)
            {
                var at = y * before.StrideBytes + x * 4;
                if (!damage.Contains(new ScreenPoint(x, y)) && !before.Pixels.Slice(at, 4).SequenceEqual(after.Pixels.Slice(at, 4))) different++;
            }
        }

        return different;
    }
}
