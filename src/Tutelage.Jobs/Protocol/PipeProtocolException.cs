namespace Tutelage.Jobs.Protocol;

/// <summary>The other end of the pipe broke docs/formats/job-pipe.md; nothing more can be said to it.</summary>
internal sealed class PipeProtocolException(string message) : Exception(message);
