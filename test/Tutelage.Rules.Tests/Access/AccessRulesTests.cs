using Tutelage.Rules.Access;
using Tutelage.Rules.Grants;

namespace Tutelage.Rules.Tests;

public sealed class AccessRulesTests
{
    private static readonly AccessQuestion Train = new(ExampleRules.CleoKey, Role.Researcher, Purpose.Train, DataClass.Input, Sensitivity.Personal, ProgrammeState.Running);

    [Fact]
    public void What_a_sentence_allows_is_allowed_and_names_the_line()
    {
        var decision = AccessRules.Decide(ExampleRules.Rules, Train);
        decision.Allowed.ShouldBeTrue();
        var reason = decision.Reasons.Single(reason => reason.Kind == ReasonKind.Allows);
        (reason.Sentence, reason.Line).ShouldBe((1, 13));
        reason.What.ShouldBe("sentence 1 (line 13) allows it: allow modelling to train and evaluate from input, elements and derived up to personal while running and resuming");
    }

    public static TheoryData<string, AccessQuestion, string> Denied() => new()
    {
        { "no sentence", Train with { Class = DataClass.Model }, "no sentence lets Cleo Marsh open personal model to train while running" },
        { "above the label", Train with { Sensitivity = Sensitivity.Sensitive }, "no sentence lets Cleo Marsh" },
        { "another state", Train with { Class = DataClass.Frames, State = ProgrammeState.Resuming }, "no sentence lets Cleo Marsh" },
        { "halted", Train with { State = ProgrammeState.Halted }, "the programme is halted" },
        { "not named", Train with { KeyId = "ninaEEEEEEEEEEEEEEEEEE" }, "name nobody with key ninaEEEEEEEEEEEEEEEEEE" },
        { "key in other case", Train with { KeyId = "CLEOAAAAAAAAAAAAAAAAAA" }, "name nobody with key" },
        { "enrolled as something else", Train with { Role = Role.Steward }, "train is for researchers" },
        { "named as something else", Train with { KeyId = ExampleRules.AnnaKey }, "the rules say that Anna Holt is steward" },
        { "representative", Train with { KeyId = ExampleRules.RitaKey, Role = Role.Representative }, "opens nothing" },
        { "forbidden", Train with { KeyId = ExampleRules.DanKey, Class = DataClass.Derived }, "sentence 4 (line 28) forbids it" },
        { "own view of others", Train with { Purpose = Purpose.OwnView, Role = Role.Participant }, "own-view is for what is about oneself alone" },
        { "own view by a researcher", Train with { Purpose = Purpose.OwnView, OwnOnly = true }, "own-view is for participants" },
        { "own view while halted", Train with { Purpose = Purpose.OwnView, Role = Role.Participant, OwnOnly = true, State = ProgrammeState.Halted }, "the programme is halted" },
        { "unknown purpose", Train with { Purpose = (Purpose)9 }, "not in the vocabulary" },
        { "unknown class", Train with { Class = (DataClass)(-1) }, "not in the vocabulary" },
        { "unknown label", Train with { Sensitivity = (Sensitivity)(-1) }, "not in the vocabulary" },
        { "unknown state", Train with { State = (ProgrammeState)7 }, "not in the vocabulary" },
        { "unknown role", Train with { Role = (Role)77 }, "not in the vocabulary" },
    };

    [Theory]
    [MemberData(nameof(Denied))]
    public void What_is_not_allowed_is_denied_with_its_reason_and_what_it_would_take(string why, AccessQuestion question, string reason)
    {
        var decision = AccessRules.Decide(ExampleRules.Rules, question);
        decision.Allowed.ShouldBeFalse(why);
        var denial = decision.Reasons.First(said => said.Kind == ReasonKind.Denies && said.What.Contains(reason, StringComparison.Ordinal));
        denial.Needed.ShouldNotBeNullOrEmpty();
        decision.Against.ShouldContain($"{denial.What}; needed: {denial.Needed}");
    }

    [Fact]
    public void Forbid_wins_over_any_number_of_sentences_that_allow()
    {
        var decision = AccessRules.Decide(ExampleRules.Rules, Train with { KeyId = ExampleRules.DanKey, Class = DataClass.Derived });
        decision.Reasons.ShouldContain(reason => reason.Kind == ReasonKind.Allows);
        decision.Allowed.ShouldBeFalse();
        AccessRules.Decide(ExampleRules.Rules, Train with { KeyId = ExampleRules.DanKey, Class = DataClass.Derived, Sensitivity = Sensitivity.Ordinary }).Allowed.ShouldBeTrue("the prohibition begins at personal");
    }

    [Fact]
    public void A_sentence_that_nearly_fits_says_what_differs()
    {
        var misses = AccessRules.Decide(ExampleRules.Rules, Train with { Class = DataClass.Text, Purpose = Purpose.Evaluate, State = ProgrammeState.Resuming, Sensitivity = Sensitivity.Sensitive }).Reasons.Where(reason => reason.Kind == ReasonKind.Misses).ToList();
        misses[0].What.ShouldContain("from input, elements and derived, not text, up to personal, not sensitive");
        misses[0].Needed.ShouldBe("'from: text' in it, 'up-to: sensitive' in it");
        misses[1].Needed.ShouldBe("'to: evaluate' in it, 'while: resuming' in it");
        misses.Count.ShouldBe(2, "sentences about others are nobody else's business");
    }

