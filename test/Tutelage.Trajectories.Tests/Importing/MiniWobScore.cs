using Tutelage.Testing;
using Tutelage.Trajectories.Importing;

namespace Tutelage.Trajectories.Tests.Importing;

internal sealed class MiniWobScore
{
    private readonly Lock _lock = new();

    public int Episodes, Events, Actions, Unexplained;
    public int DoubleRight, DoubleOnlyReducer, DoubleOnlyBrowser, DoubleCut, DoubleUnjudged;
    public int Labels, LabelOnce;
    public int Values, ValueRight, Texts, TextRight, NaiveRight;
    public int Targets, TargetRight, TargetUnjudged;
    public int Selects, SelectRight;
    public List<string> Examples { get; } = [];
    public List<string> TargetExamples { get; } = [];

    public double DoubleF1 => 2.0 * DoubleRight / (2 * DoubleRight + DoubleOnlyReducer + DoubleOnlyBrowser);

    public static MiniWobScore? OfAllDemonstrations()
    {
        if (!SharedFolder.Has("miniwob-demos", out var folder)) return null;
        var score = new MiniWobScore();
        var files = Directory.GetFiles(folder, "*.json*", SearchOption.AllDirectories);
        Parallel.ForEach(files.Order(StringComparer.Ordinal), file =>
        {
            using var stream = File.OpenRead(file);
            var demonstration = MiniWobDemonstration.Read(stream, Path.GetFileName(file).Split('.')[0]);
            var account = new ReductionAccount();
            var actions = ActionReducer.Reduce(demonstration.Timeline, account: account);
            lock (score._lock) score.Add(Path.GetFileName(Path.GetDirectoryName(file))!, demonstration, actions, account);
        });
        return score;
    }

    private void Add(string task, MiniWobDemonstration demonstration, IReadOnlyList<RecordedAction> actions, ReductionAccount account)
    {
        Episodes++;
        Events += demonstration.Timeline.Input.Count;
        Actions += actions.Count;
        Unexplained += account.Unexplained.Count;
        var input = demonstration.Timeline.Input;
        var pointer = actions.SelectMany(action => action.Kind == ActionKind.Select ? action.Parts : [action])
            .Where(action => action.Kind is ActionKind.Click or ActionKind.DoubleClick or ActionKind.TripleClick or ActionKind.Drag).ToList();
        var presses = demonstration.Evidence.Presses;

        for (var at = 0; at < presses.Count; at++)
        {
            var press = presses[at];
            var action = pointer.Where(one => one.FirstEvent <= press.Index && press.Index <= one.LastEvent).MinBy(one => one.LastEvent - one.FirstEvent)
                ?? throw new InvalidOperationException($"{task}: press {press.Index} is in no pointer action");
            var second = at > 0 && presses[at - 1].Index >= action.FirstEvent && (at < 2 || presses[at - 2].Index < action.FirstEvent);
            var ours = action.Kind is ActionKind.DoubleClick or ActionKind.TripleClick && second;
            if (press.Double && at == 0) DoubleCut++;
            else if (ours && press.Double) DoubleRight++;
            else if (ours && (press.Clicks.Count == 0 || presses[at - 1].Clicks.Count == 0)) DoubleUnjudged++;
            else if (ours || press.Double)
            {
                if (ours) DoubleOnlyReducer++;
                else DoubleOnlyBrowser++;
                Examples.Add($"  {(ours ? "only ours   " : "only browser")} {task} {input[press.Index].Time - input[presses[at - 1].Index].Time} ms, {presses[at - 1].Target} then {press.Target}, {action.Kind}");
            }

            if (press.Clicks.Any(click => click.Tag == "LABEL"))
            {
                Labels++;
                if (action.Kind == ActionKind.Click && press.Clicks.Count >= 1) LabelOnce++;
            }

            if (action.FirstEvent == press.Index)
            {
                if (press.Target is not { } target || action.ElementsIndex < 0)
                {
                    TargetUnjudged++;
                    continue;
                }

                Targets++;
                var scene = new Scene();
                scene.See(demonstration.Timeline.Elements[action.ElementsIndex].Record, quiet: false);
                var expected = scene.Find(target) is { } recorded ? scene.Control(recorded).Id : target;
                if (action.Target?.Id == expected) TargetRight++;
                else if (TargetExamples.Count < 60) TargetExamples.Add($"  {task}: recorded {scene.Find(expected)?.Role} {expected}, ours {action.Target?.Role} {action.Target?.Id} at {action.At}");
            }
        }

        foreach (var pick in demonstration.Evidence.Picks)
        {
            Selects++;
            if (actions.Any(action => action.Kind == ActionKind.Select && action.FirstEvent <= pick && pick <= action.LastEvent && action.Target?.Role == "combobox")) SelectRight++;
        }

        foreach (var run in demonstration.Evidence.Runs)
        {
            Values++;
            if (run.Resolved == run.Observed) ValueRight++;
            else if (Examples.Count < 400) Examples.Insert(0, $"  text {task}: resolved {run.Resolved.Length} letters, page {run.Observed?.Length}");
            if (run.Resolved != run.Typed) continue;
            Texts++;
            if (run.Typed == run.Observed) TextRight++;
            if (!((TypedRun)input[run.Index]).Corrected && run.Typed == run.Observed) NaiveRight++;
        }
    }
}
