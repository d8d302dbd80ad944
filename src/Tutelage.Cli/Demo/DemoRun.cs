using System.Collections.Concurrent;
using System.Diagnostics;
using System.Formats.Tar;
using System.Text.Json;
using Tutelage.Cli.Demo.Reporting;
using Tutelage.Cli.Demo.Scoring;
using Tutelage.Cli.Demo.Searching;
using Tutelage.Ledger;
using Tutelage.Practice.Script;
using Tutelage.Practice.Site;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Images;
using Tutelage.Recording.Segments;
using Tutelage.Redaction.Ocr;
using Tutelage.Trajectories.DataSets;

namespace Tutelage.Cli.Demo;

/// <summary>The whole way, once: hosts, people, work, recording, sending, a data set, an export, and a search for what should not be there.</summary>
internal sealed class DemoRun(DemoOptions options, string folder, IDemoView view, TimeProvider time)
{
    private readonly SortedDictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private readonly List<PlantHit> _found = [];
    private readonly HashSet<string> _foundWithout = new(StringComparer.Ordinal);

    public async Task<DemoSummary> RunAsync(CancellationToken cancellationToken)
    {
        var script = DemoScript.For(options.Seed, options.Participants, options.Episodes, options.Pace);
        using var ocr = OcrEngine.TryLoad(OcrFolder());
        await using var site = PracticeSite.Start(time);
        await using var programme = await StageAsync("start", () => DemoProgramme.StartAsync(Path.Combine(folder, "programme"), time, cancellationToken));
        var sessions = await StageAsync("work", () => WorkAsync(script, site, programme, cancellationToken));

        var search = new PlantSearch(script.Plants.Select(plant => (plant.Id, plant.Value)).ToList());
        var looked = new SegmentSearch(search, ocr, quantumMs: 50);
        var control = new SegmentSearch(search, ocr, quantumMs: 300, onceIsEnough: true);
        var held = Stage("search segments", () => sessions.Select(session => SearchHeld(session, looked)).ToList());
        Stage("search without redaction", () => { foreach (var session in sessions) SearchWitness(session, control); return 0; });

        var sent = await StageAsync("send", () => SendAsync(sessions, cancellationToken));
        var built = await StageAsync("build", () => programme.RunGrantAsync(programme.BuildRequest(sessions.Select(session => session.Tag).ToList()), view.Say, cancellationToken));
        var dataset = built.GetProperty("dataset").GetString()!;
        var tags = sessions.Select(session => session.Tag).ToList();
        var agentnet = await StageAsync("export", () => ExportAsync(programme, tags, dataset, "agentnet", cancellationToken));
        var webdataset = await StageAsync("export", () => ExportAsync(programme, tags, dataset, "webdataset", cancellationToken));

        var trajectories = ReadShards(webdataset);
        var scored = sessions.ToDictionary(session => session, session => Score(session, trajectories));
        Stage("search exports", () => { SearchExports(agentnet, webdataset, trajectories, sessions, search, looked); return 0; });
        var ledger = await StageAsync("verify", () => VerifyAsync(programme, sessions, cancellationToken));
        await programme.DisposeAsync();
        var (files, bytes) = Stage("search files", () => SearchFiles(search));

        var summary = Summarise(script, sessions, held, sent, built, [agentnet, webdataset], scored, ledger.Report, looked, files, bytes);
        Stage("report", () =>
        {
            DemoReport.Write(summary.Report, new(options.Seed, time.GetUtcNow().ToString("u"), summary, sessions.Select((session, index) => ReportOf(session, held[index], scored[session])).ToList(),
                ReportPlants(script, sessions), ledger.Shown));
            return 0;
        });
        return summary with { Seconds = _seconds };
    }

    /// <summary>What no process of the product wrote: the truth and the control, which hold every plant on purpose.</summary>
    private static readonly string[] NotSearched = ["truth", "raw-witness"];

