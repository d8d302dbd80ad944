using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Change;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Reaching;

// ./build.sh bench Rules: who could open what of 45,000 data sets among 80,000 people, from scratch and after one change; every count of every person and data set each time.
const int People = 80_000;
const int DataSets = 45_000;
const int PersonsOfOne = 20;
var random = new Random(4);
string[] names = [.. Enumerable.Range(0, 100).Select(index => $"Reader {(char)('A' + index / 64)}{(char)('A' + index / 8 % 8)}{(char)('A' + index % 8)}")];
var readers = names.Select((_, index) => new Person($"reader{index:D16}", Role.Researcher, null));
var participants = Enumerable.Range(0, People - names.Length).Select(index => new Person($"participant{index:D11}", Role.Participant, $"{index:x32}"));
Person[] people = [.. readers, .. participants];
DataSetLabel[] dataSets = [.. Enumerable.Range(0, DataSets).Select(DataSet)];
var few = Rules(version: 1, readersOfEach: 5, ceiling: 5);
var many = Rules(version: 1, readersOfEach: 100, ceiling: 100);

foreach (var (what, rules) in new[] { ("5 readers a class", few), ("100 readers a class", many) })
{
    var text = Encoding.UTF8.GetString(RuleBytes.Encode(rules));
    var (read, _) = Best(5, () => RuleText.Read(text));
    var (scratch, reach) = Best(3, () => Counted(StandingReach.Of(rules, ProgrammeState.Running, people, dataSets)));
    long pairs = 0;
    var enumerated = Milliseconds(() =>
    {
        foreach (var dataSet in dataSets) pairs += reach.WhoCould(dataSet.Id).LongCount();
    });
    Say($"{what}: file of {text.Length} bytes read in {read:0.0} ms; reach from scratch with all counts {scratch:0} ms; all {pairs} (person, data set, purpose) listed in {enumerated:0} ms");
    var next = Rules(version: 2, readersOfEach: rules == few ? 4 : 99, ceiling: rules == few ? 5 : 100);
    var (changed, _) = Best(5, () => { reach.Change(next, ProgrammeState.Running); return Counted(reach); });
    var (group, _) = Best(5, () => { reach.Change(rules, ProgrammeState.Running); return Counted(reach); });
    var (one, _) = Best(5, () => { reach.Put(DataSet(7)); return Counted(reach); });
    var answer = Milliseconds(() =>
    {
        reach.Put(DataSet(8));
        reach.WhoCould("d8").Count();
    });
    Say($"{what}: after a change of rules {changed:0.0} ms, of a group {group:0.0} ms, of one data set {one:0.0} ms with all counts anew, {answer:0.000} ms for that data set alone");
    var (diff, _) = Best(5, () => RuleChange.Statement(RuleDiff.Between(rules, next)));
    Say($"{what}: difference of two rule sets with its statement {diff:0.0} ms");
}
return;

StandingReach Counted(StandingReach reach)
{
    if (reach.CountByDataSet().Count != DataSets || reach.CountByPerson().Count != People) throw new InvalidOperationException("somebody or something was not counted");
    return reach;
}

DataSetLabel DataSet(int index) => new(
    $"d{index}", (DataClass)random.Next(6), random.Next(10) == 0 ? null : (Sensitivity)random.Next(3), [.. Enumerable.Range(0, PersonsOfOne).Select(_ => $"{random.Next(People - 100):x32}")]);

RuleSet Rules(int version, int readersOfEach, int ceiling)
{
    var yaml = new StringBuilder($"tutelage-rules: 1\nprogramme: Bench\nversion: {version}\nceiling: {{{string.Join(", ", Enum.GetValues<DataClass>().Select(kept => $"{Spelling.Of(kept)}: {ceiling}"))}}}\npeople:\n");
    for (var i = 0; i < names.Length; i++) yaml.Append(CultureInfo.InvariantCulture, $"  - {{name: {names[i]}, key: reader{i:D16}, role: researcher}}\n");
    yaml.Append("groups:\n").Append(CultureInfo.InvariantCulture, $"  - {{name: modelling, people: [{string.Join(", ", names.Take(readersOfEach))}]}}\nrules:\n");
    foreach (var kept in Enum.GetValues<DataClass>())
        yaml.Append(CultureInfo.InvariantCulture, $"  - {{allow: modelling, to: [train, evaluate], from: {Spelling.Of(kept)}, up-to: {Spelling.Of((Sensitivity)((int)kept % 3))}, while: running}}\n");
    yaml.Append(CultureInfo.InvariantCulture, $"  - {{forbid: {names[1]}, to: evaluate, from: [frames, text], at-least: personal, while: running}}\n");
    var reading = RuleText.Read(yaml.ToString());
    return reading.Rules ?? throw new InvalidOperationException(string.Join('\n', reading.Faults));
}

static (double Milliseconds, T Result) Best<T>(int rounds, Func<T> run)
{
    var (best, result) = (double.MaxValue, default(T));
    for (var round = 0; round < rounds; round++) best = Math.Min(best, Milliseconds(() => result = run()));
    return (best, result!); // at least one round has run
}

static double Milliseconds(Action action)
{
    var started = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
}

static void Say(FormattableString text) => Console.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));
