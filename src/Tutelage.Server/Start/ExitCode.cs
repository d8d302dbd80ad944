namespace Tutelage.Server;

/// <summary>How the process ends (docs/formats/ingest.md).</summary>
internal static class ExitCode
{
    public const int Ended = 0;
    public const int WrongCommandLine = 2;
    public const int DoubtfulState = 4;
    public const int PortInUse = 5;
}