    private async Task<List<DemoSession>> WorkAsync(DemoScript script, PracticeSite site, DemoProgramme programme, CancellationToken cancellationToken)
    {
        var manifest = DemoManifest.For(site.Address);
        var waiting = new ConcurrentQueue<(int Order, ParticipantScript Script)>(script.Participants.Select((participant, order) => (order, participant)));
        var done = new ConcurrentBag<(int Order, DemoSession Session)>();
        async Task SitAsync()
        {
            await using var desk = await DemoDesk.StartAsync(site, time, cancellationToken);
            while (waiting.TryDequeue(out var next))
            {
                var name = next.Script.Persona.Name;
                var home = Path.Combine(folder, "people", name);
                var tag = await programme.EnrolAsync(home, name, manifest, time, cancellationToken);
                var session = await desk.WorkAsync(next.Script, tag, home, Path.Combine(folder, "raw-witness", name), what => view.Say($"{name}: {what}"), cancellationToken);
                Directory.CreateDirectory(Path.Combine(folder, "truth"));
                session.Truth.Save(Path.Combine(folder, "truth", name + ".json"));
                done.Add((next.Order, session));
            }
        }
        // A desktop with a browser, a recorder and the witness needs about two cores to keep accessibility in step with the screen.
        var desks = Math.Clamp(Environment.ProcessorCount / 2, 1, Math.Min(2, script.Participants.Count));
        await Task.WhenAll(Enumerable.Range(0, desks).Select(_ => SitAsync()));
        return done.OrderBy(session => session.Order).Select(session => session.Session).ToList();
    }

    private IReadOnlyList<HeldSegment> SearchHeld(DemoSession session, SegmentSearch looked)
    {
        var spool = new SpoolFolder(Path.Combine(session.Folder, "spool"), time);
        var segments = new List<HeldSegment>();
        foreach (var id in spool.Held())
        {
            using var opened = spool.Open(id);
            var files = opened.Files.ToDictionary(file => file.Key, file => ReadAll(file.Value));
            _found.AddRange(looked.Search($"{session.Name} segment {id[..8]}", files, session.Truth, session.StartMs));
            segments.Add(new(id, files));
        }
        return segments;
    }

    private void SearchWitness(DemoSession session, SegmentSearch control)
    {
        var files = Enum.GetValues<ContentClass>().ToDictionary(kept => kept, kept => File.ReadAllBytes(Path.Combine(session.WitnessFolder, kept.ToString().ToLowerInvariant() + ".mcap")));
        var start = WitnessStart(session);
        foreach (var hit in control.Search(session.Name + " without redaction", files, session.Truth, start)) _foundWithout.Add(hit.PlantId);
    }

