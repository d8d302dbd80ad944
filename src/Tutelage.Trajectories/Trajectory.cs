using Tutelage.Recording.Events;

namespace Tutelage.Trajectories;

/// <summary>An instruction and what a person did about it: (observation, action)*.</summary>
/// <param name="TaskId">Of the task's mark; <c>unmarked/N</c> between tasks.</param>
/// <param name="Generated">The instruction was made from the actions, nobody gave it.</param>
/// <param name="Success">Null if it is not known.</param>
/// <param name="Cut">Gaps lie inside it.</param>
public sealed record Trajectory(
    string TaskId, string Instruction, bool Generated, bool? Success, SessionTime Start, SessionTime End, IReadOnlyList<GapReason> Cut, IReadOnlyList<TrajectoryStep> Steps);

/// <summary>What could be seen before an action, and the action.</summary>
public sealed record TrajectoryStep(Observation Observation, RecordedAction Action);

/// <summary>The state before an action; null is "not observed".</summary>
public sealed record Observation(ElementSnapshot? Elements, FrameReference? Frame);
