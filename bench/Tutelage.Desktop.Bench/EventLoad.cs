using System.Diagnostics;
using Tutelage.Practice;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.Bench;

/// <summary>Moves, keys and buttons at a steady rate against capture: everything that was done must come back once, in order.</summary>
internal static class EventLoad
{
    private const string End = "F12";

    public static async Task<int> RunAsync(int seconds, int perSecond)
    {
        await using var desktop = await VirtualDesktop.StartAsync(new() { Accessibility = false });
        await using var capture = desktop.Adapter.OpenCapture(new() { Elements = false, MaxFramesPerSecond = 4 });
        using var actor = desktop.Adapter.OpenActor();
        var done = new List<string>();
        var came = new List<string>();
        var reading = Task.Run(async () =>
        {
            await foreach (var @event in capture.Events.ReadAllAsync())
            {
                switch (@event)
                {
                    case CapturedMove move: came.Add($"{move.Position.X},{move.Position.Y}"); break;
                    case CapturedButton button: came.Add($"button {button.Down}"); break;
                    case CapturedKey { Repeat: false } key when key.Key != End: came.Add($"key {key.Key} {key.Down}"); break;
                    case CapturedKey { Key: End, Down: false }: return;
                    case CapturedFrame frame: frame.Image.Dispose(); break;
                }
            }
        });

        var cpu = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        for (var i = 0; clock.Elapsed.TotalSeconds < seconds; i++)
        {
            switch (i % 10)
            {
                case 3: actor.Key("a", down: true); done.Add("key a True"); break;
                case 4: actor.Key("a", down: false); done.Add("key a False"); break;
                case 7: actor.Button(PointerButton.Left, down: true); done.Add("button True"); break;
                case 8: actor.Button(PointerButton.Left, down: false); done.Add("button False"); break;
                default:
                    var point = new ScreenPoint(1 + i % 1270, 1 + i / 1270 % 790);
                    actor.Move(point);
                    done.Add($"{point.X},{point.Y}");
                    break;
            }

            var ahead = i * 1000.0 / perSecond - clock.Elapsed.TotalMilliseconds;
            if (ahead > 1) await Task.Delay((int)ahead);
        }

        var took = clock.Elapsed.TotalSeconds;
        actor.Key(End, down: true);
        actor.Key(End, down: false);
        var finished = await Task.WhenAny(reading, Task.Delay(10_000)) == reading;
        var used = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        var same = done.Zip(came).TakeWhile(pair => pair.First == pair.Second).Count();
        Console.WriteLine($"events done {done.Count}, came {came.Count}, equal and in order {same}, counted lost {capture.Lost}, end seen {finished}");
        Console.WriteLine($"rate {done.Count / took:0}/s over {took:0.0} s; CPU of this process (generator included) {used / took:P1} of a core");
        if (same != done.Count) Console.WriteLine($"differs: {string.Join(" | ", done.Skip(same).Take(4))} came as {string.Join(" | ", came.Skip(same).Take(4))}");
        return same == done.Count && came.Count == done.Count ? 0 : 1;
    }
}
