using Tutelage.Rules.Access;

namespace Tutelage.Rules.Tests;

/// <summary>The rules file of docs/formats/rules.md, and changes to it.</summary>
internal static class ExampleRules
{
    public const string CleoKey = "cleoAAAAAAAAAAAAAAAAAA";
    public const string DanKey = "danBBBBBBBBBBBBBBBBBBB";
    public const string AnnaKey = "annaCCCCCCCCCCCCCCCCCC";
    public const string RitaKey = "ritaDDDDDDDDDDDDDDDDDD";

    public const string Text = """
        tutelage-rules: 1
        programme: Practice pilot
        version: 3
        people:
          - {name: Cleo Marsh, key: cleoAAAAAAAAAAAAAAAAAA, role: researcher}
          - {name: Dan Roy, key: danBBBBBBBBBBBBBBBBBBB, role: researcher}
          - {name: Anna Holt, key: annaCCCCCCCCCCCCCCCCCC, role: steward}
          - {name: Rita Öz, key: ritaDDDDDDDDDDDDDDDDDD, role: representative}
        groups:
          - {name: modelling, people: [Cleo Marsh, Dan Roy]}
        ceiling: {frames: 3}
        rules:
          - allow: modelling
            to: [train, evaluate]
            from: [input, elements, derived]
            up-to: personal
            while: [running, resuming]
          - allow: Cleo Marsh
            to: train
            from: [text, frames]
            up-to: sensitive
            while: running
          - allow: Anna Holt
            to: incident
            from: [input, text, elements, frames]
            up-to: sensitive
            while: running
          - forbid: Dan Roy
            to: [train, evaluate]
            from: derived
            at-least: personal
            while: [running, halted, resuming]
        """;

    public static RuleSet Rules => Read(Text);

    public static RuleSet Read(string yaml)
    {
        var reading = RuleText.Read(yaml);
        reading.Faults.ShouldBeEmpty();
        return reading.Rules!;
    }

    /// <summary>The example with one text in place of another, which MUST occur in it.</summary>
    public static string With(string right, string wrong)
    {
        Text.ShouldContain(right);
        return Text.Replace(right, wrong, StringComparison.Ordinal);
    }

    /// <summary>The example as the next version, changed once.</summary>
    public static RuleSet Next(string right, string wrong, params (string Right, string Wrong)[] more) =>
        Read(more.Append((Right: "version: 3", Wrong: "version: 4")).Aggregate(With(right, wrong), (text, change) => text.Replace(change.Right, change.Wrong, StringComparison.Ordinal)));

    public static void ShouldBeRefused(string yaml, string what, int? line = null)
    {
        var reading = RuleText.Read(yaml);
        reading.Rules.ShouldBeNull();
        reading.Faults.ShouldContain(fault => fault.What.Contains(what, StringComparison.Ordinal), string.Join('\n', reading.Faults));
        if (line is { } at) reading.Faults.ShouldContain(fault => fault.Line == at && fault.What.Contains(what, StringComparison.Ordinal), string.Join('\n', reading.Faults));
        reading.Faults.ShouldAllBe(fault => fault.Fix.Length > 0);
    }
}
