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

    /// <summary>A double or triple click is right if the browser fired one <c>dblclick</c> for its presses.</summary>
    private void AddDoubles(string task, IReadOnlyList<InputEvent> input, List<MiniWobPress> presses, List<RecordedAction> pointer)
    {
        foreach (var action in pointer.Where(action => action.Kind is ActionKind.DoubleClick or ActionKind.TripleClick))
        {
            var own = presses.Where(press => press.Index >= action.FirstEvent && press.Index <= action.LastEvent).ToList();
            if (own.Any(press => press.Double)) DoubleRight++;
            else if (own.Any(press => press.Clicks.Count == 0)) DoubleUnjudged++;
            else
            {
                DoubleOnlyReducer++;
                Examples.Add($"  only ours {task}: {action.Kind}, presses {string.Join(", ", own.Zip(own.Skip(1), (one, next) => input[next.Index].Time - input[one.Index].Time))} ms apart");
            }
        }

        for (var at = 0; at < presses.Count; at++)
        {
            if (!presses[at].Double) continue;
            if (at == 0) DoubleCut++;
            else if (!pointer.Any(action => action.Kind is ActionKind.DoubleClick or ActionKind.TripleClick && action.FirstEvent <= presses[at].Index && presses[at].Index <= action.LastEvent))
            {
                DoubleOnlyBrowser++;
                Examples.Add($"  only the browser's {task}: {input[presses[at].Index].Time - input[presses[at - 1].Index].Time} ms, {presses[at - 1].Target} then {presses[at].Target}");
            }
        }
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
        AddDoubles(task, input, presses, pointer);

        for (var at = 0; at < presses.Count; at++)
        {
            var press = presses[at];
            var action = pointer.Where(one => one.FirstEvent <= press.Index && press.Index <= one.LastEvent).MinBy(one => one.LastEvent - one.FirstEvent)
                ?? throw new InvalidOperationException($"{task}: press {press.Index} is in no pointer action");
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
