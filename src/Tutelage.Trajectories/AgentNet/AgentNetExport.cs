namespace Tutelage.Trajectories.AgentNet;

/// <summary>Writes shards in the form of AgentNet's training files: JSONL and PNG, as entries of one tar (docs/formats/agentnet.md).</summary>
public static class AgentNetExport
{
    public static AgentNetSummary Write(IEnumerable<Stream> shards, Stream tar, CancellationToken cancellation = default) => throw new NotImplementedException();
}

/// <summary>What was written.</summary>
/// <param name="Lossy">Steps that the format could not carry in full, by reason.</param>
public sealed record AgentNetSummary(int Trajectories, int Steps, int Images, IReadOnlyDictionary<string, int> Lossy);
