namespace Tutelage.Trajectories.DataSets;

/// <summary>Counts what goes into a shard, in an order that is the same every time.</summary>
internal sealed class ShardCount
{
    public int Trajectories { get; private set; }
    public int Actions { get; private set; }
    public int Frames { get; set; }
    public SortedDictionary<ActionKind, int> Kinds { get; } = [];

    /// <summary>Actions by app.</summary>
    public SortedDictionary<string, int> Apps { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<GapReason, int> Gaps { get; } = [];

    public void Add(GapReason reason) => Gaps[reason] = Gaps.GetValueOrDefault(reason) + 1;

    public void Add(Trajectory trajectory)
    {
        Trajectories++;
        foreach (var step in trajectory.Steps)
        {
            Actions++;
            Kinds[step.Action.Kind] = Kinds.GetValueOrDefault(step.Action.Kind) + 1;
            var app = step.Observation.Elements?.Context.App ?? "not observed";
            Apps[app] = Apps.GetValueOrDefault(app) + 1;
        }
    }
}