    [Fact]
    public void Everybody_may_see_what_is_about_themselves_whatever_the_rules_say() =>
        AccessRules.Decide(ExampleRules.Rules, new("unnamed", Role.Participant, Purpose.OwnView, DataClass.Frames, Sensitivity.Sensitive, ProgrammeState.Running) { OwnOnly = true }).Allowed.ShouldBeTrue();

    [Fact]
    public void Derived_data_is_as_sensitive_as_the_strictest_of_what_it_is_made_from()
    {
        SensitivityLabels.Strictest([Sensitivity.Ordinary, Sensitivity.Personal]).ShouldBe(Sensitivity.Personal);
        SensitivityLabels.Strictest([Sensitivity.Sensitive, Sensitivity.Ordinary]).ShouldBe(Sensitivity.Sensitive);
        SensitivityLabels.Strictest([Sensitivity.Ordinary]).ShouldBe(Sensitivity.Ordinary);
        SensitivityLabels.Strictest([Sensitivity.Ordinary, null]).ShouldBe(Sensitivity.Sensitive);
        SensitivityLabels.Strictest([]).ShouldBe(Sensitivity.Sensitive);
        SensitivityLabels.Strictest([(Sensitivity)(-5)]).ShouldBe(Sensitivity.Sensitive);
    }

    [Fact]
    public void No_role_has_more_purposes_than_the_table_says()
    {
        var table = from role in Enum.GetValues<Role>() from purpose in Enum.GetValues<Purpose>() where RoleBounds.WhyNever(role, purpose) is null select (role, purpose);
        table.ShouldBe([(Role.Steward, Purpose.Review), (Role.Steward, Purpose.Incident), (Role.Researcher, Purpose.Train), (Role.Researcher, Purpose.Evaluate), (Role.Auditor, Purpose.Review), (Role.Auditor, Purpose.Incident)]);
    }

    [Fact]
    public void A_grant_needs_its_form_its_approvals_and_the_rules_in_force()
    {
        var request = new GrantRequest(Purpose.Train, [DataClass.Input, DataClass.Elements], [new('a', 32)], JobKind.DatasetBuild, null, null, null, 60);
        var (cleo, running) = (new Person(ExampleRules.CleoKey, Role.Researcher, null), new RulesInForce(ExampleRules.Rules, ProgrammeState.Running));
        VerifiedApproval[] two = [new(new("s", Role.Steward, null)), new(new("t", Role.Steward, null))];
        GrantRules.DecideRequest(request, cleo, running, Sensitivity.Personal).Reasons.ShouldBeEmpty();
        GrantRules.DecideRelease(request, cleo, two, running, Sensitivity.Personal).Reasons.ShouldBeEmpty();
        GrantRules.DecideRelease(request, cleo, two[..1], running, Sensitivity.Personal).Allowed.ShouldBeFalse();
        GrantRules.DecideRelease(request, cleo, two, running with { State = ProgrammeState.Halted }, Sensitivity.Personal).Reasons.ShouldHaveSingleItem().ShouldContain("halted");
        GrantRules.DecideRequest(request, cleo, running, null).Allowed.ShouldBeFalse("what carries no label is sensitive");
        GrantRules.DecideRequest(request with { Classes = [DataClass.Input, DataClass.Model] }, cleo, running, Sensitivity.Ordinary).Reasons.ShouldContain(reason => reason.Contains("ordinary model", StringComparison.Ordinal));
        GrantRules.DecideRequest(request with { Minutes = 0 }, cleo, running, Sensitivity.Personal).Reasons.ShouldHaveSingleItem().ShouldContain("minutes");
        GrantRules.DecideRequest(request, cleo with { KeyId = "somebody" }, running, Sensitivity.Personal).Allowed.ShouldBeFalse();
    }

    [Fact]
    public void Own_view_of_two_people_is_not_own_view()
    {
        var own = new GrantRequest(Purpose.OwnView, [DataClass.Input], [new('a', 32)], JobKind.DatasetBuild, null, null, null, 60);
        var (me, running) = (new Person("p", Role.Participant, new('a', 32)), new RulesInForce(ExampleRules.Rules, ProgrammeState.Running));
        GrantRules.DecideRequest(own, me, running, null).Reasons.ShouldBeEmpty();
        GrantRules.DecideRequest(own with { Tags = [new('a', 32), new('b', 32)] }, me, running, null).Reasons.ShouldContain(reason => reason.Contains("oneself alone", StringComparison.Ordinal));
    }

    [Fact]
    public void Rehearsal_rules_let_in_the_first_five_researchers_and_nobody_else()
    {
        static Person Of(int index, Role role) => new($"key{index:D19}", role, null);
        var people = Enumerable.Range(0, 8).Select(index => Of(index, Role.Researcher)).Prepend(Of(100, Role.Steward)).Append(Of(0, Role.Researcher)).ToList();
        var rules = RehearsalRules.Of("Anna's pilot", people);
        rules.People.Select(person => person.KeyId).ShouldBe(Enumerable.Range(0, 5).Select(index => $"key{index:D19}"));
        AccessRules.Decide(rules, Train with { KeyId = $"key{4:D19}", Sensitivity = Sensitivity.Sensitive }).Allowed.ShouldBeTrue();
        AccessRules.Decide(rules, Train with { KeyId = $"key{5:D19}" }).Allowed.ShouldBeFalse();
        RehearsalRules.Of("Empty", []).Sentences.ShouldBeEmpty();
        RehearsalRules.Of("Anna's pilot", people).Digest.ShouldBe(rules.Digest);
        Should.Throw<ArgumentException>(() => RehearsalRules.Of("*", []));
    }
}
