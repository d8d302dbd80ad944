using Tutelage.Rules.Access;

namespace Tutelage.Rules.Tests;

/// <summary>Every way we could think of to write "everyone", or to be counted as fewer than one is. Each is refused for its own reason.</summary>
public sealed class EveryoneTests
{
    private const string Audience = "allow: modelling";

    [Theory]
    [InlineData("everyone")]
    [InlineData("Everyone")]
    [InlineData("EVERY-ONE")]
    [InlineData("everybody")]
    [InlineData("all")]
    [InlineData("ALL")]
    [InlineData("'All employees'")]
    [InlineData("all-hands")]
    [InlineData("a1l")]
    [InlineData("àll")]
    [InlineData("any")]
    [InlineData("anyone else")]
    [InlineData("staff")]
    [InlineData("public")]
    [InlineData("others")]
    [InlineData("researchers")]
    [InlineData("researcher")]
    [InlineData("Stewards")]
    [InlineData("participants")]
    [InlineData("authenticated users")]
    [InlineData("'*'")]
    [InlineData("'C*'")]
    [InlineData("'Cleo Mars?'")]
    [InlineData("'%'")]
    [InlineData("'/.*/'")]
    [InlineData("'^'")]
    [InlineData("'(Cleo|Dan)'")]
    [InlineData("'$everyone'")]
    public void A_crowd_a_role_or_a_pattern_is_no_audience(string written) =>
        ExampleRules.ShouldBeRefused(ExampleRules.With(Audience, "allow: " + written), "crowds, roles and patterns have no spelling", 13);

    [Theory]
    [InlineData("everyone")]
    [InlineData("All employees")]
    [InlineData("researchers")]
    [InlineData("St4ff", false)]
    [InlineData("Anybody at all")]
    public void No_person_and_no_group_is_called_so_either(string name, bool refused = true)
    {
        var (group, person) = (ExampleRules.With("name: modelling", "name: " + name).Replace(Audience, $"allow: {name}", StringComparison.Ordinal), ExampleRules.With("name: Rita Öz", "name: " + name));
        if (refused)
        {
            ExampleRules.ShouldBeRefused(group, "it says a crowd or a role", 10);
            ExampleRules.ShouldBeRefused(person, "it says a crowd or a role", 8);
        }
        else ExampleRules.Read(person).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("allow: []", "names nothing, and nothing never means everything")]
    [InlineData("allow:", "names nothing, and nothing never means everything")]
    [InlineData("allow: ''", "names nothing, and nothing never means everything")]
    [InlineData("allow: ~", "is nobody here")]
    [InlineData("allow: null", "is nobody here")]
    [InlineData("allow: true", "is nobody here")]
    [InlineData("allow: {}", "is a word or a list of words")]
    [InlineData("allow: [[Cleo Marsh]]", "is a word or a list of words")]
    [InlineData("allow: {except: Dan Roy}", "is a word or a list of words")]
    [InlineData("allow: {role: researcher}", "is a word or a list of words")]
    [InlineData("allow: 'Cleo Marsh, Dan Roy'", "is nobody here")]
    [InlineData("allow: cleo marsh", "is nobody here")]
    [InlineData("allow: '!Dan Roy'", "is nobody here")]
    [InlineData("allow: [modelling, modelling]", "is named twice")]
    [InlineData("allow: cleoAAAAAAAAAAAAAAAAAA", "is a key")]
    [InlineData("forbid: Dan Roy\n    allow: modelling", "both allows and forbids")]
    [InlineData("allows: modelling", "neither allows nor forbids")]
    [InlineData("Allow: modelling", "neither allows nor forbids")]
    public void An_audience_is_people_by_name_and_nothing_else(string written, string what) => ExampleRules.ShouldBeRefused(ExampleRules.With(Audience, written), what);

    [Theory]
    [InlineData("allow: *everyone", "an alias")]
    [InlineData("allow: *", "'*' and '&' mean nothing here")]
    [InlineData("allow: [*]", "'*' and '&' mean nothing here")]
    [InlineData("allow: &m modelling", "makes something to be meant elsewhere")]
    [InlineData("allow: !!set {modelling}", "a tag")]
    [InlineData("allow: !everyone modelling", "a tag")]
    [InlineData("<<: {allow: Dan Roy}\n    allow: modelling", "'<<' would merge")]
    [InlineData("? [modelling]\n    : x\n    allow: modelling", "a list or mapping stands where a word belongs")]
    [InlineData("allow: modelling\n    allow: Anna Holt", "said twice")]
    public void No_line_means_what_stands_elsewhere(string written, string what) => ExampleRules.ShouldBeRefused(ExampleRules.With(Audience, written), what);

