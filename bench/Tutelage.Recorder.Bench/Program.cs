using System.Diagnostics;
using System.Globalization;
using Tutelage.Practice;
using Tutelage.Practice.Eyes;
using Tutelage.Practice.Participants;
using Tutelage.Practice.Script;
using Tutelage.Practice.Site;
using Tutelage.Recorder.Bench;
using Tutelage.Recording;

// Usage: [events] [quiet] [work] [--seconds N] [--threads]; without a name, all three.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var seconds = args.SkipWhile(argument => argument != "--seconds").Skip(1).Select(int.Parse).FirstOrDefault(60);
var named = args.Where(argument => argument is "events" or "quiet" or "work").ToList();
bool Wanted(string name) => named.Count == 0 || named.Contains(name);
Console.WriteLine($"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}, {Environment.ProcessorCount} cores, {seconds} s each");

if (Wanted("events")) await MovesAsync("1,000 events a second by XTEST", perSecond: 1000);
if (Wanted("quiet")) await MovesAsync("35 events a second by XTEST", perSecond: 35);
if (Wanted("work")) await WorkAsync();
return 0;

async Task MovesAsync(string title, int perSecond)
{
    await using var site = PracticeSite.Start(TimeProvider.System);
    await using var desktop = await VirtualDesktop.StartAsync();
    await using var browser = await desktop.StartBrowserAsync(site.AddressOf("expense-form", 7).AbsoluteUri);
    using var person = new Person(site.Address);
    await using var recorder = await Watched.StartAsync(person, desktop);
    using var actor = desktop.Adapter.OpenActor();
    await Task.Delay(3000);
    var before = recorder.Seconds();
    var threads = recorder.Threads();
    var made = new List<ScreenPoint>();
    var watch = Stopwatch.StartNew();
    var random = new Random(1);
    double x = 400, y = 400, direction = 0;
    while (watch.Elapsed.TotalSeconds < seconds)
    {
        for (var due = (int)(watch.Elapsed.TotalSeconds * perSecond); made.Count < due;)
        {
            // A hand's wandering: a few pixels a step, in slowly turning directions, never twice at one place in a row.
            direction += (random.NextDouble() - 0.5) * 0.6;
            var (nextX, nextY) = (Math.Clamp(x + Math.Cos(direction) * 4, 200, 1000), Math.Clamp(y + Math.Sin(direction) * 4, 150, 700));
            if (nextX is <= 200 or >= 1000 || nextY is <= 150 or >= 700) direction += 1;
            var next = new ScreenPoint((int)nextX, (int)nextY);
            (x, y) = (nextX, nextY);
            if (made.Count > 0 && made[^1] == next) next = next with { X = next.X + 1 };
            actor.Move(next);
            made.Add(next);
        }
        await Task.Delay(1);
    }
    var elapsed = watch.Elapsed.TotalSeconds;
    await Task.Delay(3000);
    var (after, memory) = (recorder.Seconds(), recorder.Memory());
    var busy = Difference(recorder.Threads(), threads);
    var status = await recorder.StopAsync();
    var kept = person.Measure();
    var stored = kept.Moves.OrderBy(move => move.Segment).Select(move => move.Position).ToList();
    var at = 0;
    foreach (var position in stored)
        if (at < made.Count && made[at] == position) at++;
    Title(title);
    Row("sent, seen, kept, lost", $"{made.Count} / {status.Seen} / {status.Kept} / {status.Lost}");
    Row("sent a second", $"{made.Count / elapsed:0}");
    Row("moves found in the spool in the order made", $"{at} of {made.Count}");
    Costs(kept, after, before, memory, elapsed, busy);
}

