using System.Diagnostics;
using System.Text;

namespace Tutelage.Practice;

/// <summary>A program that cannot outlive this process: it leads a group of its own, which is killed when the pipe that we hold closes.</summary>
/// <remarks>
/// <para>
/// A shell waits for the end of that pipe and then kills the group; the kernel closes the pipe however this process ends. PR_SET_PDEATHSIG
/// would be shorter, but it fires when the *thread* that started the program ends, and ours come from a pool.
/// </para>
/// <para>If this were wrong, every aborted run would leave an X server and a browser behind.</para>
/// </remarks>
internal sealed class KeptProcess : IAsyncDisposable
{
    private const string Keep = """
        exec 3<&0 </dev/null; ( read -r _ <&3; kill -s KILL -- -$$ ) >/dev/null 2>&1 & exec 3<&-
        case $0 in Output) exec 2>/dev/null;; Error) exec 2>&1 >/dev/null;; *) exec >/dev/null 2>&1;; esac
        exec "$@"
        """;
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private int _disposed;

    private KeptProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="program">A name to be found in PATH, or a path.</param>
    /// <param name="environment">The whole environment.</param>
    /// <param name="heard">Which of its streams is listened to; the others go nowhere.</param>
    /// <param name="onLine">Called with each line of that stream, on a thread of its own.</param>
    /// <exception cref="VirtualDesktopException">There is no such program.</exception>
    public static KeptProcess Start(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, HeardStream heard = HeardStream.None, Action<string>? onLine = null)
    {
        if (Find(program, environment) is not { } path) throw new VirtualDesktopException(program, "is not installed or not in PATH; install its package");
        var start = new ProcessStartInfo("setsid")
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = heard != HeardStream.None, StandardOutputEncoding = heard == HeardStream.None ? null : Encoding.UTF8,
        };
        foreach (var argument in (string[])["/bin/sh", "-c", Keep, heard.ToString(), path, .. arguments]) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        process.Start();
        if (heard != HeardStream.None) Listen(process.StandardOutput, onLine);
        return new(process);
    }

    /// <summary>Completes when the program has ended.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Kills the program and what it started.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        try
        {
            _process.StandardInput.Close();
            using var time = new CancellationTokenSource(EndsWithin);
            await _process.WaitForExitAsync(time.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    /// <summary>Reading a pipe without waiting is not to be had: the runtime would block a pool thread for as long as the program lives.</summary>
    private static void Listen(StreamReader stream, Action<string>? onLine) => new Thread(() =>
    {
        try
        {
            while (stream.ReadLine() is { } line) onLine?.Invoke(line);
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // The program was disposed.
        }
    }) { IsBackground = true, Name = "kept process: output" }.Start();

    private static string? Find(string program, IReadOnlyDictionary<string, string> environment) => program.Contains('/')
        ? File.Exists(program) ? program : null
        : environment.GetValueOrDefault("PATH", "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}

/// <summary>Which output of a <see cref="KeptProcess"/> is listened to.</summary>
internal enum HeardStream
{
    None, Output, Error,
}
