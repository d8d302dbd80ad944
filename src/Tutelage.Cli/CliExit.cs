namespace Tutelage.Cli;

/// <summary>Exit codes of the command line.</summary>
internal static class CliExit
{
    public const int Done = 0, Failed = 1, Usage = 2, Unsupported = 3, PromiseBroken = 6, Refused = 7;
}
