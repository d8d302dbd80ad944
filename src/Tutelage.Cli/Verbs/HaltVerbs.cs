using System.CommandLine;
using System.Net;
using System.Text.Json;
using Tutelage.Cli.Programme;
using Tutelage.Rules;
using Tutelage.Rules.Halting;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage halt</c> stops a programme; <c>tutelage resume --stage</c> lets it go on, a stage at a time (docs/formats/halt.md).</summary>
internal static class HaltVerbs
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Halt(TimeProvider time)
    {
        var why = new Option<string>("--why") { Description = $"The reason, one line of at most {HaltRules.LongestWhy} characters. Everybody who can ask for the status reads it: name nobody.", Required = true, HelpName = "WORDS" };
        var who = Options.As("a steward, an auditor or a representative of the participants");
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("halt", "Stops everything at once: jobs, keys, uploads, recorders. One person is enough.\n\nExample: tutelage halt --why \"a recorder shows what it should not\" --as anna") { why, who, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            using var desk = await Desk.OpenAsync(Options.HomeOf(parsed), parsed.GetRequiredValue(who), Options.ServerOf(parsed.GetValue(server)), time, token);
            var hosts = new[] { (Name: "vault", Address: desk.Card.Vault), (Name: "auditor", Address: desk.Card.Auditor) };
            var said = await HaltAsync(desk, hosts, parsed.GetRequiredValue(why), token);
            if (parsed.GetValue(json)) Output.Json(new { Halted = said.Any(host => host.Halted), Hosts = said });
            else
            {
                foreach (var host in said) Output.Line(host.Halted ? $"{host.Host}: halted, epoch {host.Epoch}" : $"{host.Host}: {host.Fault}");
                if (said.Any(host => host.Halted) && said.Any(host => !host.Halted)) Output.Line("The one that is halted tells the other when they meet; until then nothing goes on that needs both. Say it again to be sure.");
                if (said.Any(host => host.Halted)) Output.Line("Two people resume it, in stages: tutelage resume --stage recording --as NAME");
            }
            return said.Any(host => host.Halted) ? CliExit.Done : CliExit.Failed;
        });
        return verb;
    }

    /// <summary>Shows the exact effect of the next stage and signs it.</summary>
    public static async Task<int> ResumeAsync(Desk desk, Stage stage, bool admitWaiting, bool yes, bool json, CancellationToken token)
    {
        var shown = await desk.Client.ResumptionAsync(token);
        var (epoch, next, from) = (shown.GetProperty("epoch").GetInt64(), Text(shown, "next"), shown.GetProperty("admitted_from").GetInt64());
        if (next is null) throw new VerbFailedException("nothing is halted", "`tutelage status` shows where the programme stands");
        if (next != Spelling.Of(stage)) throw new VerbFailedException($"the next stage is {next}, not {Spelling.Of(stage)}", $"tutelage resume --stage {next}");
        var checks = shown.GetProperty("checks").EnumerateArray().Select(check => new ResumeCheck(Text(check, "host") ?? "", Text(check, "name") ?? "", check.GetProperty("ok").GetBoolean() ? null : Text(check, "fault") ?? "not said")).ToList();
        var words = new ResumeWords(epoch, next, stage == Stage.Ingest && !admitWaiting ? epoch : from, ResumeChecks.DigestOf(checks));
        if (!json)
        {
            Output.Table(["host", "check", "result"], checks.Select(check => (string?[])[check.Host, check.Name, check.Fault ?? "ok"]));
            Output.Line($"Halted by a {Text(shown, "halted_by")}: {Text(shown, "why")}");
            Output.Line(Effect(words, stage, from));
            Output.Line($"Checks and results: SHA-256 {words.ChecksSha256}");
        }
        if (words.ChecksSha256 != ResumeChecks.AllGreen) throw new VerbFailedException($"not every check is green: {string.Join("; ", checks.Where(check => !check.IsGreen).Select(check => $"{check.Host} {check.Name}: {check.Fault}"))}", "put that right and ask again");
        if (!Output.Confirm($"Sign this as {desk.Name}?", yes)) return CliExit.Failed;
        var answer = await desk.Client.ResumeAsync(words, token);
        if (json) Output.Json(answer);
        else Output.Line(Text(answer, "message") is { Length: > 0 } waits ? waits : $"Both have signed: {next} is reached in epoch {epoch}.");
        return CliExit.Done;
    }

    private static string Effect(ResumeWords words, Stage stage, long from) => stage switch
    {
        Stage.Recording => $"Effect: recorders get leases again, in epoch {words.Epoch}. What they record waits with them; nothing is taken in and no key is released yet.",
        Stage.Ingest => $"Effect: the server takes objects of epochs {words.AdmittedFrom} to {words.Epoch} again{(words.AdmittedFrom < words.Epoch ? ", so also what waited since before the halt" : from < words.Epoch ? "; what was recorded before the halt and still waits stays with its owners" : "")}. No key is released yet.",
        _ => $"Effect: keys are released again under grants that still last, in epoch {words.Epoch}. No run goes on by itself, and nothing may be opened that could not be before.",
    };

    private static async Task<IReadOnlyList<HostHalt>> HaltAsync(Desk desk, (string Name, Uri Address)[] hosts, string why, CancellationToken token)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(Patience);
        var epochs = await Task.WhenAll(hosts.Select(host => EpochAsync(desk, host.Address, patience.Token)));
        var epoch = epochs.Max() ?? 0;
        var said = await Task.WhenAll(hosts.Select(host => OneAsync(host)));
        token.ThrowIfCancellationRequested();
        return said;

        async Task<HostHalt> OneAsync((string Name, Uri Address) host)
        {
            var statement = desk.Client.Halt(why, epoch);
            try
            {
                var (status, answer) = await desk.Client.GiveHaltAsync(host.Address, statement, patience.Token);
                // It was halted and resumed in between: this one is for the epoch that it is in now.
                if (status == HttpStatusCode.Conflict && answer.TryGetProperty("state", out var state)) (status, answer) = await desk.Client.GiveHaltAsync(host.Address, desk.Client.Halt(why, state.GetProperty("epoch").GetInt64()), patience.Token);
                return status == HttpStatusCode.OK ? new(host.Name, true, answer.GetProperty("state").GetProperty("epoch").GetInt64(), null) : new(host.Name, false, null, Text(answer, "message") ?? $"it answered {(int)status}");
            }
            catch (Exception away) when (away is HttpRequestException or JsonException or KeyNotFoundException || (away is OperationCanceledException && !token.IsCancellationRequested))
            {
                return new(host.Name, false, null, $"{host.Address} does not answer; it was not told");
            }
        }
    }

    private static async Task<long?> EpochAsync(Desk desk, Uri host, CancellationToken patience)
    {
        try
        {
            return (await desk.Client.StatusAsync(host, patience)).TryGetProperty("epoch", out var epoch) ? epoch.GetInt64() : null;
        }
        catch (Exception away) when (away is HttpRequestException or JsonException or RefusedException or OperationCanceledException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record HostHalt(string Host, bool Halted, long? Epoch, string? Fault);
}
