namespace Tutelage.Cli;

/// <summary>Exit codes of the command line (docs/operations.md). 3, 4 and 5 are the recorder's own.</summary>
internal static class CliExit
{
    public const int Done = 0, Failed = 1, Usage = 2, Unsupported = 3, AlreadyRunning = 4, NotEnrolled = 5, PromiseBroken = 6, Refused = 7, LeftOver = 8;
}
