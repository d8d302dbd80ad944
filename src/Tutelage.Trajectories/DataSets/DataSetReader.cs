namespace Tutelage.Trajectories.DataSets;

/// <summary>Reads a shard back, one trajectory after the other; bounded in memory whatever the bytes are.</summary>
public sealed class DataSetReader
{
    /// <exception cref="ShardFormatException">It is not a shard, or outgrows a bound.</exception>
    public static IEnumerable<ShardTrajectory> Read(Stream shard) => throw new NotImplementedException();
}

/// <summary>A trajectory as a shard holds it.</summary>
/// <param name="Stem">Six digits.</param>
/// <param name="Images">PNG bytes by entry name.</param>
public sealed record ShardTrajectory(string Stem, string Tag, DataSetPart Part, ScreenSize Screen, Trajectory Trajectory, IReadOnlyList<string?> StepImages, IReadOnlyDictionary<string, byte[]> Images);

/// <summary>The bytes are not a shard.</summary>
public sealed class ShardFormatException(string message, Exception? inner = null) : Exception(message, inner);
