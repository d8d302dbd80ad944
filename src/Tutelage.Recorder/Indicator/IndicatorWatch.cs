using System.ComponentModel;
using System.Diagnostics;
using Tutelage.Recorder.Pipeline;
using Tutelage.Recording;

namespace Tutelage.Recorder.Indicator;

/// <summary>Makes capture depend on the indicator: a process of its own shows it and says four times a second whether it can be seen.</summary>
/// <remarks>
/// Silence, a covered window and a dead process are the same thing: nobody can see that recording is on, so within a second it is off.
/// A killed indicator is started again, visibly, and capture resumes only when it can be seen.
/// </remarks>
internal sealed class IndicatorWatch : IAsyncDisposable
{
    /// <summary>Heartbeats come every 250 ms; one may be late.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(600);

    private readonly Closures _closures;
    private readonly Action _togglePause;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _telling = new();
    private Task _running = Task.CompletedTask;

    // Written by the task below, read by whoever closes or opens a reason. A lost race is made good at the next heartbeat.
    private volatile Process? _process;
    private volatile string _told = "";

    public IndicatorWatch(Closures closures, Action togglePause, TimeProvider time)
    {
        (_closures, _togglePause, _time) = (closures, togglePause, time);
        closures.Changed += Tell;
    }

    /// <summary>Closes until the indicator can be seen for the first time.</summary>
    public void Start(string? display)
    {
        _closures.Close(GapReason.IndicatorHidden, BootClock.Now());
        _running = RunAsync(display, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _closures.Changed -= Tell;
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>Says on the window what holds now: recording, paused, or why nothing is recorded.</summary>
    private void Tell()
    {
        var state = _closures.Current is { } closed ? closed.ToString() : "recording";
        if (state == _told || _process is not { } process) return;
        try
        {
            lock (_telling)
            {
                process.StandardInput.WriteLine(state);
                process.StandardInput.Flush();
            }
            _told = state;
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or ObjectDisposedException)
        {
            // It died; the next one begins with the state of that moment.
        }
    }

    private async Task RunAsync(string? display, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var process = Launch(display);
                try
                {
                    (_told, _process) = ("", process);
                    Tell();
                    await WatchAsync(process, cancellationToken);
                }
                finally
                {
                    _closures.Close(GapReason.IndicatorHidden, BootClock.Now());
                    _process = null;
                    if (!process.HasExited) process.Kill();
                }
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException or Win32Exception)
            {
                // Closed in either case; it is started again below.
            }
            // A desktop that is gone would otherwise have the indicator started in a tight loop.
            await Task.Delay(TimeSpan.FromMilliseconds(500), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(Process process, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reading = process.StandardOutput.ReadLineAsync(cancellationToken).AsTask();
            if (!reading.IsCompleted && await Task.WhenAny(reading, Task.Delay(Patience, _time, cancellationToken)) != reading)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _closures.Close(GapReason.IndicatorHidden, BootClock.Now());
            }
            switch (await reading)
            {
                case null: return;
                case "visible": _closures.Open(GapReason.IndicatorHidden); break;
                case "covered": _closures.Close(GapReason.IndicatorHidden, BootClock.Now()); break;
                case "clicked": _togglePause(); break;
            }
            Tell();
        }
    }

    private static Process Launch(string? display)
    {
        // The recorder runs from its own assembly or as a single file; either way the indicator is the same program with another verb.
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet") start.ArgumentList.Add(typeof(IndicatorWatch).Assembly.Location);
        start.ArgumentList.Add("indicator");
        if (display is not null) start.Environment["DISPLAY"] = display;
        return Process.Start(start) ?? throw new IOException("the indicator could not be started");
    }
}
