using System.CommandLine;
using System.Globalization;
using Tutelage.Cli.Programme;
using Tutelage.Rules.Access;
using Tutelage.Rules.Change;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage rules publish|approve|show</c>: changes of the rules that a running programme lives by.</summary>
internal static class RulesChangeVerbs
{
    public static Command Publish(TimeProvider time)
    {
        var file = RulesFile.Argument();
        var who = Options.As("a steward, auditor or representative");
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("publish", "Proposes rules to a running programme and shows their exact effect; stewards put them in force.\n\nExample: tutelage rules publish rules.yaml --as anna") { file, who, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            var rules = RulesFile.Valid(parsed.GetRequiredValue(file));
            using var desk = await Desk.OpenAsync(Options.HomeOf(parsed), parsed.GetRequiredValue(who), Options.ServerOf(parsed.GetValue(server)), time, token);
            var change = ToldChange.Read(await desk.Client.ProposeRulesAsync(rules, token));
            if (parsed.GetValue(json)) Output.Json(Told(change));
            else
            {
                foreach (var words in change.Words) Output.Line(words);
                Output.Line($"Proposed as change {change.Id}, effect SHA-256 {change.EffectSha256}. {change.ApprovalsNeeded} {(change.ApprovalsNeeded == 1 ? "steward puts" : "stewards put")} it in force with: tutelage rules approve {change.Id} --as NAME");
            }
            return CliExit.Done;
        });
        return verb;
    }

    public static Command Approve(TimeProvider time)
    {
        var id = new Argument<string>("CHANGE") { Description = "The change, or the beginning of its id." };
        var who = Options.As("a steward who did not propose it");
        var server = Options.Server();
        var yes = Options.Yes();
        var json = Options.Json();
        var verb = new Command("approve", "Shows the exact effect of a change of the rules, asks, and signs it.\n\nExample: tutelage rules approve 0123456789abcdef --as anna") { id, who, server, yes, json };
        verb.SetAction(async (parsed, token) =>
        {
            using var desk = await Desk.OpenAsync(Options.HomeOf(parsed), parsed.GetRequiredValue(who), Options.ServerOf(parsed.GetValue(server)), time, token);
            var told = ToldRules.Read(await desk.Client.RulesAsync(token));
            var asked = parsed.GetRequiredValue(id);
            var change = told.Changes.Where(one => one.Id.StartsWith(asked, StringComparison.Ordinal)).ToList() switch
            {
                [var one] => one,
                [] => throw new VerbFailedException($"there is no change '{asked}' of the rules", $"`tutelage rules show --as {desk.Name}` lists the newest"),
                var found => throw new VerbFailedException($"{found.Count} changes begin with '{asked}'", "give more of the id"),
            };
            if (change.State == "proposed")
            {
                // Not the vault's words: what this program computes from both rule sets is what is read and signed.
                var effect = change.EffectOver(told.Before);
                var digest = RuleChange.EffectDigest(effect);
                if (digest != change.EffectSha256) throw new VerbFailedException($"the vault's effect of change {change.Id} is not that of its rules", "do not approve it; show this to the auditor", CliExit.PromiseBroken);
                if (!parsed.GetValue(json)) foreach (var words in RuleChange.Words(effect)) Output.Line(words);
                if (!parsed.GetValue(json)) Output.Line($"SHA-256 of the exact effect: {digest}");
                if (!Output.Confirm($"Approve this as {desk.Name}?", parsed.GetValue(yes))) return CliExit.Failed;
                change = ToldChange.Read(await desk.Client.ApproveRulesAsync(change.Id, digest, token));
            }
            if (parsed.GetValue(json)) Output.Json(Told(change));
            else
                Output.Line(change.State == "in-force" ? $"In force since log entry {change.Entry}: \"{change.Rules.Programme}\" version {change.Rules.Version}, SHA-256 {change.Rules.Digest}." : $"Approved by {change.Approvers.Count} of {change.ApprovalsNeeded}; it is {change.State}.");
            return CliExit.Done;
        });
        return verb;
    }

    public static Command Show(TimeProvider time)
    {
        var who = new Option<string?>("--as") { Description = "Who asks; everybody who is enrolled may. Default: somebody with a key here.", HelpName = "NAME" };
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("show", "Shows the rules that a running programme lives by, and the newest changes in words.\n\nExample: tutelage rules show --as me") { who, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            using var desk = await Desk.OpenAsync(home, parsed.GetValue(who) ?? Desk.Reader(home), Options.ServerOf(parsed.GetValue(server)), time, token);
            var told = ToldRules.Read(await desk.Client.RulesAsync(token));
            if (parsed.GetValue(json))
            {
                Output.Json(new
                {
                    InForce = new { told.InForce.Programme, told.InForce.Version, Sha256 = told.InForce.Digest, Default = told.IsDefault, told.Entry, told.Since, Sentences = told.InForce.Sentences.Select(RuleWords.Of) },
                    Changes = told.Changes.Select(Told),
                });
                return CliExit.Done;
            }

            Print(told);
            foreach (var sentence in told.InForce.Sentences) Output.Line($"  {sentence.Number,3}. {RuleWords.Of(sentence)}");
            foreach (var change in told.Changes)
            {
                Output.Line($"change {change.Id}, {change.State}{(change.Entry is { } entry ? $" by log entry {entry}" : $", approved by {change.Approvers.Count} of {change.ApprovalsNeeded}")}{(change.Widening ? ", WIDENING" : "")}:");
                foreach (var words in change.Words) Output.Line("  " + words);
            }
            return CliExit.Done;
        });
        return verb;
    }

    /// <summary>The line that everybody sees, and the widening that brought these rules, if it was one.</summary>
    public static void Print(ToldRules told)
    {
        Output.Line(told.IsDefault
            ? "rules: nobody has written any; the default set lets the researchers who enrolled first train and evaluate"
            : $"rules: \"{told.InForce.Programme}\" version {told.InForce.Version}, in force since {At(told.Since)} (log entry {told.Entry}), SHA-256 {told.InForce.Digest}");
        if (told.Changes.FirstOrDefault(change => change.State == "in-force") is not { Widening: true } widened) return;
        Output.Line("MORE MAY BE OPENED THAN BEFORE:");
        foreach (var words in widened.Words.Where(words => words.StartsWith("Lets in", StringComparison.Ordinal) || words.StartsWith("Raises", StringComparison.Ordinal))) Output.Line("  " + words);
    }

    /// <summary>The same for programs.</summary>
    public static object Said(ToldRules told) => new
    {
        told.InForce.Version, Sha256 = told.InForce.Digest, Default = told.IsDefault, told.Entry, told.Since,
        Widened = told.Changes.FirstOrDefault(change => change.State == "in-force") is { Widening: true } widened ? widened.Words : null,
    };

    private static object Told(ToldChange change) => new
    {
        Change = change.Id, change.State, change.Requester, change.Rules.Version, Sha256 = change.Rules.Digest, change.EffectSha256, change.Widening, change.ApprovalsNeeded, change.Approvers, change.Words, change.Entry,
    };

    private static string At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
