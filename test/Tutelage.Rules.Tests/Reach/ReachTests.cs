using FsCheck;
using FsCheck.Fluent;
using Tutelage.Rules.Access;
using Tutelage.Rules.Change;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Reaching;

namespace Tutelage.Rules.Tests;

public sealed class ReachTests
{
    private static readonly (Purpose Purpose, DataClass Class, Sensitivity Label, ProgrammeState State)[] Vocabulary =
    [
        .. from purpose in Enum.GetValues<Purpose>() from kept in Enum.GetValues<DataClass>() from label in Enum.GetValues<Sensitivity>() from state in Enum.GetValues<ProgrammeState>() select (purpose, kept, label, state),
    ];

    [Fact]
    public void Reach_and_decisions_are_what_the_format_says_for_any_rules() => Always(80, random =>
    {
        var said = RandomRules.Of(random);
        var rules = said.Read();
        var reach = Enum.GetValues<ProgrammeState>().ToDictionary(state => state, state => RuleReach.Of(rules, state));
        foreach (var (_, key, role) in said.People)
            foreach (var (purpose, kept, label, state) in Vocabulary)
            {
                var may = said.May(key, purpose, kept, label, state);
                if (reach[state].By(key).Contains(new(purpose, kept, label)) != may) return false;
                if (AccessRules.Decide(rules, new(key, role, purpose, kept, label, state)).Allowed != may) return false;
            }
        return Enum.GetValues<DataClass>().All(kept => reach[ProgrammeState.Running].CountOf(kept) == said.People.Count(person => Vocabulary.Any(word => word.Class == kept && said.May(person.Key, word.Purpose, kept, word.Label, ProgrammeState.Running))));
    });

    [Fact]
    public void A_difference_is_exactly_who_is_let_in_and_who_is_shut_out() => Always(150, random =>
    {
        var said = RandomRules.Of(random);
        var before = said.Read();
        var could = Could(said);
        said.Change(random);
        var diff = RuleDiff.Between(before, said.Read());
        var can = Could(said);
        return Flat(diff.LetsIn).SetEquals(can.Except(could)) && Flat(diff.ShutsOut).SetEquals(could.Except(can)) && diff.IsWidening == can.Except(could).Any()
            && diff.LetsIn.Concat(diff.ShutsOut).All(person => person.Openings.Count > 0 && person.Openings.All(opening => opening.States.Count > 0));
    });

    [Fact]
    public void One_more_prohibition_or_one_permission_less_never_lets_anybody_in() => Always(150, random =>
    {
        var said = RandomRules.Of(random);
        var before = said.Read();
        if (random.Next(2) == 0 && said.Lines.FindIndex(line => line.Allow) is >= 0 and var index) said.Lines.RemoveAt(index);
        else if (said.Lines.Count > 0) said.Lines.Add(said.Lines[0] with { Allow = false });
        return !RuleDiff.Between(before, said.Read()).IsWidening;
    });

    [Fact]
    public void After_any_changes_standing_reach_is_the_same_as_from_scratch_and_as_the_format_says() => Always(60, random =>
    {
        var said = RandomRules.Of(random, people: 5);
        var people = said.People.Select(person => new Person(person.Key, person.Role, person.Role == Role.Participant ? "t0" : null))
            .Concat(Enumerable.Range(0, 6).Select(index => new Person($"participant{index}", Role.Participant, $"t{index}"))).ToDictionary(person => person.KeyId);
        var dataSets = Enumerable.Range(0, 8).Select(index => DataSet(random, index)).ToDictionary(dataSet => dataSet.Id);
        var state = ProgrammeState.Running;
        var standing = StandingReach.Of(said.Read(), state, people.Values, dataSets.Values);
        for (var step = 0; step < 12; step++)
        {
            switch (random.Next(6))
            {
                case 0: said.Change(random); standing.Change(said.Read(), state); break;
                case 1: state = (ProgrammeState)random.Next(3); standing.Change(said.Read(), state); break;
                case 2:
                    var put = DataSet(random, random.Next(10));
                    dataSets[put.Id] = put;
                    standing.Put(put);
                    break;
                case 3:
                    var gone = $"d{random.Next(10)}";
                    dataSets.Remove(gone);
                    standing.RemoveDataSet(gone);
                    break;
                case 4:
                    var someone = new Person(random.Next(2) == 0 ? $"key{random.Next(5):D19}" : $"participant{random.Next(8)}", (Role)random.Next(6), $"t{random.Next(6)}");
                    people[someone.KeyId] = someone;
                    standing.Put(someone);
                    break;
                default:
                    var left = $"participant{random.Next(8)}";
                    people.Remove(left);
                    standing.RemovePerson(left);
                    break;
            }
            var expected = Expected(said, state, people.Values, dataSets.Values);
            if (!Same(standing, people.Keys, dataSets.Keys, expected) || !Same(StandingReach.Of(said.Read(), state, people.Values, dataSets.Values), people.Keys, dataSets.Keys, expected)) return false;
        }
        return true;
    });

