using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Tutelage.Vault.Jobs;

/// <summary>Starts every job from one thread that lives as long as the vault.</summary>
/// <remarks>bubblewrap ends its job with the thread that started it (PR_SET_PDEATHSIG): from a thread of the pool that goes idle, jobs would die at random.</remarks>
internal static class StartingThread
{
    private static readonly BlockingCollection<Action> Waiting = Begin();

    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Waiting.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start) ?? throw new Win32Exception("no process was made"));
            }
            catch (Exception fault) when (fault is Win32Exception or InvalidOperationException)
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
        { IsBackground = true, Name = "starts jobs" }.Start();
        return waiting;
    }
}
