using System.Diagnostics;
using System.Globalization;
using Tutelage.Release.Bench;

// Key releases through a real vault and a real auditor on loopback, asked for by real jobs over their pipes.
//   ./build.sh bench Release [FOLDER]         releases, some two minutes; FOLDER decides the disk
//   ./build.sh bench Release halt [FOLDER]    halts while jobs are given keys
if (args is ["--job", var requests, var keys]) return AskingJob.Run(int.Parse(requests, CultureInfo.InvariantCulture), int.Parse(keys, CultureInfo.InvariantCulture));
var halts = args is ["halt", ..];
var at = args.Skip(halts ? 1 : 0).FirstOrDefault() ?? Path.GetTempPath();
Console.WriteLine("| what | figure |\n|---|---:|");
if (halts)
{
    await HaltAsync("halt at the vault", custodians => custodians.Vault);
    await HaltAsync("halt at the auditor alone", custodians => custodians.Auditor);
    return 0;
}

await MeasureAsync("one release, one after the other", requests: 600, keys: 1, jobs: 1, segments: 1);
await MeasureAsync("single releases, 16 jobs at once", requests: 150, keys: 1, jobs: 16, segments: 1);
await MeasureAsync("256 keys a request, 2 jobs at once", requests: 20, keys: 256, jobs: 2, segments: 256);
return 0;

async Task HaltAsync(string what, Func<Custodians, Uri> host)
{
    var root = Directory.CreateDirectory(Path.Combine(at, $"tutelage-release-bench-{Guid.NewGuid():N}")).FullName;
    try
    {
        await using var custodians = await Custodians.StartAsync(root, requests: 100_000, keys: 1);
        await custodians.FillAsync(1);
        var rounds = new HaltRounds(custodians);
        var grants = new[] { await custodians.GrantAsync(), await custodians.GrantAsync() };
        await rounds.MeasureAsync(host(custodians), 2, grants); // compiles everything on the way
        await rounds.MeasureAsync(host(custodians), 20, grants);
        Console.WriteLine($"| {what}, 2 jobs being given keys | {rounds.Figures} |");
    }
    finally
    {
        Directory.Delete(root, recursive: true);
    }
}

async Task MeasureAsync(string what, int requests, int keys, int jobs, int segments)
{
    var root = Directory.CreateDirectory(Path.Combine(at, $"tutelage-release-bench-{Guid.NewGuid():N}")).FullName;
    try
    {
        await using var custodians = await Custodians.StartAsync(root, requests, keys);
        await custodians.FillAsync(segments);
        await custodians.RunAsync(await custodians.GrantAsync()); // compiles everything on the way
        var grants = new List<string>();
        for (var i = 0; i < jobs; i++) grants.Add(await custodians.GrantAsync());
        var before = custodians.Processor();
        var began = Stopwatch.GetTimestamp();
        var times = (await Task.WhenAll(grants.Select(custodians.RunAsync))).SelectMany(t => t).Order().ToList();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var after = custodians.Processor();

        // Starting the jobs is not part of a release: the rate is over the time in which requests were under way.
        var busy = times.Sum() / 1000 / jobs;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {what} | p50 {times[times.Count / 2]:0.0} ms, p99 {times[times.Count * 99 / 100]:0.0} ms; {times.Count / busy:0} releases/s, {times.Count * keys / busy:0} keys/s; {(after.Vault - before.Vault).TotalMilliseconds / times.Count:0.0} ms of processor a release in the vault, {(after.Auditor - before.Auditor).TotalMilliseconds / times.Count:0.0} in the auditor ({times.Count} releases, {seconds:0.0} s with job starts) |"));
    }
    finally
    {
        Directory.Delete(root, recursive: true);
    }
}
