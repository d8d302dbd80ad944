using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tutelage.Cli.Programme;

/// <summary>Starts processes that the kernel ends with us, even when we are killed: no host and no recorder outlives the command that runs it.</summary>
/// <remarks>
/// PR_SET_PDEATHSIG watches the thread that made the child, not its process: a thread of the pool that goes idle would take the hosts with it. So one thread
/// starts them all and lives as long as the process. If this were wrong, hosts would die at random after some minutes, or keep ports and folders for ever.
/// </remarks>
internal static class StartingThread
{
    private const string SetPrivileges = "/usr/bin/setpriv"; // util-linux, which Debian always has

    private static readonly BlockingCollection<Action> Waiting = Begin();

    /// <summary>Words before a command that let it end (SIGTERM) with us; none where the tool is missing.</summary>
    public static IReadOnlyList<string> EndWithUs { get; } = File.Exists(SetPrivileges) ? [SetPrivileges, "--pdeathsig", "TERM"] : [];

    public static Process? Start(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Waiting.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start));
            }
            catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                started.SetException(fault);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    private static BlockingCollection<Action> Begin()
    {
        var waiting = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var start in waiting.GetConsumingEnumerable()) start();
        })
        { IsBackground = true, Name = "starts processes" }.Start();
        return waiting;
    }
}
