using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tutelage.Cli.Deleting;
using Tutelage.Ledger;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage delete</c> and <c>tutelage withdraw</c>: shows what goes, asks, signs, waits, and leaves a receipt that proves it.</summary>
internal static class DeletionVerbs
{
    private const string ReceiptName = "deletion-receipt" + PersonHistory.FileExtension;

    public static Command Delete(TimeProvider time)
    {
        var who = new Argument<string>("ME") { Description = "The participant, by the name they enrolled with here; their own key signs." };
        var from = new Option<string?>("--from") { Description = "Only what was recorded from here on: a local time, or one with its zone.", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "Only what was recorded up to here.", HelpName = "TIME" };
        var (receipt, server, yes, json) = (Receipt("in the person's folder"), Options.Server(), Options.Yes(), Options.Json());
        var verb = new Command("delete", "Deletes what somebody recorded, all of it or a range, and proves it. Exit code 8 if the server has not removed its ciphertext yet.\n\nExample: tutelage delete me --from 2026-03-02T09:00 --to 2026-03-02T12:30")
            { who, from, to, receipt, server, yes, json };
        verb.SetAction((parsed, token) => RunAsync(
            new(Options.HomeOf(parsed), parsed.GetRequiredValue(who), Range(parsed.GetValue(from), parsed.GetValue(to), time), parsed.GetValue(receipt), Options.ServerOf(parsed.GetValue(server)), Withdraws: false,
                parsed.GetValue(yes), parsed.GetValue(json)), time, token));
        return verb;
    }

    public static Command Withdraw(TimeProvider time)
    {
        var (who, receipt, server, yes, json) = (Options.Person(), Receipt("in the person's folder, where it alone stays"), Options.Server(), Options.Yes(), Options.Json());
        var verb = new Command("withdraw", "Ends somebody's participation: deletes everything, stops the recorder, and removes recordings, keys and enrolment from this machine. Exit code 8 as with delete.\n\nExample: tutelage withdraw")
            { who, receipt, server, yes, json };
        verb.SetAction((parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            return RunAsync(
                new(home, Path.GetFileName(home.Person(parsed.GetValue(who))), null, parsed.GetValue(receipt), Options.ServerOf(parsed.GetValue(server)), Withdraws: true, parsed.GetValue(yes), parsed.GetValue(json)), time, token);
        });
        return verb;
    }

    private static async Task<int> RunAsync(Asked asked, TimeProvider time, CancellationToken cancellationToken)
    {
        using var desk = await Desk.OpenAsync(asked.Home, asked.Name, asked.Server, time, cancellationToken);
        var folder = new PersonFolder(asked.Home.FolderOf(asked.Name), time);
        var sent = asked.Range is null ? null : folder.Sent(asked.Range);
        var waiting = folder.Waiting(asked.Range);
        var preview = await desk.Client.PreviewDeletionAsync(sent, cancellationToken);
        var tag = preview.GetProperty("tag").GetString()!;
        if (sent is { Count: 0 } && waiting.Count == 0) throw new VerbFailedException($"nothing that {asked.Name} recorded reaches into this time", "times are this machine's own, unless they name a zone");
        if (!asked.Json)
        {
            new DeletionPage(preview, tag, sent?.Count, waiting.Count, asked.Range).Print();
            if (asked.Withdraws) Output.Line("The recorder is stopped, and recordings, keys and enrolment are removed from this machine.");
        }
        if (!Output.Confirm(asked.Withdraws ? "Withdraw?" : "Delete it?", asked.Yes))
        {
            Output.Line("Nothing was deleted, nobody was told.");
            return CliExit.Failed;
        }

        var stopped = await folder.StopRecorderAsync(cancellationToken);
        // Nothing is being sent any more: now the lists are whole.
        folder.Discard(waiting = folder.Waiting(asked.Range));
        sent = asked.Range is null ? null : folder.Sent(asked.Range);
        if (sent is { Count: 0 })
        {
            if (asked.Json) Output.Json(new { Tag = tag, Waiting = waiting.Count, RecorderStopped = stopped });
            else Output.Line($"{waiting.Count} segments are gone from this machine; none of this time had been sent.");
            return CliExit.Done;
        }
        var receipt = Path.GetFullPath(asked.Receipt ?? Path.Combine(asked.Home.FolderOf(asked.Name), ReceiptName));
        var deletion = await SigningOff.DeleteAsync(desk, tag, sent, receipt, time, cancellationToken);
        if (asked.Withdraws) folder.Remove();
        if (asked.Json) Output.Json(Told(tag, asked, preview, deletion, waiting.Count, stopped));
        else Print(deletion, asked, waiting.Count, stopped);
        return deletion.Fault is not null ? CliExit.PromiseBroken : deletion.IsDone ? CliExit.Done : CliExit.LeftOver;
    }