async Task WorkAsync()
{
    var script = DemoScript.For(5, participants: 1, episodes: 24, pace: 1).Participants[0];
    await using var site = PracticeSite.Start(TimeProvider.System);
    await using var desktop = await VirtualDesktop.StartAsync();
    await using var browser = await desktop.StartBrowserAsync(site.Assign(script)[0].AbsoluteUri);
    await using var eyes = await PageEyes.ConnectAsync(browser.DebuggingPort, TimeProvider.System);
    using var person = new Person(site.Address);
    await using var recorder = await Watched.StartAsync(person, desktop);
    using var actor = desktop.Adapter.OpenActor();
    var participant = new SyntheticParticipant(script.Persona, actor, eyes, new(script.Persona.Name), TimeProvider.System);
    await Task.Delay(3000);
    var before = recorder.Seconds();
    var threads = recorder.Threads();
    using var over = new CancellationTokenSource();
    var working = participant.RunAsync(script, desktop, over.Token);
    var watch = Stopwatch.StartNew();
    await Task.WhenAny(working, Task.Delay(TimeSpan.FromSeconds(seconds)));
    var (half, first) = (recorder.Seconds(), watch.Elapsed.TotalSeconds);
    await Task.WhenAny(working, Task.Delay(TimeSpan.FromSeconds(seconds)));
    var elapsed = watch.Elapsed.TotalSeconds;
    var (after, memory) = (recorder.Seconds(), recorder.Memory());
    var busy = Difference(recorder.Threads(), threads);
    var worked = working.IsCompletedSuccessfully;
    await over.CancelAsync();
    await working.ContinueWith(_ => { }, TaskScheduler.Default);
    var status = await recorder.StopAsync();
    Title("a participant at natural pace, frames on change, no text recognition");
    Row("seen, kept, withheld, lost", $"{status.Seen} / {status.Kept} / {status.Withheld} / {status.Lost}");
    Row("seen a second", $"{status.Seen / elapsed:0.0}" + (worked ? " (all tasks done early)" : ""));
    Row($"one core, recorder: first {first:0} s, while it is compiled", $"{(half.Recorder - before.Recorder) / first:P1}");
    Row($"one core, recorder: next {elapsed - first:0} s", $"{(after.Recorder - half.Recorder) / (elapsed - first):P1}");
    Costs(person.Measure(), after, before, memory, elapsed, busy);
}

void Costs(Kept kept, (double Recorder, double Indicator) after, (double Recorder, double Indicator) before, ((double Peak, double Now) Recorder, (double Peak, double Now) Indicator) memory, double elapsed, Dictionary<string, double> busy)
{
    var (input, all) = (kept.OnDisk[ContentClass.Input], kept.OnDisk.Values.Sum());
    Row("segments, frames, records of input", $"{kept.Segments} / {kept.Frames} / {kept.Events}");
    Row("bytes an input event in the spool: input, all classes", $"{(double)input / kept.Seen:0.0} / {(double)all / kept.Seen:0.0}");
    Row("bytes an input event sealed twice, padded: input, all", $"{(double)kept.Sealed[ContentClass.Input] / kept.Seen:0.0} / {(double)kept.Sealed.Values.Sum() / kept.Seen:0.0}");
    Row("spool a minute, all classes", $"{all / 1e6 / elapsed * 60:0.00} MB");
    Row("one core, whole time: recorder, indicator", $"{(after.Recorder - before.Recorder) / elapsed:P1} / {(after.Indicator - before.Indicator) / elapsed:P1}");
    Row("resident at most, and at the end: recorder", $"{memory.Recorder.Peak:0} / {memory.Recorder.Now:0} MB");
    Row("resident at most, and at the end: indicator", $"{memory.Indicator.Peak:0} / {memory.Indicator.Now:0} MB");
    Row("gaps", kept.Gaps.Count == 0 ? "none" : string.Join(", ", kept.Gaps.GroupBy(reason => reason).Select(group => $"{group.Key} {group.Count()}")));
    if (!args.Contains("--threads")) return;
    foreach (var (name, spent) in busy.OrderByDescending(thread => thread.Value).Take(10)) Row("  thread " + name, $"{spent / elapsed:P1}");
}

static Dictionary<string, double> Difference(Dictionary<string, double> after, Dictionary<string, double> before) => after.ToDictionary(thread => thread.Key, thread => thread.Value - before.GetValueOrDefault(thread.Key));

static void Title(string text) => Console.WriteLine($"\n{text} (load {File.ReadAllText("/proc/loadavg").Split(' ')[0]})");

static void Row(string what, string figure) => Console.WriteLine($"| {what,-56} | {figure,34} |");
