using System.CommandLine;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Change;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage rules</c>: who may ask to open what. <c>check|reach|diff|explain</c> come before anybody signs, and need no programme and no key.</summary>
internal static class RulesVerbs
{
    public static Command Create(TimeProvider time) => new("rules", "Who may ask to open what, and for which purpose.\n\nExample: tutelage rules reach rules.yaml")
    {
        Check(), RulesReachVerb.Create(), Diff(), RulesExplainVerb.Create(), RulesChangeVerbs.Publish(time), RulesChangeVerbs.Approve(time), RulesChangeVerbs.Show(time),
    };

    private static Command Check()
    {
        var file = RulesFile.Argument();
        var json = Options.Json();
        var verb = new Command("check", "Names every fault of a rules file with its line and what to write instead. Exit code 1 if there is one.\n\nExample: tutelage rules check rules.yaml") { file, json };
        verb.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            var reading = RulesFile.Read(path);
            if (parsed.GetValue(json)) Output.Json(new { Valid = reading.Rules is not null, Sha256 = reading.Rules?.Digest, reading.Rules?.Version, Faults = reading.Faults.Select(fault => new { fault.Line, fault.What, fault.Fix }) });
            else if (reading.Rules is { } rules)
            {
                foreach (var sentence in rules.Sentences) Output.Line($"  {sentence.Number,3}. {RuleWords.Of(sentence)}");
                Output.Line($"{path} is a rule set: \"{rules.Programme}\" version {rules.Version}, {rules.People.Count} people, {rules.Sentences.Count} sentences, SHA-256 {rules.Digest}");
            }
            else foreach (var fault in reading.Faults) Output.Line($"{path}: {fault}");
            return reading.Rules is null ? CliExit.Failed : CliExit.Done;
        });
        return verb;
    }

    private static Command Diff()
    {
        var old = new Argument<string>("OLD") { Description = "The rules in force, or - if there are none yet." };
        var later = new Argument<string>("NEW") { Description = "The rules that are to replace them." };
        var json = Options.Json();
        var verb = new Command("diff", "Says whom a change of the rules lets in and whom it shuts out, and how many must approve it.\n\nExample: tutelage rules diff rules.yaml rules-4.yaml") { old, later, json };
        verb.SetAction(parsed =>
        {
            var before = parsed.GetRequiredValue(old);
            var diff = RuleDiff.Between(before == "-" ? null : RulesFile.Valid(before), RulesFile.Valid(parsed.GetRequiredValue(later)));
            if (parsed.GetValue(json))
            {
                Output.Json(new
                {
                    Widening = diff.IsWidening, Approvals = diff.IsWidening ? RuleChangeRules.ApprovalsToWiden : RuleChangeRules.ApprovalsOtherwise, EffectSha256 = RuleChange.EffectDigest(diff), Words = RuleChange.Words(diff),
                    LetsIn = diff.LetsIn.Select(Opened), ShutsOut = diff.ShutsOut.Select(Opened),
                    Ceilings = diff.Ceilings.Select(ceiling => new { Class = Spelling.Of(ceiling.Class), ceiling.Before, ceiling.After }),
                });
            }
            else
            {
                foreach (var words in RuleChange.Words(diff)) Output.Line(words);
                Output.Line($"SHA-256 of the exact effect, which approvals sign: {RuleChange.EffectDigest(diff)}");
            }
            return CliExit.Done;
        });
        return verb;
    }

    private static object Opened(PersonChange person) => new
    {
        person.Name, Key = person.KeyId,
        Openings = person.Openings.Select(opened => new { Purpose = Spelling.Of(opened.Opening.Purpose), Class = Spelling.Of(opened.Opening.Class), Sensitivity = Spelling.Of(opened.Opening.Sensitivity), While = opened.States.Select(Spelling.Of) }),
    };
}
