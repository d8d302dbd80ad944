using System.Text;
using Tutelage.Rules.Change;
using Tutelage.Rules.Grants;

namespace Tutelage.Rules.Tests;

public sealed class RuleChangeTests
{
    private static readonly Person Requester = new("requester", Role.Steward, null);
    private static readonly Person First = new("first", Role.Steward, null);
    private static readonly Person Second = new("second", Role.Steward, null);

    private static RuleDiff Widening => RuleDiff.Between(ExampleRules.Rules, ExampleRules.Next("allow: Cleo Marsh", "allow: [Cleo Marsh, Dan Roy]"));

    private static RuleDiff Narrowing => RuleDiff.Between(ExampleRules.Rules, ExampleRules.Next("up-to: personal", "up-to: ordinary"));

    [Fact]
    public void Widening_takes_two_others_and_every_participant_is_told()
    {
        var diff = Widening;
        diff.IsWidening.ShouldBeTrue();
        diff.LetsIn.ShouldHaveSingleItem().Name.ShouldBe("Dan Roy");
        diff.ShutsOut.ShouldBeEmpty();
        RuleChangeRules.DecideRequest(diff, Requester).ShouldSatisfyAllConditions(decision => decision.Allowed.ShouldBeTrue(), decision => decision.ApprovalsNeeded.ShouldBe(2), decision => decision.TellParticipants.ShouldBeTrue());
        Allowed(diff, First, Second).ShouldBeTrue();
        Allowed(diff).ShouldBeFalse();
        Allowed(diff, First).ShouldBeFalse();
        Allowed(diff, First, First).ShouldBeFalse();
        Allowed(diff, First, Requester).ShouldBeFalse();
        Allowed(diff, First, Second with { Role = Role.Auditor }).ShouldBeFalse();
        Allowed(diff, First, Second with { Role = Role.Representative }).ShouldBeFalse();
    }

    [Fact]
    public void Narrowing_takes_one_other()
    {
        var diff = Narrowing;
        diff.IsWidening.ShouldBeFalse();
        diff.ShutsOut.Select(person => person.Name).ShouldBe(["Cleo Marsh", "Dan Roy"], ignoreOrder: true);
        Allowed(diff, First).ShouldBeTrue();
        Allowed(diff, Requester).ShouldBeFalse();
        Allowed(diff).ShouldBeFalse();
        RuleChangeRules.DecideRequest(diff, Requester).TellParticipants.ShouldBeFalse();
    }

    [Fact]
    public void An_approval_of_another_effect_counts_for_nothing()
    {
        var (diff, other) = (Widening, RuleChange.EffectDigest(Narrowing));
        RuleChangeRules.Decide(diff, Requester, [new(First, RuleChange.EffectDigest(diff)), new(Second, other)]).Reasons.ShouldHaveSingleItem().ShouldStartWith("1 of 2");
        RuleChangeRules.Decide(diff, Requester, [new(First, RuleChange.EffectDigest(diff)), new(Second, RuleChange.EffectDigest(diff).ToUpperInvariant())]).Allowed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("ceiling: {frames: 3}", "ceiling: {frames: 4}", true)]
    [InlineData("ceiling: {frames: 3}", "ceiling: {frames: 3, model: 6}", true)]
    [InlineData("ceiling: {frames: 3}", "", true)]
    [InlineData("ceiling: {frames: 3}", "ceiling: {frames: 2, text: 4}", false)]
    [InlineData("key: danBBBBBBBBBBBBBBBBBBB", "key: danEEEEEEEEEEEEEEEEEEE", true)]
    [InlineData("people: [Cleo Marsh, Dan Roy]", "people: [Cleo Marsh]", false)]
    [InlineData("at-least: personal", "at-least: sensitive", true)]
    [InlineData("while: [running, halted, resuming]", "while: running", true)]
    [InlineData("to: train\n", "to: [train, evaluate]\n", true)]
    [InlineData("name: Dan Roy", "name: Dan Roy", false)]
    public void Raising_a_ceiling_changing_a_key_or_weakening_a_prohibition_is_widening(string right, string wrong, bool widening)
    {
        var diff = RuleDiff.Between(ExampleRules.Rules, ExampleRules.Next(right, wrong));
        diff.IsWidening.ShouldBe(widening);
        RuleChangeRules.DecideRequest(diff, Requester).ApprovalsNeeded.ShouldBe(widening ? 2 : 1);
    }

