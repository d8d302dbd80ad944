namespace Tutelage.Cli.Demo;

/// <summary>How the demo is run.</summary>
internal sealed record DemoOptions
{
    /// <value>Of scripts and plants; default 1.</value>
    public long Seed { get; init; } = 1;

    /// <value>Tasks a participant, default 4.</value>
    public int Episodes { get; init; } = 4;

    /// <value>Factor on a natural pace, default 2.</value>
    public double Pace { get; init; } = 2;

    /// <value>Synthetic participants, default 3.</value>
    public int Participants { get; init; } = 3;

    /// <value>Where data and report stay; null removes the data and leaves the report in the temporary folder.</value>
    public string? Keep { get; init; }

    /// <value>File for the summary; null writes none.</value>
    public string? Json { get; init; }
}
