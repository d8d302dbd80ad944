using System.CommandLine;
using System.Globalization;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Control;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Spool;
using Tutelage.Recording.Events;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage review|show|discard|send</c>: what waits on its owner's machine, and what becomes of it.</summary>
internal static class HeldVerbs
{
    public static Command Review(TimeProvider time)
    {
        var (person, json) = (Options.Person(), Options.Json());
        var verb = new Command("review", "Lists what waits on this machine: length, apps, events, gaps.\n\nExample: tutelage review") { person, json };
        verb.SetAction(parsed =>
        {
            var spool = SpoolOf(parsed, person, time);
            var lines = spool.Held().Select(id => Look(spool, id)).ToList();
            if (parsed.GetValue(json)) Output.Json(lines);
            else if (lines.Count == 0) Output.Line("Nothing waits on this machine.");
            else
            {
                Output.Table(["segment", "begun", "length", "apps", "events", "gaps"], lines.Select(line => (string?[])
                [
                    line.Segment[..12], line.BegunUtc?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Output.Length(line.LengthMs), string.Join(", ", line.Apps),
                    $"{line.Events}", line.Fault is not null ? "DAMAGED" : string.Join(", ", line.Gaps.Select(gap => gap.Value == 1 ? gap.Key : $"{gap.Key} {gap.Value}")),
                ]));
                Output.Line("`tutelage show SEGMENT` reads one, `tutelage discard SEGMENT` removes it, `tutelage send` gives them away.");
            }
            var bad = lines.Where(line => line.Fault is not null).ToList();
            foreach (var line in bad) Console.Error.WriteLine("tutelage: " + Output.Plain(line.Fault!)); // chosen by it
            if (bad.Count == 0) return CliExit.Done;
            Console.Error.WriteLine("hint: what cannot be read is not sent either; `tutelage discard SEGMENT` removes it");
            return CliExit.Failed;
        });
        return verb;
    }

    public static Command Show(TimeProvider time)
    {
        var (id, person, json) = (new Argument<string>("SEGMENT") { Description = "A held segment, or the beginning of its id." }, Options.Person(), Options.Json());
        var verb = new Command("show", "Reads a held segment of your own as a timeline: what was kept, and what was not.\n\nExample: tutelage show 0123456789ab") { id, person, json };
        verb.SetAction(parsed =>
        {
            var spool = SpoolOf(parsed, person, time);
            using var opened = spool.Open(Find(spool, parsed.GetRequiredValue(id)));
            var (segment, timeline) = opened.Read(segment => (segment, HeldTimeline.Of(segment)));
            if (parsed.GetValue(json)) Output.Json(new { Segment = opened.Id, segment.Opening.Number, segment.Opening.Manifest, segment.Opening.Redactor, segment.Opening.Recovered, Classes = opened.Files.Keys.Select(kept => kept.ToString().ToLowerInvariant()), Timeline = timeline });
            else
            {
                Output.Line($"Segment {opened.Id}, number {segment.Opening.Number} of its session{(segment.Opening.Recovered ? ", recovered from a recorder that died" : "")}; times in seconds of the session, to {segment.Opening.QuantumMs} ms.");
                foreach (var moment in timeline) Output.Line(FormattableString.Invariant($"{moment.TimeMs / 1000.0,10:0.000}  {moment.Kind,-9} {moment.What}"));
            }
            return CliExit.Done;
        });
        return verb;
    }

    public static Command Discard(TimeProvider time)
    {
        var id = new Argument<string?>("SEGMENT") { Description = "A held segment, or the beginning of its id.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Everything that waits." };
        var (person, yes) = (Options.Person(), Options.Yes());
        var verb = new Command("discard", "Removes a held segment, or all of them, for good.\n\nExample: tutelage discard 0123456789ab") { id, all, person, yes };
        verb.SetAction(parsed =>
        {
            if (parsed.GetValue(all) == parsed.GetValue(id) is not null) throw new VerbFailedException("name one segment, or say --all", "`tutelage review` lists them", CliExit.Usage);
            var spool = SpoolOf(parsed, person, time);
            var ids = parsed.GetValue(id) is { } one ? [Find(spool, one)] : spool.Held();
            if (ids.Count > 1 && !Output.Confirm($"Remove {ids.Count} segments for good?", parsed.GetValue(yes))) return CliExit.Failed;
            foreach (var held in ids) spool.Discard(held);
            Output.Line(ids.Count == 1 ? $"Segment {ids[0]} is gone." : $"{ids.Count} segments are gone.");
            return CliExit.Done;
        });
        return verb;
    }

