using System.Diagnostics;
using Tutelage.Trajectories;
using Tutelage.Trajectories.Importing;

// Raw events a second that the reducer takes on one core, events already in memory.
// dotnet run -c Release --project bench/Tutelage.Trajectories.Bench [events.jsonl of DuckTrack]
Measure("generated, 300 elements a snapshot", Generated(events: 1_000_000));
if (args.Length > 0)
{
    using var file = File.OpenRead(args[0]);
    var watch = Stopwatch.StartNew();
    var recording = DuckTrackRecording.Read(file, out _);
    Console.WriteLine($"DuckTrack import: {recording.Input.Count / watch.Elapsed.TotalSeconds / 1e6:F2} M events/s (first reading, cold)");
    Measure("DuckTrack", recording);
}

static void Measure(string name, SessionTimeline timeline)
{
    var repeats = Math.Max(1, 4_000_000 / Math.Max(1, timeline.Input.Count));
    ActionReducer.Reduce(timeline);
    var actions = 0;
    var allocated = GC.GetAllocatedBytesForCurrentThread();
    var watch = Stopwatch.StartNew();
    for (var repeat = 0; repeat < repeats; repeat++)
    {
        actions = 0;
        timeline.Replay(new ActionReducer(ReductionOptions.Default, _ => actions++));
    }

    var events = (double)timeline.Input.Count * repeats;
    Console.WriteLine(
        $"{name}: {events / watch.Elapsed.TotalSeconds / 1e6:F2} M events/s, {(GC.GetAllocatedBytesForCurrentThread() - allocated) / events:F1} B allocated an event, {timeline.Input.Count} events to {actions} actions");
}

// Moves with a click, a key, scrolls and typing now and then, in about the proportions of a real mouse at 35 events/s.
static SessionTimeline Generated(int events)
{
    var random = new Random(1);
    var screen = new ScreenSize(1920, 1080);
    var assembly = new TimelineAssembly("bench", screen);
    var elements = Enumerable.Range(0, 300).Select(id => new RecordedElement(
        id, -1, id % 3 == 0 ? "button" : "generic", $"Element {id}", null, null, null, null, ElementStates.Visible, new(id % 20 * 96, id / 20 * 72, 90, 60))).ToList();
    long now = 0;
    var run = 0;
    for (var count = 0; count < events;)
    {
        now += 28;
        var time = new SessionTime(now / 50 * 50);
        var point = new ScreenPoint(random.Next(1920), random.Next(1080));
        switch (random.Next(200))
        {
            case 0:
                assembly.Add(new ButtonChanged(time, PointerButton.Left, true, point));
                assembly.Add(new ButtonChanged(time, PointerButton.Left, false, point));
                assembly.Add(new ElementSnapshot(time, new("app", null, null, screen.Bounds), elements, random.Next(300)));
                count += 2;
                break;
            case 1:
                assembly.Add(new KeyChanged(time, "enter", KeyModifiers.None, true));
                assembly.Add(new KeyChanged(time, "enter", KeyModifiers.None, false));
                count += 2;
                break;
            case 2:
                assembly.Add(new TypedRun(time, time, run++, random.Next(300), new(8, TextKind.Word), 8, false));
                count++;
                break;
            case < 10:
                assembly.Add(new Scrolled(time, 0, 1, point));
                count++;
                break;
            default:
                assembly.Add(new PointerMoved(time, point));
                count++;
                break;
        }
    }

    return assembly.ByTime();
}