    [Fact]
    public void The_first_rules_let_in_everybody_whom_they_name()
    {
        var first = RuleDiff.Between(null, ExampleRules.Rules);
        first.IsWidening.ShouldBeTrue();
        first.LetsIn.Count.ShouldBe(3);
        first.Ceilings.ShouldBe([new(DataClass.Frames, 5, 3)]);
        Encoding.UTF8.GetString(RuleChange.Statement(first)).ShouldContain($"\"old\":\"{new string('0', 64)}\"");
        RuleDiff.Between(null, ExampleRules.Read("tutelage-rules: 1\nprogramme: Practice pilot\nversion: 1\n")).IsWidening.ShouldBeFalse();
    }

    [Fact]
    public void Old_rules_and_rules_of_another_programme_do_not_come_into_force()
    {
        RuleChangeRules.DecideRequest(RuleDiff.Between(ExampleRules.Rules, ExampleRules.Rules), Requester).Reasons.ShouldHaveSingleItem().ShouldContain("version 3 is not later than version 3");
        RuleChangeRules.DecideRequest(RuleDiff.Between(ExampleRules.Rules, ExampleRules.Next("Practice pilot", "Another pilot")), Requester).Reasons.ShouldHaveSingleItem().ShouldContain("Another pilot");
        foreach (var role in Enum.GetValues<Role>())
            RuleChangeRules.DecideRequest(Narrowing, Requester with { Role = role }).Allowed.ShouldBe(role is Role.Steward or Role.Auditor or Role.Representative, $"{role}");
        var approved = RuleDiff.Between(ExampleRules.Rules, ExampleRules.Rules);
        RuleChangeRules.Decide(approved, Requester, [new(First, RuleChange.EffectDigest(approved)), new(Second, RuleChange.EffectDigest(approved))]).Allowed.ShouldBeFalse("approved, and still against the rules");
    }

    [Fact]
    public void The_statement_has_exactly_these_bytes()
    {
        var diff = RuleDiff.Between(ExampleRules.Rules, ExampleRules.Next("to: train\n    from: [text, frames]", "to: [train, evaluate]\n    from: [text, frames]", ("ceiling: {frames: 3}", "ceiling: {frames: 4}")));
        var cleo = string.Join(',', from kept in new[] { "text", "frames" } from label in new[] { "ordinary", "personal", "sensitive" } select $$"""{"key":"{{ExampleRules.CleoKey}}","name":"Cleo Marsh","purpose":"evaluate","class":"{{kept}}","sensitivity":"{{label}}","while":["running"]}""");
        Encoding.UTF8.GetString(RuleChange.Statement(diff)).ShouldBe($$"""{"tutelage-rule-change":1,"programme":"Practice pilot","version":4,"old":"{{diff.Before!.Digest}}","new":"{{diff.After.Digest}}","widening":true,"lets-in":[{{cleo}}],"shuts-out":[],"ceilings":[{"class":"frames","old":3,"new":4}]}""");
    }

    [Fact]
    public void Words_say_who_is_let_in_to_what_and_what_it_takes()
    {
        var words = RuleChange.Words(Widening);
        words.ShouldContain($"Lets in Dan Roy ({ExampleRules.DanKey}): to train from ordinary, personal and sensitive text and frames while running.");
        words[^1].ShouldContain("2 approvals");
        RuleChange.Words(Narrowing)[^1].ShouldContain("1 approval ");
        RuleChange.Words(RuleDiff.Between(ExampleRules.Rules, ExampleRules.Next("name: Rita Öz", "name: Rita Ozturk"))).ShouldContain($"Calls {ExampleRules.RitaKey} \"Rita Ozturk, representative\" instead of \"Rita Öz, representative\".");
        RuleChange.Words(RuleDiff.Between(ExampleRules.Rules, ExampleRules.Next("ceiling: {frames: 3}", "ceiling: {frames: 4}"))).ShouldContain("Raises the ceiling of frames from 3 to 4 people.");
    }

    private static bool Allowed(RuleDiff diff, params Person[] approvers) => RuleChangeRules.Decide(diff, Requester, [.. approvers.Select(approver => new VerifiedChangeApproval(approver, RuleChange.EffectDigest(diff)))]).Allowed;
}