    [Fact]
    public void A_merge_of_an_anchor_brings_in_nobody()
    {
        var tricked = ExampleRules.With("  - allow: modelling", "  - &open\n    allow: modelling").Replace("  - allow: Cleo Marsh", "  - <<: *open\n    allow: Cleo Marsh", StringComparison.Ordinal);
        ExampleRules.ShouldBeRefused(tricked, "makes something to be meant elsewhere");
        ExampleRules.ShouldBeRefused(tricked, "an alias");
        ExampleRules.ShouldBeRefused(tricked, "'<<' would merge");
    }

    [Fact]
    public void A_second_document_is_not_read_behind_the_first() => ExampleRules.ShouldBeRefused(ExampleRules.Text + "\n---\ntutelage-rules: 1\n", "a second document");

    [Theory]
    [InlineData("Сleo Marsh", "is not a Latin letter")] // Cyrillic Es
    [InlineData("Ｃleo Marsh", "is not a Latin letter")] // full width
    [InlineData("Cleo Μarsh", "is not a Latin letter")] // Greek Mu
    [InlineData("𝐂leo Marsh", "is not a Latin letter")] // mathematical bold
    [InlineData("'Cleo\u00A0Marsh'", "names are made of Latin letters")] // no-break space
    [InlineData("cleo marsh", "looks like 'Cleo Marsh'")]
    [InlineData("C1eo Marsh", "looks like 'Cleo Marsh'")]
    [InlineData("CIeo Marsh", "looks like 'Cleo Marsh'")]
    [InlineData("Cle0 Marsh", "looks like 'Cleo Marsh'")]
    [InlineData("Cleo Marsĥ", "looks like 'Cleo Marsh'")]
    [InlineData("Cléo Marsh", "looks like 'Cleo Marsh'")]
    [InlineData("Cleo-Marsh", "looks like 'Cleo Marsh'")]
    [InlineData("Cleo Marsh", "is there already")]
    [InlineData("Rnodelling", "looks like")]
    [InlineData("Cleo  Marsh", "no two in a row")]
    [InlineData("'Cleo Marsh '", "no space at its end")]
    [InlineData("'1 Cleo'", "begins with a letter")]
    public void Two_people_cannot_look_like_one(string name, string what) => ExampleRules.ShouldBeRefused(ExampleRules.With("name: Rita Öz", "name: " + name), what);

    [Theory]
    [InlineData("\u200B")]
    [InlineData("\u202E")]
    [InlineData("\u2066")]
    [InlineData("\u00AD")]
    [InlineData("\u2028")]
    [InlineData("\u0007")]
    [InlineData("\uE000")]
    public void Nothing_invisible_stands_anywhere_not_even_in_a_comment(string hidden)
    {
        ExampleRules.ShouldBeRefused(ExampleRules.With("name: modelling", $"name: model{hidden}ling"), "invisible or direction-changing", 10);
        ExampleRules.ShouldBeRefused(ExampleRules.With("version: 3", $"version: 3 # nobody{hidden} is let in"), "invisible or direction-changing", 3);
    }

    [Fact]
    public void One_key_is_not_two_people() => ExampleRules.ShouldBeRefused(ExampleRules.With(ExampleRules.DanKey, ExampleRules.CleoKey), "is there already, on line 5", 6);

    [Fact]
    public void Keys_that_look_alike_are_not_two_people() => ExampleRules.ShouldBeRefused(ExampleRules.With(ExampleRules.DanKey, "C1eoAAAAAAAAAAAAAAAAAA"), "looks like", 6);

    [Theory]
    [InlineData("key: [danBBBBBBBBBBBBBBBBBBB, danEEEEEEEEEEEEEEEEEEE]", "takes one word")]
    [InlineData("key: danBBBBBBBBBBBBBBBBBBB, key: danEEEEEEEEEEEEEEEEEEE", "said twice")]
    [InlineData("key: danBBBBBBBBBBBBBBBBBBB, keys: [danEEEEEEEEEEEEEEEEEEE]", "'keys' is not known")]
    [InlineData("key: '*'", "is no key id")]
    [InlineData("key: danBBBBBBBBBBBBBBBBB", "is no key id")]
    [InlineData("key: danBBBBBBBBBBBBBBBBBBBB", "is no key id")]
    [InlineData("key: danBBBBBBBBBBBBBBBBBB.", "is no key id")]
    [InlineData("key: ''", "takes one word")]
    public void One_person_has_one_key(string written, string what) => ExampleRules.ShouldBeRefused(ExampleRules.With("key: danBBBBBBBBBBBBBBBBBBB", written), what, 6);

