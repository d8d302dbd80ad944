using System.Diagnostics;
using Tutelage.Practice;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Bench;

/// <summary>What watching costs while a person works: a page that changes all the time, typing, moving, elements being read; frames at 4 a second.</summary>
internal static class FrameLoad
{
    public static async Task<int> RunAsync(int seconds, string only)
    {
        await using var desktop = await VirtualDesktop.StartAsync();
        var page = Path.Combine(desktop.Folder, "page.html");
        await File.WriteAllTextAsync(page, TreeWalks.Page("<textarea id=t rows=8 cols=60 autofocus></textarea><p id=c></p><script>let n=0;setInterval(()=>{c.textContent='tick '+n++},100)</script>"));
        await using var browser = await desktop.StartBrowserAsync($"file://{page}");
        await using var capture = desktop.Adapter.OpenCapture(new() { Elements = only is "" or "elements", Frames = only is "" or "pixels" });
        // Hands of another process, so that only capture is measured here.
        using var hands = Process.Start(new ProcessStartInfo("sh", ["-c", "while :; do xdotool type --delay 120 'the quick brown fox '; xdotool mousemove_relative 3 1; done"])
        {
            UseShellExecute = false, Environment = { ["DISPLAY"] = desktop.Display },
        })!;
        int frames = 0, trees = 0, inputs = 0, largest = 0;
        try
        {
            using var warm = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await CountAsync(warm.Token);
            (frames, trees, inputs) = (0, 0, 0);
            var cpu = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            using var time = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            await CountAsync(time.Token);
            var used = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
            var took = clock.Elapsed.TotalSeconds;
            Console.WriteLine($"frames {frames / took:0.0}/s, trees {trees / took:0.0}/s of up to {largest} elements, input {inputs / took:0.0}/s over {took:0} s");
            Console.WriteLine($"CPU {used / took:P2} of a core, resident {Environment.WorkingSet / 1048576} MB, lost {capture.Lost}");
            return 0;
        }
        finally
        {
            hands.Kill(entireProcessTree: true);
        }

        async Task CountAsync(CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var @event in capture.Events.ReadAllAsync(cancellationToken))
                {
                    if (@event is CapturedFrame frame)
                    {
                        frames++;
                        frame.Image.Dispose();
                    }
                    else if (@event is CapturedElements elements)
                    {
                        trees++;
                        largest = Math.Max(largest, elements.Tree.Elements.Count);
                    }
                    else
                    {
                        inputs++;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The time is over.
            }
        }
    }
}
