using System.Text.Json;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;

namespace Tutelage.Recording.Bench;

/// <summary>Bytes an input event takes in a segment's input file, everything of that file counted, flushed every 2 s as the recorder does.</summary>
internal static class BatchBench
{
    public static void Run(string duckTrack)
    {
        Measure("synthetic minute, 35 events/s", Office());
        if (!File.Exists(duckTrack))
        {
            Console.WriteLine($"(no DuckTrack recording at {duckTrack})");
            return;
        }
        Measure("DuckTrack recording (13,401 events)", DuckTrack(duckTrack));
    }

    private static void Measure(string what, IReadOnlyList<InputEvent> events)
    {
        foreach (var quantum in new[] { 1, 10 })
        {
            long Size(bool flushing)
            {
                var output = new MemoryStream();
                using var writer = new SegmentWriter(
                    new Dictionary<ContentClass, Stream> { [ContentClass.Input] = output },
                    new(new('0', 32), 0, DateTimeOffset.UnixEpoch, new(1920, 1080), new('0', 64), "bench", quantum, false));
                var flushed = 0L;
                foreach (var input in events)
                {
                    if (flushing && input.Time.Milliseconds / 2000 > flushed)
                    {
                        flushed = input.Time.Milliseconds / 2000;
                        writer.Flush();
                    }
                    writer.Write(input with { Time = new(input.Time.Milliseconds / quantum * quantum) });
                }
                writer.Complete(new(default, 0, 0, 0, 0, 0));
                return output.Length;
            }
            var seconds = Report.Best(() => Size(true));
            Report.Row($"batches, {what}, quantum {quantum} ms", $"{(double)Size(true) / events.Count:F2} bytes/event");
            if (quantum == 1) Report.Row($"batches, {what}, written at", $"{events.Count / seconds / 1e6:F1} M events/s");
        }
    }

    private static List<InputEvent> DuckTrack(string path)
    {
        var events = new List<InputEvent>();
        var start = -1.0;
        foreach (var line in File.ReadLines(path))
        {
            using var json = JsonDocument.Parse(line);
            var row = json.RootElement;
            var seconds = row.GetProperty("time_stamp").GetDouble();
            if (start < 0) start = seconds;
            var time = new SessionTime((long)((seconds - start) * 1000));
            ScreenPoint Point() => new((int)row.GetProperty("x").GetDouble(), (int)row.GetProperty("y").GetDouble());
            events.Add(row.GetProperty("action").GetString() switch
            {
                "move" => new PointerMoved(time, Point()),
                "click" => new ButtonChanged(time, PointerButton.Left, row.GetProperty("pressed").GetBoolean(), Point()),
                "scroll" => new Scrolled(time, (int)row.GetProperty("dx").GetDouble(), (int)row.GetProperty("dy").GetDouble(), Point()),
                "press" => new KeyChanged(time, "tab", KeyModifiers.None, true),
                _ => new KeyChanged(time, "tab", KeyModifiers.None, false),
            });
        }
        return events;
    }

    private static List<InputEvent> Office()
    {
        var random = new Random(1);
        var events = new List<InputEvent>();
        var (time, x, y, run) = (0.0, 800.0, 450.0, 0);
        while (events.Count < 35 * 60)
        {
            var (toX, toY) = (random.Next(1600), random.Next(900));
            var steps = random.Next(20, 70);
            for (var i = 0; i < steps; i++, time += 8)
            {
                (x, y) = (x + (toX - x) * i / steps, y + (toY - y) * i / steps);
                events.Add(new PointerMoved(At(), Point()));
            }
            events.Add(new ButtonChanged(At(), PointerButton.Left, true, Point()));
            time += 80;
            events.Add(new ButtonChanged(At(), PointerButton.Left, false, Point()));
            for (var notch = random.Next(6); notch > 0; notch--, time += 40) events.Add(new Scrolled(At(), 0, 1, Point()));
            if (random.Next(3) == 0)
            {
                events.Add(new TypedRun(At(), new((long)time + 900), run++, 40, new(8, TextKind.Word), 8, false));
                time += 1000;
            }
            time += 60_000.0 * events.Count / (35 * 60) > time ? random.Next(400, 1500) : 100;
        }
        return events;

        SessionTime At() => new((long)time);
        ScreenPoint Point() => new((int)x, (int)y);
    }
}