    [Fact]
    public void Who_is_named_and_not_enrolled_as_named_opens_nothing_and_is_listed()
    {
        var dataSet = new DataSetLabel("d", DataClass.Input, Sensitivity.Ordinary, []);
        var reach = StandingReach.Of(ExampleRules.Rules, ProgrammeState.Running, [new(ExampleRules.CleoKey, Role.Steward, null), new(ExampleRules.DanKey, Role.Researcher, null)], [dataSet]);
        reach.NamedButNotEnrolled.Select(person => person.Name).ShouldBe(["Cleo Marsh", "Anna Holt"]);
        reach.WhoCould("d").ShouldBe([new(ExampleRules.DanKey, "d", Purpose.Train), new(ExampleRules.DanKey, "d", Purpose.Evaluate)]);
        reach.WhatCould(ExampleRules.CleoKey).ShouldBeEmpty();
        reach.Put(new Person(ExampleRules.CleoKey, Role.Researcher, null));
        reach.WhatCould(ExampleRules.CleoKey).Count().ShouldBe(2);
        reach.DataSets.ShouldBe(1);
        reach.WhoCould("another").ShouldBeEmpty();
    }

    [Fact]
    public void A_data_set_without_a_label_is_for_those_who_may_open_sensitive_ones()
    {
        var reach = StandingReach.Of(ExampleRules.Rules, ProgrammeState.Running, [new(ExampleRules.CleoKey, Role.Researcher, null), new(ExampleRules.DanKey, Role.Researcher, null)],
            [new("unlabelled", DataClass.Input, null, []), new("labelled", DataClass.Input, Sensitivity.Personal, [])]);
        reach.WhoCould("unlabelled").ShouldBeEmpty();
        reach.WhoCould("labelled").Count().ShouldBe(4);
    }

    [Fact]
    public void A_word_outside_the_vocabulary_is_in_no_set()
    {
        var all = Openings.Of(Enum.GetValues<Purpose>(), Enum.GetValues<DataClass>(), Enum.GetValues<Sensitivity>());
        all.Count.ShouldBe(90);
        all.Each().Distinct().Count().ShouldBe(90);
        foreach (var outside in new Opening[] { new((Purpose)5, 0, 0), new(0, (DataClass)6, 0), new(0, 0, (Sensitivity)3), new((Purpose)(-1), 0, 0) })
        {
            all.Contains(outside).ShouldBeFalse();
            Openings.Of([outside.Purpose], [outside.Class], [outside.Sensitivity]).IsEmpty.ShouldBeTrue();
        }
    }

    private static HashSet<(string, Opening, ProgrammeState)> Could(RandomRules said) =>
        [.. from person in said.People from word in Vocabulary where said.May(person.Key, word.Purpose, word.Class, word.Label, word.State) select (person.Key, new Opening(word.Purpose, word.Class, word.Label), word.State)];

    private static HashSet<(string, Opening, ProgrammeState)> Flat(IEnumerable<PersonChange> people) =>
        [.. from person in people from opening in person.Openings from state in opening.States select (person.KeyId, opening.Opening, state)];

    /// <summary>Every person, data set and purpose, one by one.</summary>
    private static HashSet<CouldOpen> Expected(RandomRules said, ProgrammeState state, IEnumerable<Person> people, IEnumerable<DataSetLabel> dataSets) =>
    [
        .. from person in people
           from dataSet in dataSets
           from purpose in Enum.GetValues<Purpose>()
           where purpose == Purpose.OwnView
               ? state != ProgrammeState.Halted && person.Role == Role.Participant && dataSet.Tags.Contains(person.Tag)
               : said.People.Exists(named => named.Key == person.KeyId && named.Role == person.Role) && said.May(person.KeyId, purpose, dataSet.Class, dataSet.Sensitivity ?? Sensitivity.Sensitive, state)
           select new CouldOpen(person.KeyId, dataSet.Id, purpose),
    ];

    private static bool Same(StandingReach reach, IEnumerable<string> people, IEnumerable<string> dataSets, HashSet<CouldOpen> expected)
    {
        var (byDataSet, byPerson) = (dataSets.SelectMany(reach.WhoCould).ToList(), people.SelectMany(reach.WhatCould).ToList());
        var (countsByDataSet, countsByPerson) = (reach.CountByDataSet(), reach.CountByPerson());
        return byDataSet.Count == expected.Count && expected.SetEquals(byDataSet) && byPerson.Count == expected.Count && expected.SetEquals(byPerson)
            && dataSets.All(id => countsByDataSet[id] == expected.Count(could => could.DataSet == id)) && people.All(key => countsByPerson[key] == expected.Count(could => could.KeyId == key));
    }

    private static DataSetLabel DataSet(System.Random random, int index) =>
        new($"d{index}", (DataClass)random.Next(6), random.Next(4) is var label and < 3 ? (Sensitivity)label : null, [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"t{random.Next(6)}")]);

    private static void Always(int rounds, Func<System.Random, bool> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(rounds), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => holds(new System.Random(seed))));
}
