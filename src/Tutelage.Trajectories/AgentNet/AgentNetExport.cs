using System.Text.Json;
using Tutelage.Trajectories.DataSets;

namespace Tutelage.Trajectories.AgentNet;

/// <summary>Writes shards in the form of AgentNet's training files: images and one JSONL as entries of one tar (docs/formats/agentnet.md).</summary>
public static class AgentNetExport
{
    /// <param name="shards">Plaintext shards, each read once in the order given.</param>
    /// <param name="tar">Stays open. Entries: <c>images/…png</c> as they come, then <c>agentnet.jsonl</c>.</param>
    /// <exception cref="ShardFormatException">A shard cannot be read.</exception>
    public static AgentNetSummary Write(IEnumerable<Stream> shards, Stream tar, CancellationToken cancellation = default)
    {
        using var output = new ShardTarWriter(tar);
        var lines = new MemoryStream();
        var lossy = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int trajectories = 0, steps = 0, images = 0;
        foreach (var shard in shards)
        {
            foreach (var trajectory in DataSetReader.Read(shard))
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var (name, png) in trajectory.Images.OrderBy(image => image.Key, StringComparer.Ordinal))
                {
                    output.Add(ImageName(trajectory, name), png);
                    images++;
                }

                WriteLine(lines, trajectory, lossy);
                trajectories++;
                steps += trajectory.Trajectory.Steps.Count;
            }
        }

        output.Add("agentnet.jsonl", lines.ToArray());
        return new(trajectories, steps, images, lossy);
    }

    private static void WriteLine(Stream lines, ShardTrajectory source, SortedDictionary<string, int> lossy)
    {
        var trajectory = source.Trajectory;
        using (var json = new Utf8JsonWriter(lines, ActionJson.Compact))
        {
            json.WriteStartObject();
            json.WriteString("task_id", $"{source.Tag}/{source.Stem}");
            json.WriteString("instruction", trajectory.Instruction);
            if (trajectory.Success is { } success) json.WriteBoolean("task_completed", success);
            if (trajectory.Generated) json.WriteBoolean("instruction_generated", true);
            json.WriteStartArray("traj");
            for (var step = 0; step < trajectory.Steps.Count; step++)
            {
                var lost = new List<string>();
                var code = PyCode.Write(AgentNetCode.Of(trajectory.Steps[step].Action, source.Screen, trajectory.Instruction, lost));
                if (source.StepImages[step] is null) lost.Add("no frame");
                foreach (var reason in lost.Distinct(StringComparer.Ordinal)) lossy[reason] = lossy.GetValueOrDefault(reason) + 1;
                json.WriteStartObject();
                json.WriteNumber("index", step);
                if (source.StepImages[step] is { } image) json.WriteString("image", ImageName(source, image));
                else json.WriteNull("image");
                json.WriteStartObject("value");
                json.WriteString("code", code);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        lines.WriteByte((byte)'\n');
    }

    private static string ImageName(ShardTrajectory trajectory, string image) => $"images/{trajectory.Tag}-{image}";
}

/// <summary>What was written.</summary>
/// <param name="Lossy">Steps that the format could not carry in full, by reason.</param>
public sealed record AgentNetSummary(int Trajectories, int Steps, int Images, IReadOnlyDictionary<string, int> Lossy);