    private async Task<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<DemoSession> sessions, CancellationToken cancellationToken)
    {
        var results = new List<SendResult>();
        foreach (var session in sessions)
        {
            using var enrolment = Enrolment.Load(session.Folder);
            var spool = new SpoolFolder(Path.Combine(session.Folder, "spool"), time);
            var sender = new HeldSending(spool, enrolment, time);
            await foreach (var result in sender.SendAllAsync(cancellationToken))
                results.Add(result.Outcome == SendOutcome.Sent ? result : throw new DemoFailedException($"segment {result.Id} was not sent: {result.Detail}"));
        }
        return results;
    }

    private async Task<string> ExportAsync(DemoProgramme programme, IReadOnlyList<string> tags, string dataset, string format, CancellationToken cancellationToken)
    {
        var line = await programme.RunGrantAsync(programme.ExportRequest(tags, dataset, format), view.Say, cancellationToken);
        var target = Path.Combine(folder, "exports", format);
        Directory.CreateDirectory(target);
        using var tar = new MemoryStream(await programme.OpenExportAsync(line.GetProperty("export").GetString()!, cancellationToken));
        await TarFile.ExtractToDirectoryAsync(tar, target, overwriteFiles: false, cancellationToken);
        return target;
    }

    private static List<ShardTrajectory> ReadShards(string folder)
    {
        var trajectories = new List<ShardTrajectory>();
        foreach (var path in Directory.EnumerateFiles(folder, "shard-*.tar").Order(StringComparer.Ordinal))
        {
            using var shard = File.OpenRead(path);
            trajectories.AddRange(DataSetReader.Read(shard));
        }
        return trajectories;
    }

    private static IReadOnlyList<ScoredAction> Score(DemoSession session, IReadOnlyList<ShardTrajectory> trajectories)
    {
        var mine = trajectories.Where(trajectory => trajectory.Tag == session.Tag).ToList();
        var scored = new List<ScoredAction>();
        foreach (var task in session.Truth.Tasks)
        {
            var done = session.Truth.Actions.Where(action => action.Task == task.Task && action.Seed == task.Seed && !action.InOtherApp).ToList();
            var found = mine.Where(trajectory => trajectory.Trajectory.TaskId == task.Id).SelectMany(trajectory => trajectory.Trajectory.Steps).Select(step => step.Action).ToList();
            scored.AddRange(ActionMatch.Align(done, found));
        }
        // What was done in a context outside the allow-list is matched by a gap and by nothing else.
        scored.AddRange(session.Truth.Actions.Where(action => action.InOtherApp).Select(action => new ScoredAction(action, null)));
        return scored;
    }

    private void SearchExports(
        string agentnet, string webdataset, IReadOnlyList<ShardTrajectory> trajectories, IReadOnlyList<DemoSession> sessions, PlantSearch search, SegmentSearch looked)
    {
        foreach (var path in new[] { agentnet, webdataset }.SelectMany(root => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)))
            _found.AddRange(search.InFile(Path.GetRelativePath(folder, path), path));
        foreach (var trajectory in trajectories)
        {
            var session = sessions.First(session => session.Tag == trajectory.Tag);
            for (var step = 0; step < trajectory.Trajectory.Steps.Count; step++)
            {
                if (trajectory.StepImages[step] is not { } name || trajectory.Trajectory.Steps[step].Observation.Frame is not { } frame) continue;
                using var image = Png.Read(new MemoryStream(trajectory.Images[name]));
                _found.AddRange(looked.InPicture($"export {trajectory.Tag[..8]} {name}", image, session.Truth, session.StartMs + frame.Time.Milliseconds));
            }
        }
    }

    /// <summary>Every file that vault, auditor, server, recorders and jobs wrote. The browser's own profile lies elsewhere and was removed with its desktop.</summary>
    private (int Files, long Bytes) SearchFiles(PlantSearch search)
    {
        var (files, bytes) = (0, 0L);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var place = Path.GetRelativePath(folder, path);
            if (NotSearched.Contains(place.Split('/')[0])) continue;
            _found.AddRange(search.InFile(place, path));
            files++;
            bytes += new FileInfo(path).Length;
        }
        return (files, bytes);
    }

    private async Task<(LogReport Report, ReportLedger Shown)> VerifyAsync(DemoProgramme programme, IReadOnlyList<DemoSession> sessions, CancellationToken cancellationToken)
    {
        var log = Path.Combine(programme.Hosts.Folder, "vault", "log");
        var policy = LogPolicy.Parse($"log {programme.Hosts.LogKey}\nwitness auditor {programme.Hosts.WitnessKey}\nquorum auditor\n");
        var report = LogVerifier.Verify(log, policy);
        return (report, await LedgerReading.ReadAsync(log, policy, report, programme, sessions, time, cancellationToken));
    }

    private DemoSummary Summarise(
        DemoScript script, IReadOnlyList<DemoSession> sessions, IReadOnlyList<IReadOnlyList<HeldSegment>> held, IReadOnlyList<SendResult> sent, JsonElement built, IReadOnlyList<string> exports,
        IReadOnlyDictionary<DemoSession, IReadOnlyList<ScoredAction>> scored, LogReport ledger, SegmentSearch looked, int files, long bytes)
    {
        var readers = held.SelectMany(session => session).Select(segment => segment.Open()).ToList();
        var gaps = readers.SelectMany(reader => reader.Gaps).GroupBy(gap => gap.Reason.ToString()).ToDictionary(reason => reason.Key, reason => reason.Count(), StringComparer.Ordinal);
        var planted = sessions.SelectMany(session => session.Truth.Plants).Where(plant => plant.Moments.Count > 0).Select(plant => plant.Id).Distinct().ToList();
        var kept = readers.Sum(reader => reader.Health?.Kept ?? 0);
        var matched = scored.Sum(session => session.Value.Count(action => action.Done.InOtherApp ? HasGap(held[IndexOf(sessions, session.Key)]) : action.Found is not null));
        return new(
            new(sessions.Count, sessions.Sum(session => session.Status.Seen), sessions.Sum(session => session.Status.Lost), sent.Count, sent.Sum(result => result.SealedBytes),
                sessions.Sum(session => session.Status.Seconds) / 60, kept == 0 ? 0 : (double)sent.Sum(result => result.InputBytes) / kept),
            gaps,
            new(planted.Count, planted.Count(_foundWithout.Contains), _found.Select(hit => hit.PlantId).Distinct().Count(),
                new(files, bytes + looked.Bytes, held.Sum(session => session.Count), looked.Pictures, looked.TrueBoxes)),
            new(built.GetProperty("dataset").GetString()!, built.GetProperty("trajectories").GetInt32(), built.GetProperty("actions").GetInt32(), built.GetProperty("frames").GetInt32(),
                exports.Select(path => Path.GetFileName(path)!).ToList()),
            scored.Sum(session => session.Value.Count), matched, new(ledger.Size, ledger.Verified, ledger.AuditedSize), _seconds, ReportPath());
    }

    private string ReportPath() => options.Keep is null ? Path.Combine(Path.GetTempPath(), $"tutelage-demo-{Environment.ProcessId}-report.html") : Path.Combine(folder, "report.html");

    private static bool HasGap(IReadOnlyList<HeldSegment> held) => held.Any(segment => segment.Open().Gaps.Any(gap => gap.Reason == GapReason.NotAllowed));

    private static int IndexOf(IReadOnlyList<DemoSession> sessions, DemoSession session) => sessions.TakeWhile(other => other != session).Count();

    private static long WitnessStart(DemoSession session) =>
        long.Parse(File.ReadAllText(Path.Combine(session.WitnessFolder, "start-ms")), System.Globalization.CultureInfo.InvariantCulture);

    private ReportSession ReportOf(DemoSession session, IReadOnlyList<HeldSegment> held, IReadOnlyList<ScoredAction> scored) =>
        SessionReport.Of(session, held, WitnessStart(session), scored);

    private List<ReportPlant> ReportPlants(DemoScript script, IReadOnlyList<DemoSession> sessions) =>
        script.Plants.Select(plant => new ReportPlant(
            plant.Kind.ToString(), plant.Format, plant.Place.ToString(), sessions.First(session => session.Script.Plants.Any(mine => mine.Id == plant.Id)).Name,
            _foundWithout.Contains(plant.Id), _found.Where(hit => hit.PlantId == plant.Id).Select(hit => $"{hit.Place} ({hit.How})").Distinct().ToList())).ToList();

    private async Task<TResult> StageAsync<TResult>(string name, Func<Task<TResult>> work)
    {
        view.Begin(name);
        var watch = Stopwatch.StartNew();
        var result = await work();
        _seconds[name] = Math.Round(_seconds.GetValueOrDefault(name) + watch.Elapsed.TotalSeconds, 2);
        view.End(name, _seconds[name]);
        return result;
    }

    private TResult Stage<TResult>(string name, Func<TResult> work) => StageAsync(name, () => Task.FromResult(work())).GetAwaiter().GetResult();

    private static string OcrFolder() => Environment.GetEnvironmentVariable("TUTELAGE_OCR") ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../ocr"));

    private static byte[] ReadAll(Stream stream)
    {
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}

/// <summary>A segment's plaintext while it waited on its owner's machine.</summary>
internal sealed record HeldSegment(string Id, IReadOnlyDictionary<ContentClass, byte[]> Files)
{
    public SegmentReader Open() => SegmentReader.Open(Files.ToDictionary(file => file.Key, file => (Stream)new MemoryStream(file.Value)));
}

/// <summary>Where progress goes.</summary>
internal interface IDemoView
{
    void Begin(string stage);

    void End(string stage, double seconds);

    void Say(string what);
}