    public static Command Send(TimeProvider time)
    {
        var (person, json) = (Options.Person(), Options.Json());
        var verb = new Command("send", "Looks at what waits once more, seals it to vault and auditor, and uploads it.\n\nExample: tutelage send") { person, json };
        verb.SetAction(async (parsed, token) =>
        {
            var folder = Options.HomeOf(parsed).Person(parsed.GetValue(person));
            if (await ControlClient.AskAsync(folder, new("status"), token) is not null)
                throw new VerbFailedException("a recorder runs and writes to what waits", "stop it first: tutelage record --stop");
            using var enrolment = Enrolment.Load(folder);
            var spool = new SpoolFolder(Path.Combine(folder, "spool"), time);
            var results = new List<SendResult>();
            await foreach (var result in new HeldSending(spool, enrolment, time).SendAllAsync(token))
            {
                results.Add(result);
                if (parsed.GetValue(json)) continue;
                Output.Line(result.Outcome == SendOutcome.Sent ? $"{result.Id[..12]} sent, {Output.Size(result.SealedBytes)} sealed" : $"{result.Id[..12]} waits: {result.Detail}");
            }
            var waiting = spool.Held().Count;
            if (parsed.GetValue(json)) Output.Json(new { Sent = results.Count(result => result.Outcome == SendOutcome.Sent), Waiting = waiting, Results = results.Select(result => new { Segment = result.Id, Outcome = result.Outcome.ToString(), result.Detail, result.SealedBytes }) });
            else Output.Line(results.Count == 0 ? "Nothing waits on this machine." : $"{results.Count(result => result.Outcome == SendOutcome.Sent)} sent, {waiting} wait.");
            return waiting == 0 ? CliExit.Done : CliExit.Failed;
        });
        return verb;
    }

    private static SpoolFolder SpoolOf(ParseResult parsed, Option<string?> person, TimeProvider time)
    {
        var folder = Options.HomeOf(parsed).Person(parsed.GetValue(person));
        return Directory.Exists(folder) ? new(Path.Combine(folder, "spool"), time)
            : throw new VerbFailedException($"nobody is enrolled as {Path.GetFileName(folder)} on this machine", "`tutelage enrol --server URL` first", CliExit.NotEnrolled);
    }

    private static string Find(SpoolFolder spool, string id)
    {
        var found = spool.Held().Where(held => held.StartsWith(id, StringComparison.Ordinal)).ToList();
        return found is [var one] ? one : throw new VerbFailedException(found.Count == 0 ? $"no segment '{Output.Plain(id)}' waits here" : $"{found.Count} segments begin with '{id}'", "`tutelage review` lists those that do");
    }

    private static HeldLine Look(SpoolFolder spool, string id)
    {
        try
        {
            using var opened = spool.Open(id);
            var segment = opened.Read(segment => segment);
            var (first, last) = HeldTimeline.Extent(segment);
            return new(
                id, segment.Opening.StartedUtc.AddMilliseconds(first), last - first, segment.Elements.Select(snapshot => snapshot.Context.Site ?? snapshot.Context.App).Distinct(StringComparer.Ordinal).ToList(),
                segment.Input.Count, Gap.Join(segment.Gaps).GroupBy(gap => gap.Reason.ToString()).ToDictionary(reason => reason.Key, reason => reason.Count(), StringComparer.Ordinal), null);
        }
        catch (Exception unreadable) when (unreadable is SegmentDamagedException or DayKeyMissingException or IOException or UnauthorizedAccessException)
        {
            return new(id, null, 0, [], 0, new Dictionary<string, int>(), unreadable is SegmentDamagedException ? unreadable.Message : $"segment {id} cannot be read: {unreadable.Message}");
        }
    }

    /// <param name="Fault">Why it cannot be read; null if it can.</param>
    private sealed record HeldLine(string Segment, DateTimeOffset? BegunUtc, long LengthMs, IReadOnlyList<string> Apps, int Events, IReadOnlyDictionary<string, int> Gaps, string? Fault);
}
