using System.Text.Json;

namespace Tutelage.Trajectories.DataSets;

/// <summary>Reads a shard back, one trajectory after the other.</summary>
/// <remarks>Bounded whatever the bytes are: an entry is at most 64 MB, a trajectory at most 1 GB with its images.</remarks>
public static class DataSetReader
{
    /// <exception cref="ShardFormatException">It is not a shard, is damaged, or outgrows a bound; thrown while enumerating.</exception>
    public static IEnumerable<ShardTrajectory> Read(Stream shard)
    {
        (string Tag, DataSetPart Part)? header = null;
        var images = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        long held = 0;
        foreach (var (name, content) in ShardTarReader.Read(shard, MaxEntryBytes))
        {
            if (header is not { } person)
            {
                header = name == "shard.json" ? Header(content) : throw new ShardFormatException("the first entry is not shard.json; this is no shard");
                continue;
            }

            if (name.EndsWith(".png", StringComparison.Ordinal))
            {
                held += content.Length;
                if (held > MaxTrajectoryBytes) throw new ShardFormatException($"a trajectory holds more than {MaxTrajectoryBytes} bytes of images");
                images[name] = content;
                continue;
            }

            if (!name.EndsWith(".json", StringComparison.Ordinal)) throw new ShardFormatException("an entry is neither JSON nor PNG");
            yield return Trajectory(name[..^5], person.Tag, person.Part, content, images);
            images = new(StringComparer.Ordinal);
            held = 0;
        }

        if (header is null) throw new ShardFormatException("the shard is empty");
        if (images.Count > 0) throw new ShardFormatException("the shard ends with images of a trajectory that is missing");
    }

    private static ShardTrajectory Trajectory(string stem, string tag, DataSetPart part, byte[] content, Dictionary<string, byte[]> images)
    {
        try
        {
            var (trajectory, screen, names) = TrajectoryJson.Read(content);
            if (names.Any(name => name is not null && !images.ContainsKey(name))) throw new ShardFormatException($"trajectory {stem} names an image that is not before it");
            return new(stem, tag, part, screen, trajectory, names, images);
        }
        catch (FormatException fault)
        {
            throw new ShardFormatException($"trajectory {stem} cannot be read", fault);
        }
    }

    private static (string Tag, DataSetPart Part) Header(byte[] content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 8 });
            var json = document.RootElement;
            if (json.GetProperty("format").GetString() != DataSetBuilder.ShardFormat) throw new ShardFormatException($"not {DataSetBuilder.ShardFormat}; another version wrote it");
            return (json.GetProperty("tag").GetString() ?? "", json.GetProperty("part").GetString() switch
            {
                "train" => DataSetPart.Train, "test" => DataSetPart.Test, _ => throw new ShardFormatException("the shard is of neither train nor test"),
            });
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ShardFormatException("shard.json cannot be read", fault);
        }
    }

    private const int MaxEntryBytes = 64 * 1024 * 1024;
    private const long MaxTrajectoryBytes = 1L << 30;
}

/// <summary>A trajectory as a shard holds it.</summary>
/// <param name="Stem">Six digits.</param>
/// <param name="StepImages">Name of each step's image, null where it has none.</param>
/// <param name="Images">PNG bytes by entry name.</param>
public sealed record ShardTrajectory(
    string Stem, string Tag, DataSetPart Part, ScreenSize Screen, Trajectory Trajectory, IReadOnlyList<string?> StepImages, IReadOnlyDictionary<string, byte[]> Images);

/// <summary>The bytes are not a shard.</summary>
public sealed class ShardFormatException(string message, Exception? inner = null) : Exception(message, inner);
