using System.CommandLine;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Reaching;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage rules reach</c>: who could open what, as a picture, and data set by data set.</summary>
internal static class RulesReachVerb
{
    public static Command Create()
    {
        var file = RulesFile.Argument();
        var state = new Option<string>("--state") { Description = $"State of the programme: {Spelling.All<ProgrammeState>()}.", DefaultValueFactory = _ => "running" };
        var dataSets = new Option<string?>("--datasets") { Description = "JSON with the data sets to look at, and who is enrolled (docs/formats/rules.md).", HelpName = "FILE" };
        var json = Options.Json();
        var verb = new Command("reach", "Shows who could open what under a rules file, exactly.\n\nExample: tutelage rules reach rules.yaml --datasets datasets.json") { file, state, dataSets, json };
        verb.SetAction(parsed =>
        {
            var rules = RulesFile.Valid(parsed.GetRequiredValue(file));
            var reach = RuleReach.Of(rules, Options.Word<ProgrammeState>("--state", parsed.GetRequiredValue(state)));
            var inventory = parsed.GetValue(dataSets) is { } path ? Inventory.Read(path, rules) : null;
            if (parsed.GetValue(json)) Output.Json(ToJson(reach, inventory));
            else
            {
                Picture(reach);
                if (inventory is not null) List(reach, inventory);
            }
            return CliExit.Done;
        });
        return verb;
    }

    private static void Picture(RuleReach reach)
    {
        var classes = Enum.GetValues<DataClass>();
        Output.Line($"Who could open what while {Spelling.Of(reach.State)}, of \"{reach.Rules.Programme}\" version {reach.Rules.Version}:");
        Output.Table(["", .. classes.Select(Spelling.Of)],
            reach.People.Select(reached => (IReadOnlyList<string?>)[reached.Person.Name, .. classes.Select(kept => CellOf(reached.Openings, kept))])
                .Append(["people now", .. classes.Select(kept => Gauge(reach.CountOf(kept), reach.Rules.Ceilings[kept]))]));
        Output.Line("░ ordinary  ▒ up to personal  █ up to sensitive   t train  e evaluate  r review  i incident   ■ people of ceiling □");
        Output.Line("Each opening still takes a grant with two approvals. Everybody may view what is about themselves; nobody else may open anything.");
    }

    /// <summary>Purposes by their initials, put together by how far up they reach: <c>█t ▒e</c>.</summary>
    private static string CellOf(Openings openings, DataClass kept)
    {
        var groups = openings.Each().Where(opening => opening.Class == kept).GroupBy(opening => opening.Purpose, (purpose, found) => (Purpose: purpose, Top: found.Max(opening => opening.Sensitivity)))
            .GroupBy(reached => reached.Top).OrderByDescending(group => group.Key);
        var cell = string.Join(' ', groups.Select(group => Shade(group.Key) + string.Concat(group.Select(reached => Spelling.Of(reached.Purpose)[0]))));
        return cell.Length == 0 ? "·" : cell;
    }

    private static string Shade(Sensitivity top) => top switch { Sensitivity.Ordinary => "░", Sensitivity.Personal => "▒", Sensitivity.Sensitive => "█" };

    private static string Gauge(int people, int ceiling) => $"{people}/{ceiling}{(ceiling > 10 ? "" : " " + new string('■', Math.Min(people, ceiling)) + new string('□', Math.Max(0, ceiling - people)))}";

    private static void List(RuleReach reach, Inventory inventory)
    {
        var standing = inventory.Under(reach);
        Output.Table(["data set", "class", "label", "persons in it", "who could open it"], inventory.DataSets.Select(dataSet => (IReadOnlyList<string?>)
        [
            dataSet.Id, Spelling.Of(dataSet.Class), dataSet.Sensitivity is { } label ? Spelling.Of(label) : "none: sensitive", $"{dataSet.Tags.Count}", InWords(standing.WhoCould(dataSet.Id).ToList(), reach.Rules),
        ]));
        foreach (var person in standing.NamedButNotEnrolled) Output.Line($"{person.Name} ({person.KeyId}) is named by the rules and not enrolled as {Spelling.Of(person.Role)}: opens nothing until then.");
    }

    private static string InWords(IReadOnlyList<CouldOpen> accesses, RuleSet rules)
    {
        var named = accesses.Where(access => access.Purpose != Purpose.OwnView).GroupBy(access => access.KeyId).Select(group => $"{rules.Find(group.Key)?.Name} ({string.Join(", ", group.Select(access => Spelling.Of(access.Purpose)))})").ToList();
        var own = accesses.Count(access => access.Purpose == Purpose.OwnView);
        if (own > 0) named.Add($"{own} their own part");
        return named.Count == 0 ? "nobody" : string.Join(", ", named);
    }

    private static object ToJson(RuleReach reach, Inventory? inventory)
    {
        var standing = inventory?.Under(reach);
        return new
        {
            reach.Rules.Programme, reach.Rules.Version, Sha256 = reach.Rules.Digest, State = Spelling.Of(reach.State),
            People = reach.People.Select(reached => new
            {
                reached.Person.Name, Key = reached.Person.KeyId, Role = Spelling.Of(reached.Person.Role),
                Openings = reached.Openings.Each().Select(opening => new { Purpose = Spelling.Of(opening.Purpose), Class = Spelling.Of(opening.Class), Sensitivity = Spelling.Of(opening.Sensitivity) }),
            }),
            Ceilings = Enum.GetValues<DataClass>().Select(kept => new { Class = Spelling.Of(kept), People = reach.CountOf(kept), Counted = RuleSet.Counted(reach.Rules.Sentences, kept).Count, Ceiling = reach.Rules.Ceilings[kept] }),
            Datasets = standing is null ? null : inventory?.DataSets.Select(dataSet => new { dataSet.Id, WhoCould = standing.WhoCould(dataSet.Id).Select(access => new { Key = access.KeyId, Purpose = Spelling.Of(access.Purpose) }) }),
            NamedButNotEnrolled = standing?.NamedButNotEnrolled.Select(person => person.KeyId),
        };
    }
}