    [Theory]
    [InlineData("people: [modelling]", "is a group, and groups hold people")]
    [InlineData("people: [Cleo Marsh, Dan Roy]}\n  - {name: wider, people: [modelling]", "is a group, and groups hold people")]
    [InlineData("people: [Cleo Marsh, Cleo Marsh]", "is named twice")]
    [InlineData("people: []", "names nothing")]
    [InlineData("people: [Cleo Marsh, Nina Wolf]", "is nobody here")]
    [InlineData("people: [researchers]", "crowds, roles and patterns")]
    public void A_group_is_a_list_of_people_of_this_file(string written, string what) => ExampleRules.ShouldBeRefused(ExampleRules.With("people: [Cleo Marsh, Dan Roy]", written), what);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public void Listing_everyone_runs_into_the_ceiling_however_the_list_is_cut(int groups)
    {
        Crowd(5, groups, ceiling: null, out var five);
        RuleText.Read(five).Faults.ShouldBeEmpty();
        Crowd(6, groups, ceiling: null, out var six);
        ExampleRules.ShouldBeRefused(six, "6 people could open frames, and its ceiling is 5");
        RuleText.Read(six).Faults.ShouldContain(fault => fault.Fix.Contains("ceiling: {frames: 6}", StringComparison.Ordinal));
        Crowd(6, groups, 6, out var raised);
        RuleText.Read(raised).Faults.ShouldBeEmpty();
        Crowd(101, groups, 100, out var most);
        ExampleRules.ShouldBeRefused(most, "101 people could open frames, and its ceiling is 100");
        RuleText.Read(most).Faults.ShouldContain(fault => fault.Fix.Contains("no ceiling is higher than 100", StringComparison.Ordinal));
        Crowd(3, groups, 2, out var lowered);
        ExampleRules.ShouldBeRefused(lowered, "3 people could open frames, and its ceiling is 2");
    }

    [Fact]
    public void Prohibitions_and_states_make_no_room_under_the_ceiling()
    {
        Crowd(6, 6, null, out var six);
        ExampleRules.ShouldBeRefused(six + "\n  - {forbid: Person AAA, to: train, from: frames, at-least: ordinary, while: [running, halted, resuming]}", "6 people could open frames");
        ExampleRules.ShouldBeRefused(six.Replace("allow: [team A]\n    to: train\n    from: frames\n    up-to: ordinary\n    while: running", "allow: [team A]\n    to: train\n    from: frames\n    up-to: ordinary\n    while: resuming", StringComparison.Ordinal), "6 people could open frames");
    }

