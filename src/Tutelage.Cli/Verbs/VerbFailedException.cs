namespace Tutelage.Cli.Verbs;

/// <summary>A verb cannot do what was asked: what and which value, what to do about it, and the exit code.</summary>
internal sealed class VerbFailedException(string what, string? hint = null, int code = CliExit.Failed) : Exception(what)
{
    public string? Hint { get; } = hint;

    public int Code { get; } = code;
}
