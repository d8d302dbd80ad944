namespace Tutelage.Practice.Participants;

/// <summary>A participant cannot go on: what a step needs is not there, or the page did not react.</summary>
public sealed class ParticipantLostException(string task, int step, string why) : Exception($"{task}, step {step}: {why}")
{
    public string Task { get; } = task;

    /// <summary>Index into the page's expected steps; -1 before the first and after the last.</summary>
    public int Step { get; } = step;
}
