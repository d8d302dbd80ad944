namespace Tutelage.Jobs.Hosting;

/// <summary>How the process ends (docs/formats/job-pipe.md).</summary>
internal static class JobExit
{
    public const int Done = 0;
    public const int NotLaunched = 2;
    public const int Refused = 3;
    public const int Stopped = 4;
    public const int Memory = 5;
    public const int NoOutput = 6;
    public const int Fault = 70;
}

/// <summary>The job cannot end well, and its launcher is told why. Never holds content.</summary>
internal sealed class JobFailureException(int exit, string code, string message, string? @object = null) : Exception(message)
{
    public int Exit { get; } = exit;

    public string Code { get; } = code;

    public string? Object { get; } = @object;

    public static JobFailureException NothingUsable(string message) => new(JobExit.NoOutput, "nothing-usable", message);

    public static JobFailureException ShardRefused(string id, string reason) => new(JobExit.NoOutput, "shard-refused", $"shard {id} cannot be opened: {reason}", id);

    public static JobFailureException OutOfMemory(long limitMb) => new(JobExit.Memory, "memory", $"the work does not fit {limitMb} MB; raise limits.memory_mb or name fewer segments");
}
