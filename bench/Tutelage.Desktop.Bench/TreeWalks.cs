using System.Diagnostics;
using Tutelage.Practice;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Bench;

/// <summary>How long it takes from nothing to the whole tree of a window: asked for anew with each activation.</summary>
internal static class TreeWalks
{
    public static async Task<int> RunAsync(int seconds)
    {
        foreach (var rows in (int[])[5, 100, 400])
        {
            await using var desktop = await VirtualDesktop.StartAsync(new() { Screen = new(1920, 1080) });
            var page = Path.Combine(desktop.Folder, "page.html");
            await File.WriteAllTextAsync(page, Page($"<table style='font-size:2px;line-height:1'>{string.Concat(Enumerable.Range(0, rows).Select(row => $"<tr><td>{row}<td><button>b{row}</button>"))}</table>"));
            await using var browser = await desktop.StartBrowserAsync($"file://{page}");
            var times = new List<double>();
            var elements = 0;
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed.TotalSeconds < seconds / 3.0 || times.Count < 3)
            {
                var began = Stopwatch.GetTimestamp();
                await using var capture = desktop.Adapter.OpenCapture(new() { Frames = false });
                await foreach (var @event in capture.Events.ReadAllAsync())
                {
                    if (@event is not CapturedElements tree) continue;
                    elements = tree.Tree.Elements.Count;
                    break;
                }

                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            times.Sort();
            Console.WriteLine($"{elements} elements: median {times[times.Count / 2]:0} ms, slowest {times[^1]:0} ms of {times.Count} (connecting and registering included)");
        }

        return 0;
    }

    public static string Page(string body) => $"<!doctype html><meta charset=utf-8><title>Bench</title><h1>Bench</h1><p>Some text.</p><form><label>Name <input></label><select><option>a<option>b</select></form>{body}";
}
