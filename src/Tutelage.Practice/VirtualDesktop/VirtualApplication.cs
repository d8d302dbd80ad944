namespace Tutelage.Practice;

/// <summary>A program on a virtual desktop.</summary>
public sealed class VirtualApplication : IAsyncDisposable
{
    private readonly KeptProcess _process;

    internal VirtualApplication(KeptProcess process, long window) => (_process, ProcessId, Window) = (process, process.Id, window);

    public int ProcessId { get; }

    /// <summary>X id of its first window.</summary>
    public long Window { get; }

    /// <summary>Ends the program and what it started.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

/// <summary>A browser on a virtual desktop.</summary>
/// <param name="Application">Its process and first window.</param>
/// <param name="DebuggingPort">DevTools on 127.0.0.1, a random port.</param>
public sealed record VirtualBrowser(VirtualApplication Application, int DebuggingPort) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Application.DisposeAsync();
}

/// <summary>A part of a virtual desktop is missing or was not ready in time.</summary>
public sealed class VirtualDesktopException(string program, string why) : Exception($"virtual desktop: {program} {why}")
{
    public string Program { get; } = program;
}
