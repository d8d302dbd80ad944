using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tutelage.Rules;
using Tutelage.Rules.Access;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage rules explain</c>: one question, every reason for and against, and what it would take.</summary>
internal static class RulesExplainVerb
{
    private const int MaxBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Strict = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 4 };

    public static Command Create()
    {
        var file = RulesFile.Argument();
        var request = new Argument<string?>("REQUEST") { Description = "JSON {who, purpose, class, sensitivity?, state?, role?, own?}; or say it with options.", Arity = ArgumentArity.ZeroOrOne };
        var who = new Option<string?>("--who") { Description = "Who asks: a name of the rules, or a key id.", HelpName = "NAME|KEY" };
        var role = new Option<string?>("--role") { Description = $"As what they are enrolled: {Spelling.All<Role>()}. Default: as the rules say." };
        var purpose = new Option<string?>("--purpose") { Description = $"What for: {Spelling.All<Purpose>()}." };
        var kept = new Option<string?>("--class") { Description = $"What is to be opened: {Spelling.All<DataClass>()}." };
        var sensitivity = new Option<string?>("--sensitivity") { Description = $"Its label: {Spelling.All<Sensitivity>()}. Default: sensitive, as for everything without a label." };
        var state = new Option<string?>("--state") { Description = $"State of the programme: {Spelling.All<ProgrammeState>()}. Default: running." };
        var own = new Option<bool>("--own") { Description = "It is about the asker and nobody else." };
        var json = Options.Json();
        var verb = new Command("explain", "Says why a request is allowed or denied, and what it would take. Exit code 1 if it is denied.\n\nExample: tutelage rules explain rules.yaml --who \"Cleo Marsh\" --purpose train --class frames") { file, request, who, role, purpose, kept, sensitivity, state, own, json };
        verb.SetAction(parsed =>
        {
            var rules = RulesFile.Valid(parsed.GetRequiredValue(file));
            var said = parsed.GetValue(request) is { } path ? ReadRequest(path) : new(null, null, null, null, null, null, null);
            var question = Ask(rules, new(parsed.GetValue(who) ?? said.Who, parsed.GetValue(role) ?? said.Role, parsed.GetValue(purpose) ?? said.Purpose, parsed.GetValue(kept) ?? said.Class,
                parsed.GetValue(sensitivity) ?? said.Sensitivity, parsed.GetValue(state) ?? said.State, parsed.GetValue(own) || said.Own == true));
            var decision = AccessRules.Decide(rules, question);
            if (parsed.GetValue(json)) Output.Json(new { decision.Allowed, Reasons = decision.Reasons.Select(reason => new { Kind = Spelling.Of(reason.Kind), reason.Sentence, reason.Line, reason.What, reason.Needed }) });
            else Print(rules, question, decision);
            return decision.Allowed ? CliExit.Done : CliExit.Failed;
        });
        return verb;
    }

    private static void Print(RuleSet rules, AccessQuestion question, AccessDecision decision)
    {
        Output.Line($"{(decision.Allowed ? "ALLOWED" : "DENIED")}: {rules.Find(question.KeyId)?.Name ?? question.KeyId} ({Spelling.Of(question.Role)}) to {Spelling.Of(question.Purpose)} from {Spelling.Of(question.Sensitivity)} {Spelling.Of(question.Class)} while {Spelling.Of(question.State)}");
        foreach (var reason in decision.Reasons)
        {
            Output.Line($"  {reason.Kind switch { ReasonKind.Allows => "+", ReasonKind.Denies => "-", ReasonKind.Misses => "~" }} {reason.What}");
            if (reason.Needed is { } needed) Output.Line($"      needed: {needed}");
        }
        if (decision.Allowed && question.Purpose != Purpose.OwnView) Output.Line("It may be asked for. Keys are released only under a grant that two stewards approve.");
    }

    private static AccessQuestion Ask(RuleSet rules, Request said)
    {
        var who = said.Who ?? throw Missing("--who");
        var person = rules.Find(who) ?? rules.People.FirstOrDefault(named => named.Name == who);
        return new(person?.KeyId ?? who,
            said.Role is { } role ? Options.Word<Role>("--role", role) : person?.Role ?? throw new VerbFailedException($"the rules name nobody '{who}'", "say --role, or a name of the rules, exactly as written there", CliExit.Usage),
            Options.Word<Purpose>("--purpose", said.Purpose ?? throw Missing("--purpose")), Options.Word<DataClass>("--class", said.Class ?? throw Missing("--class")),
            Options.Word<Sensitivity>("--sensitivity", said.Sensitivity ?? "sensitive"), Options.Word<ProgrammeState>("--state", said.State ?? "running")) { OwnOnly = said.Own == true };
    }

    private static VerbFailedException Missing(string option) => new($"{option} is missing", "name it, or give a REQUEST file that does", CliExit.Usage);

    private static Request ReadRequest(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Request>(RulesFile.ReadText(path, MaxBytes), Strict) ?? throw new VerbFailedException($"{path} holds no request");
        }
        catch (JsonException broken)
        {
            throw new VerbFailedException($"{path} is not a request: {broken.Message}", "such as {\"who\":\"Cleo Marsh\",\"purpose\":\"train\",\"class\":\"frames\"}");
        }
    }

    private sealed record Request(string? Who, string? Role, string? Purpose, string? Class, string? Sensitivity, string? State, bool? Own);
}