    private static void Print(Deletion deletion, Asked asked, int waiting, bool stopped)
    {
        var last = deletion.Answers[^1];
        Output.Line($"Deleted: the keys are destroyed, entry {string.Join(", ", deletion.Answers.Select(answer => answer.GetProperty("entry").GetInt64()))} of the log says so.");
        Output.Line(deletion.IsDone
            ? $"The server removed {deletion.Answers.Sum(answer => answer.GetProperty("removed").GetInt64())} objects; {waiting} that waited here are gone too."
            : "The server does not answer yet: what it has is ciphertext that nobody can open, and the vault goes on telling it to remove that.");
        Output.Line(last.TryGetProperty("last_backup", out var backup)
            ? $"A backup of the key store of {backup.GetString()} or before still holds the wrapped keys: it is dark from key epoch {last.GetProperty("dark_from_key_epoch").GetInt64()} on, about {last.GetProperty("dark_on").GetString()}, unless somebody kept an older keyring."
            : "The log tells of no backup of the key store, so no other copy of the keys is known.");
        if (asked.Withdraws) Output.Line($"You have withdrawn. Of {asked.Name} this machine keeps the receipt alone.");
        else if (stopped) Output.Line(asked.Range is null ? "The recorder is stopped. To record again, withdraw and enrol anew." : "The recorder is stopped; `tutelage record` starts it again.");
        Output.Line(deletion.Fault is { } fault ? $"THE RECEIPT PROVES NOTHING: {fault}" : $"Receipt: {deletion.Receipt}. Anybody can check it with: tutelage audit verify {deletion.Receipt} --policy POLICY");
    }

    private static object Told(string tag, Asked asked, JsonElement preview, Deletion deletion, int waiting, bool stopped) => new
    {
        Tag = tag, Scope = asked.Range is null ? "person" : "objects", Preview = preview, Deletions = deletion.Answers, Done = deletion.IsDone, Waiting = waiting, RecorderStopped = stopped, Withdrawn = asked.Withdraws, deletion.Receipt,
        Verified = deletion.Fault is null, deletion.Fault,
    };

    private static Option<string?> Receipt(string place) => new("--out") { Description = $"Where the receipt goes. Default: {ReceiptName} {place}.", HelpName = "FILE" };

    private static TimeRange? Range(string? from, string? to, TimeProvider time)
    {
        if (from is null && to is null) return null;
        var range = new TimeRange(from is null ? DateTimeOffset.UnixEpoch : Time("--from", from), to is null ? time.GetUtcNow() : Time("--to", to));
        return range.From <= range.To ? range : throw new VerbFailedException($"--from {from} is after --to {to}", "turn them round", CliExit.Usage);
    }

    private static DateTimeOffset Time(string option, string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) && text.StartsWith(time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            ? time
            : throw new VerbFailedException($"{option} '{text}' is not a time", "such as 2026-03-02T09:00, or 2026-03-02T08:00Z", CliExit.Usage);

    private sealed record Asked(Home Home, string Name, TimeRange? Range, string? Receipt, Uri? Server, bool Withdraws, bool Yes, bool Json);
}
