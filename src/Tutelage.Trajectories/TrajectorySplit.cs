namespace Tutelage.Trajectories;

/// <summary>Cuts a session into trajectories: by its task marks where there are any, between them by idle time and app.</summary>
public static class TrajectorySplit
{
    public static IReadOnlyList<Trajectory> Split(SessionTimeline timeline, ReductionOptions? options = null) => throw new NotImplementedException();
}
