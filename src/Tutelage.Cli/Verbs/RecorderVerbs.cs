using System.CommandLine;
using System.Globalization;
using Tutelage.Recorder.Control;
using Tutelage.Recorder.Spool;
using Tutelage.Rules.Halting;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage pause|resume|forget</c>: at once, without a reason, told to nobody.</summary>
internal static class RecorderVerbs
{
    private const int MostMinutes = 10_080;

    public static Command Pause() => Told("pause", "Stops capture at once, for as long as you like.\n\nExample: tutelage pause");

    /// <summary>Two things are paused and go on by this word: a participant's own recorder, and with <c>--stage</c> the whole programme after a halt.</summary>
    public static Command Resume(TimeProvider time)
    {
        var stage = new Option<string?>("--stage") { Description = "After a halt: lets the programme go on, one stage at a time. recording, ingest or release.", HelpName = "STAGE" };
        var admit = new Option<bool>("--admit-waiting") { Description = "With --stage ingest: also takes what was recorded before the halt and still waits." };
        var person = new Option<string?>("--as") { Description = "Whose recorder goes on; with --stage, whose key signs.", HelpName = "NAME" };
        var server = Options.Server();
        var yes = Options.Yes();
        var json = Options.Json();
        var verb = new Command("resume", "Goes on after your own pause; with --stage, after a halt of the programme.\n\nExample: tutelage resume\nExample: tutelage resume --stage recording --as anna") { stage, admit, person, server, yes, json };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            if (parsed.GetValue(stage) is not { } named)
            {
                if (parsed.GetValue(admit)) throw new VerbFailedException("--admit-waiting is for --stage ingest", "tutelage resume --stage ingest --admit-waiting --as NAME", CliExit.Usage);
                return await TellAsync("resume", home.Person(parsed.GetValue(person)), parsed.GetValue(json), token);
            }
            var reached = Options.Word<Stage>("--stage", named);
            if (parsed.GetValue(admit) && reached != Stage.Ingest) throw new VerbFailedException("--admit-waiting is for --stage ingest", "leave it away here", CliExit.Usage);
            using var desk = await Desk.OpenAsync(home, parsed.GetValue(person) ?? throw new VerbFailedException("--as is missing", "name whose key signs, such as --as anna", CliExit.Usage), Options.ServerOf(parsed.GetValue(server)), time, token);
            return await HaltVerbs.ResumeAsync(desk, reached, parsed.GetValue(admit), parsed.GetValue(yes), parsed.GetValue(json), token);
        });
        return verb;
    }

    public static Command Forget(TimeProvider time)
    {
        var span = new Argument<string>("SPAN") { Description = "How far back: minutes or hours, such as 10m or 2h; at most 7 days." };
        var person = Options.Person();
        var json = Options.Json();
        var verb = new Command("forget", "Removes what was recorded in the last minutes and has not been sent.\n\nExample: tutelage forget 10m") { span, person, json };
        verb.SetAction(async (parsed, token) =>
        {
            var minutes = Minutes(parsed.GetRequiredValue(span));
            var folder = Options.HomeOf(parsed).Person(parsed.GetValue(person));
            // Segments of earlier sessions wait in the same spool; a recorder that runs forgets those of its own.
            var answer = await ControlClient.AskAsync(folder, new("forget", Minutes: minutes), token);
            if (answer is { Ok: false }) throw new VerbFailedException(answer.Message ?? "the recorder refused");
            var before = ForgetHeld(new(Path.Combine(folder, "spool"), time), time.GetUtcNow().AddMinutes(-minutes));
            if (parsed.GetValue(json)) Output.Json(new { Minutes = minutes, Recorder = answer?.Message, Segments = before });
            else
            {
                if (answer?.Message is { } message) Output.Line(message);
                if (answer is null || before > 0) Output.Line($"{before} {(before == 1 ? "segment that reaches" : "segments that reach")} into the last {minutes} minutes {(before == 1 ? "is" : "are")} gone from this machine.");
            }
            return CliExit.Done;
        });
        return verb;
    }

    /// <summary>The recorder's answer.</summary>
    /// <exception cref="VerbFailedException">None runs, or it refuses.</exception>
    public static async Task<ControlAnswer> AskAsync(string folder, ControlRequest request, CancellationToken cancellationToken)
    {
        var answer = await ControlClient.AskAsync(folder, request, cancellationToken)
            ?? throw new VerbFailedException($"no recorder runs for {Path.GetFileName(folder)}: nothing is being captured", "`tutelage record` starts one");
        return answer.Ok ? answer : throw new VerbFailedException(answer.Message ?? "the recorder refused");
    }

    private static Command Told(string name, string description)
    {
        var person = Options.Person();
        var json = Options.Json();
        var verb = new Command(name, description) { person, json };
        verb.SetAction((parsed, token) => TellAsync(name, Options.HomeOf(parsed).Person(parsed.GetValue(person)), parsed.GetValue(json), token));
        return verb;
    }

    private static async Task<int> TellAsync(string name, string folder, bool json, CancellationToken token)
    {
        var answer = await AskAsync(folder, new(name), token);
        if (json) Output.Json(new { answer.Message, answer.Status?.State });
        else Output.Line(answer.Message ?? name);
        return CliExit.Done;
    }

    private static int Minutes(string span)
    {
        var hours = span.EndsWith('h');
        if (span.Length > 1 && (hours || span.EndsWith('m')) && int.TryParse(span.AsSpan(0, span.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= MostMinutes && number * (hours ? 60 : 1) <= MostMinutes)
            return number * (hours ? 60 : 1);
        throw new VerbFailedException($"'{span}' is not a span", "say 10m or 2h; at most 168h", CliExit.Usage);
    }

    /// <summary>Whatever ends after <paramref name="since"/>; beginnings are kept to the minute only, so a minute more goes too, and so does what cannot be read.</summary>
    private static int ForgetHeld(SpoolFolder spool, DateTimeOffset since)
    {
        var forgotten = 0;
        foreach (var id in spool.Held())
        {
            if (HeldTimeline.WorkedAt(spool, id) is { } worked && worked.To < since) continue;
            spool.Discard(id);
            forgotten++;
        }
        return forgotten;
    }
}
