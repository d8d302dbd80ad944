using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tutelage.Cli.Programme;
using Tutelage.Desktop;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Control;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage record</c>: the recorder on one's own desktop, in the foreground, as long as one wants.</summary>
internal static class RecordVerb
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    public static Command Create(TimeProvider time)
    {
        var task = new Option<string?>("--task") { Description = "What you are about to do, in a sentence: marks beginning and end of the task.", HelpName = "WORDS" };
        var person = Options.Person();
        var stop = new Option<bool>("--stop") { Description = "Stops the recorder that runs." };
        var verb = new Command("record", "Records your own X11 desktop until Ctrl+C. For now it spools only: nothing is sent, and text is always shape.\n\nExample: tutelage record --task \"file the travel expenses\"") { task, person, stop };
        verb.SetAction((parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            return parsed.GetValue(stop) ? StopAsync(home.Person(parsed.GetValue(person)), token) : RunAsync(home, parsed.GetValue(person), parsed.GetValue(task), time, token);
        });
        return verb;
    }

    private static async Task<int> StopAsync(string folder, CancellationToken cancellationToken)
    {
        var answer = await RecorderVerbs.AskAsync(folder, new("stop"), cancellationToken);
        Output.Line(answer.Message ?? "stopping");
        return CliExit.Done;
    }

    private static async Task<int> RunAsync(Home home, string? name, string? task, TimeProvider time, CancellationToken cancellationToken)
    {
        var check = DesktopAdapters.ForThisMachine().Check();
        if (!check.Supported) throw new VerbFailedException($"this desktop cannot be recorded: it lacks {string.Join("; ", check.Missing)}", check.WhatToDo, CliExit.Unsupported);
        var folder = home.Person(name);
        using (Enrolment.Load(folder)) { }
        if (await ControlClient.AskAsync(folder, new("status"), cancellationToken) is not null)
            throw new VerbFailedException($"a recorder runs for {Path.GetFileName(folder)} already", "stop it with `tutelage record --stop`", CliExit.AlreadyRunning);

        Output.Line("Until the work on the recorder is done it spools only: nothing is sent by itself, and what you write becomes its shape, never its letters.");
        foreach (var lesser in check.Missing) Output.Line($"Without {lesser}. {check.WhatToDo}");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => { signal.Cancel = true; ended.Cancel(); });
        await using var recorder = await StartAsync(folder, cancellationToken);
        var taskId = task is null ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        if (task is not null) await RecorderVerbs.AskAsync(folder, new("task", TaskId: taskId, Instruction: task), cancellationToken);
        Output.Line("Recording. Ctrl+C stops; from elsewhere: tutelage pause, resume, forget 10m, record --stop.");
        var last = await WatchAsync(recorder, folder, time, ended.Token);

        if (!recorder.HasExited)
        {
            // A second Ctrl+C must not leave a recorder behind that nobody sees.
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            if (task is not null) await ControlClient.AskAsync(folder, new("task", TaskId: taskId, Instruction: task, Ended: true), limit.Token);
            last = (await ControlClient.AskAsync(folder, new("stop"), limit.Token))?.Status ?? last;
            await recorder.WaitAsync(limit.Token);
        }
        Output.Line();
        var said = await recorder.ErrorsAsync();
        if (recorder.ExitCode != 0)
        {
            var how = recorder.ExitCode > 128 ? $"signal {recorder.ExitCode - 128} killed it" : $"exit code {recorder.ExitCode}";
            throw new VerbFailedException($"the recorder died ({how}); nothing is recorded any more{(said.Length == 0 ? "" : ": " + Words(said).What)}",
                "what was decided until a few seconds before is in the spool; the next `tutelage record` recovers it, then `tutelage review` shows it");
        }
        if (said.Length > 0) Output.Line(Words(said).What);
        Output.Line($"Stopped after {Output.Length((long)((last?.Seconds ?? 0) * 1000))}: {last?.Seen ?? 0} events, {last?.Lost ?? 0} lost.");
        var waiting = new Recorder.Spool.SpoolFolder(Path.Combine(folder, "spool"), time).Held().Count;
        Output.Line(waiting == 0 ? "Nothing waits on this machine." : $"{waiting} {(waiting == 1 ? "segment waits" : "segments wait")} on this machine. Next: tutelage review, show, discard, send.");
        return CliExit.Done;
    }

    private static async Task<HostProcess> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var ocr = OcrFolder();
        try
        {
            return await HostProcess.StartAsync(
                "Tutelage.Recorder", ["run", "--data", folder, "--spool-only", .. ocr is null ? Array.Empty<string>() : ["--ocr", ocr]], null, cancellationToken, ownSession: true);
        }
        catch (HostFailedException failed) when (failed.Code is CliExit.Failed or CliExit.Unsupported or CliExit.AlreadyRunning or CliExit.NotEnrolled)
        {
            var (what, hint) = Words(failed.Said);
            throw new VerbFailedException(what, failed.Code == CliExit.AlreadyRunning ? "stop it with `tutelage record --stop --as NAME`" : hint, failed.Code);
        }
    }

    /// <summary>The recorder's own words, without the marks that it puts before them for its own standard error.</summary>
    private static (string What, string? Hint) Words(string said)
    {
        const string recorder = "recorder: ", hint = "hint: ";
        var lines = said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (string.Join("; ", lines.Where(line => !line.StartsWith(hint, StringComparison.Ordinal)).Select(line => line.StartsWith(recorder, StringComparison.Ordinal) ? line[recorder.Length..] : line)),
            lines.FirstOrDefault(line => line.StartsWith(hint, StringComparison.Ordinal))?[hint.Length..]);
    }

    private static async Task<RecorderStatus?> WatchAsync(HostProcess recorder, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var (last, shown, watch) = (default(RecorderStatus), "", !Console.IsOutputRedirected);
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            do
            {
                if (recorder.HasExited) return last;
                if (await StatusAsync(folder, cancellationToken) is not { } status) continue;
                last = status;
                var state = status.Closed.Count == 0 ? status.State : $"{status.State} ({string.Join(", ", status.Closed)})";
                if (watch) Console.Out.Write("\r" + Line(state, status));
                else if (state != shown) Output.Line(state);
                shown = state;
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The person wants to stop; the recorder is told next.
        }
        return last;
    }

    /// <summary>Null if it does not answer, or died while it did.</summary>
    private static async Task<RecorderStatus?> StatusAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            return (await ControlClient.AskAsync(folder, new("status"), cancellationToken))?.Status;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string Line(string state, RecorderStatus status)
    {
        var text = Output.Plain(FormattableString.Invariant($"{state} · {status.App ?? "nothing recorded here"} · {status.Seen} events, {status.Lost} lost · {status.Waiting} waiting · {Output.Length((long)(status.Seconds * 1000))}"));
        var width = Console.WindowWidth > 20 ? Console.WindowWidth - 1 : 79; // a terminal that does not know its width says 0
        return text.Length > width ? text[..width] : text.PadRight(width);
    }

    private static string? OcrFolder()
    {
        var folder = Environment.GetEnvironmentVariable("TUTELAGE_OCR") ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../ocr"));
        return Directory.Exists(folder) ? folder : null;
    }
}