    [Theory]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("all")]
    [InlineData("1e2")]
    [InlineData("0x64")]
    [InlineData("5.0")]
    [InlineData("[5]")]
    [InlineData("unlimited")]
    [InlineData("99999999999999999999")]
    public void A_ceiling_is_a_small_number(string number) => ExampleRules.ShouldBeRefused(ExampleRules.With("ceiling: {frames: 3}", $"ceiling: {{frames: {number}}}"), "not a number from 0 to 100", 11);

    [Theory]
    [InlineData("{all: 5}", "is no class")]
    [InlineData("{frames: 2, frames: 5}", "said twice")]
    [InlineData("5", "is a mapping")]
    public void A_ceiling_is_for_one_class(string written, string what) => ExampleRules.ShouldBeRefused(ExampleRules.With("ceiling: {frames: 3}", "ceiling: " + written), what, 11);

    [Theory]
    [InlineData("hr")]
    [InlineData("HR")]
    [InlineData("human-resources")]
    [InlineData("performance")]
    [InlineData("performance-review")]
    [InlineData("Perf0rmance")]
    [InlineData("discipline")]
    [InlineData("disciplinary-action")]
    [InlineData("dismissal")]
    [InlineData("monitoring")]
    [InlineData("productivity")]
    [InlineData("working-hours")]
    [InlineData("pay")]
    public void Purposes_against_the_people_recorded_have_no_spelling_and_are_told_why(string purpose)
    {
        ExampleRules.ShouldBeRefused(ExampleRules.With("to: incident", "to: " + purpose), "recordings are never opened to judge, rank, pay, promote or discipline", 24);
        ExampleRules.ShouldBeRefused(ExampleRules.With("to: incident", $"to: [incident, {purpose}]"), "has no spelling here", 24);
    }

    [Theory]
    [InlineData("to: [train, evaluate]\n    from: [input", "to: all\n    from: [input", "is not one of train, evaluate")]
    [InlineData("to: incident", "to: own-view", "everybody has it for what is about themselves")]
    [InlineData("to: incident", "to: train", "Anna Holt is steward, and train is for researchers")]
    [InlineData("to: incident", "to: Incident", "is not one of")]
    [InlineData("to: incident", "to: 4", "is not one of")]
    [InlineData("allow: Anna Holt", "allow: Rita Öz", "a representative may halt and see scope, and opens nothing")]
    [InlineData("from: [text, frames]", "from: everything", "is not one of input")]
    [InlineData("from: [text, frames]", "from: '*'", "is not one of input")]
    [InlineData("up-to: personal\n", "up-to: all\n", "is not one of ordinary")]
    [InlineData("    up-to: personal\n", "", "'up-to' is missing")]
    [InlineData("    while: [running, resuming]\n", "", "'while' is missing")]
    [InlineData("while: [running, resuming]", "while: [running, halted]", "nothing is opened while the programme is halted")]
    [InlineData("while: [running, resuming]", "while: always", "is not one of running")]
    [InlineData("at-least: personal", "up-to: personal", "'up-to' is not known here")]
    [InlineData("role: steward", "role: admin", "is not one of participant")]
    [InlineData("role: steward", "role: [steward, researcher]", "takes one word")]
    [InlineData("version: 3", "version: 0", "a whole number from 1")]
    [InlineData("version: 3", "version: 03", "a whole number from 1")]
    [InlineData("version: 3", "version: 3\ndefault: allow", "'default' is not known here")]
    [InlineData("tutelage-rules: 1", "tutelage-rules: 2", "a whole number from 1 to 1")]
    public void Every_word_comes_from_the_vocabulary_and_none_may_be_left_out(string right, string wrong, string what) => ExampleRules.ShouldBeRefused(ExampleRules.With(right, wrong), what);

    [Fact]
    public void All_faults_are_named_at_once_in_the_order_of_lines()
    {
        var faults = RuleText.Read(ExampleRules.With("role: steward", "role: admin").Replace("to: incident", "to: hr", StringComparison.Ordinal).Replace("allow: modelling", "allow: everyone", StringComparison.Ordinal)).Faults;
        faults.Select(fault => fault.Line).ShouldBeInOrder();
        foreach (var line in new[] { 7, 13, 24 }) faults.ShouldContain(fault => fault.Line == line);
    }

    [Fact]
    public void Texts_that_nobody_could_review_are_not_read()
    {
        ExampleRules.ShouldBeRefused(new string(' ', RuleText.LongestText + 1), "at most");
        ExampleRules.ShouldBeRefused(ExampleRules.Text + "\nx: " + new string('[', 10_000), "nested more than");
        ExampleRules.ShouldBeRefused(string.Concat(Enumerable.Repeat("[", 100_000)), "nested more than");
        ExampleRules.ShouldBeRefused("x: [" + string.Concat(Enumerable.Repeat("a,", 60_000)) + "a]", "more than 50000");
        ExampleRules.ShouldBeRefused(ExampleRules.With("people:\n", "people:\n" + string.Concat(Enumerable.Range(0, 1000).Select(index => $"  - {{name: P {(char)('a' + index / 100)}{(char)('a' + index / 10 % 10)}{(char)('a' + index % 10)}, key: {index:D22}, role: operator}}\n"))), "a list of at most 1000 entries");
        ExampleRules.ShouldBeRefused("- a\n- b\n", "no mapping at the top");
        ExampleRules.ShouldBeRefused("", "no mapping at the top");
        ExampleRules.ShouldBeRefused("a: b: c", "this is not YAML");
    }

    private static void Crowd(int people, int groups, int? ceiling, out string yaml)
    {
        var names = Enumerable.Range(0, people).Select(index => $"Person {(char)('A' + index / 64)}{(char)('A' + index / 8 % 8)}{(char)('A' + index % 8)}").ToList(); // no two look alike
        var roster = string.Concat(names.Select((name, index) => $"  - {{name: {name}, key: crowd{index:D17}, role: researcher}}\n"));
        var parts = Enumerable.Range(0, Math.Min(groups, people)).Select(part => names.Where((_, index) => index % groups == part).ToList()).ToList();
        yaml = $"tutelage-rules: 1\nprogramme: Crowd\nversion: 1\n{(ceiling is { } number ? $"ceiling: {{frames: {number}}}\n" : "")}people:\n{roster}groups:\n"
            + string.Concat(parts.Select((part, index) => $"  - {{name: team {(char)('A' + index)}, people: [{string.Join(", ", part)}]}}\n"))
            + "rules:\n" + string.Join('\n', parts.Select((_, index) => $"  - allow: [team {(char)('A' + index)}]\n    to: train\n    from: frames\n    up-to: ordinary\n    while: running"));
    }
}
