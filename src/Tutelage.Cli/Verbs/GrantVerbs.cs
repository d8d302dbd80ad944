using System.CommandLine;
using System.Globalization;
using Tutelage.Cli.Programme;
using Tutelage.Recorder.Consent;
using Tutelage.Rules;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage grant request|list|approve|deny</c>: who may open what, for what, until when.</summary>
internal static class GrantVerbs
{
    public static Command Create(TimeProvider time) => new("grant", "Permissions to open recordings: ask, read, approve, deny.\n\nExample: tutelage grant list") { Request(time), List(time), Approve(time), Deny(time) };

    private static Command Request(TimeProvider time)
    {
        var purpose = new Option<string>("--purpose") { Description = $"{Spelling.All<Purpose>()}.", DefaultValueFactory = _ => Spelling.Of(Purpose.Train) };
        var classes = new Option<string?>("--classes") { Description = "What is opened, with commas: input,text,elements,frames for a build; derived for an export.", HelpName = "A,B" };
        var tags = new Option<string>("--tags") { Description = "Whose: pseudonyms with commas, or names of people enrolled here.", Required = true, HelpName = "A,B" };
        var job = new Option<string>("--job") { Description = $"{Spelling.All<JobKind>()}.", DefaultValueFactory = _ => Spelling.Of(JobKind.DatasetBuild) };
        var dataset = new Option<string?>("--dataset") { Description = "For an export: the data set, or the beginning of its id.", HelpName = "ID" };
        var holder = new Option<string?>("--holder") { Description = "For an export: who will hold the plain files, in words.", HelpName = "WORDS" };
        var holderKey = new Option<string?>("--holder-key") { Description = "For an export: age recipient, or a file that names it. Default: the asker's own.", HelpName = "FILE|RECIPIENT" };
        var format = new Option<string?>("--format") { Description = $"For an export: {Spelling.All<ExportFormat>()}. Default: {Spelling.Of(Enum.GetValues<ExportFormat>()[0])}." };
        var minutes = new Option<int>("--minutes") { Description = "How long keys may be released under it, 1 to 1440.", DefaultValueFactory = _ => 60 };
        var who = Options.As("a researcher");
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("request", "Asks for a grant; two stewards must approve it.\n\nExample: tutelage grant request --classes input,elements,frames --tags 0123456789abcdef0123456789abcdef --as cleo")
        {
            purpose, classes, tags, job, dataset, holder, holderKey, format, minutes, who, server, json,
        };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            var name = parsed.GetRequiredValue(who);
            var kind = Options.Word<JobKind>("--job", parsed.GetRequiredValue(job));
            var export = kind == JobKind.DatasetExport;
            if (!export && parsed.GetValue(classes) is null) throw new VerbFailedException("--classes is missing", "name what is to be opened, such as --classes input,text,elements,frames", CliExit.Usage);
            using var desk = await Desk.OpenAsync(home, name, Options.ServerOf(parsed.GetValue(server)), time, token);
            var asked = new GrantText(
                Spelling.Of(Options.Word<Purpose>("--purpose", parsed.GetRequiredValue(purpose))),
                Options.List(parsed.GetValue(classes) ?? "derived").Select(word => Spelling.Of(Options.Word<DataClass>("--classes", word))).ToList(),
                Options.List(parsed.GetRequiredValue(tags)).Select(tag => TagOf(home, tag)).ToList(), Spelling.Of(kind),
                parsed.GetValue(dataset) is { } id ? await DatasetVerbs.FullIdAsync(desk, id, token) : null,
                parsed.GetValue(holder), export ? HolderKey.RecipientIn(parsed.GetValue(holderKey) ?? KeptKey.AgePath(home, name)) : parsed.GetValue(holderKey), parsed.GetValue(minutes),
                export ? Spelling.Of(Options.Word<ExportFormat>("--format", parsed.GetValue(format) ?? Spelling.Of(Enum.GetValues<ExportFormat>()[0]))) : parsed.GetValue(format));
            var answer = await desk.Client.RequestGrantAsync(asked, token);
            var grant = answer.GetProperty("grant").GetString()!;
            if (parsed.GetValue(json)) Output.Json(answer);
            else
            {
                Output.Line(answer.GetProperty("effect").GetString()!);
                Output.Line($"Asked for, and logged as entry {answer.GetProperty("entry").GetInt64()}. Two stewards approve it with: tutelage grant approve {grant} --as NAME");
            }
            return CliExit.Done;
        });
        return verb;
    }

    private static Command List(TimeProvider time)
    {
        var who = new Option<string?>("--as") { Description = "Who asks: stewards and auditors see all, others what concerns them. Default: a steward of this machine.", HelpName = "NAME" };
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("list", "Lists grants with their state.\n\nExample: tutelage grant list --as anna --json") { who, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            using var desk = await Desk.OpenAsync(home, parsed.GetValue(who) ?? Desk.Reader(home), Options.ServerOf(parsed.GetValue(server)), time, token);
            var grants = await desk.GrantsAsync(token);
            if (parsed.GetValue(json)) Output.Json(grants);
            else if (grants.Count == 0) Output.Line($"{desk.Name} sees no grants.");
            else
            {
                Output.Table(["grant", "state", "job", "opens", "people", "approvals", "until"], grants.Select(grant => (string?[])
                [
                    grant.Grant, grant.State, grant.Request.Job, string.Join(", ", grant.Request.Classes), $"{grant.Request.Tags.Count}", $"{grant.Approvals} of 2",
                    grant.EndsAt is { } ends ? DateTimeOffset.FromUnixTimeSeconds(ends).ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "",
                ]));
            }
            return CliExit.Done;
        });
        return verb;
    }

    private static Command Approve(TimeProvider time)
    {
        var id = new Argument<string>("GRANT") { Description = "The grant, or the beginning of its id." };
        var who = Options.As("a steward who did not ask for it");
        var server = Options.Server();
        var yes = Options.Yes();
        var verb = new Command("approve", "Shows the exact effect of a grant, asks, and signs it.\n\nExample: tutelage grant approve 0123456789abcdef --as anna") { id, who, server, yes };
        verb.SetAction(async (parsed, token) =>
        {
            using var desk = await Desk.OpenAsync(Options.HomeOf(parsed), parsed.GetRequiredValue(who), Options.ServerOf(parsed.GetValue(server)), time, token);
            var grant = await desk.GrantAsync(parsed.GetRequiredValue(id), token);
            if (!grant.SaysWhatItDoes())
                throw new VerbFailedException($"the vault's words or digest for grant {grant.Grant} are not those of the request they stand for", "do not approve it; show this to the auditor", CliExit.PromiseBroken);
            Output.Line(grant.Effect);
            Output.Line($"SHA-256 of the exact effect: {grant.EffectSha256}");
            if (!Output.Confirm($"Approve this as {desk.Name}?", parsed.GetValue(yes))) return CliExit.Failed;
            var approved = await desk.Client.ApproveAsync(grant.Grant, grant.EffectSha256, token);
            var state = approved.GetProperty("state").GetString();
            Output.Line(state == "approved"
                ? $"Approved by enough: {grant.Requester} may run it now (tutelage {(grant.Request.Job == "dataset-build" ? "dataset build" : "dataset export")} {grant.Grant})."
                : $"Approved by {approved.GetProperty("approvals").GetInt32()} of 2; it is {state}.");
            return CliExit.Done;
        });
        return verb;
    }

    private static Command Deny(TimeProvider time)
    {
        var id = new Argument<string>("GRANT") { Description = "The grant, or the beginning of its id." };
        var who = Options.As("a steward, or whoever asked for it");
        var why = new Option<string>("--why") { Description = "The reason, for the log: at most 500 characters.", Required = true, HelpName = "WORDS" };
        var server = Options.Server();
        var verb = new Command("deny", "Denies a grant for good; one no is enough.\n\nExample: tutelage grant deny 0123456789abcdef --as anna --why \"too many people\"") { id, who, why, server };
        verb.SetAction(async (parsed, token) =>
        {
            using var desk = await Desk.OpenAsync(Options.HomeOf(parsed), parsed.GetRequiredValue(who), Options.ServerOf(parsed.GetValue(server)), time, token);
            var grant = await desk.GrantAsync(parsed.GetRequiredValue(id), token);
            await desk.Client.DenyAsync(grant.Grant, parsed.GetRequiredValue(why), token);
            Output.Line($"Grant {grant.Grant} is denied, and the log says so.");
            return CliExit.Done;
        });
        return verb;
    }

    /// <summary>A pseudonym, or that of somebody who is enrolled on this machine.</summary>
    private static string TagOf(Home home, string given)
    {
        if (!home.Enrolled().Contains(given, StringComparer.Ordinal)) return given;
        using var enrolment = Enrolment.Load(home.FolderOf(given));
        return enrolment.File.Tag;
    }
}
