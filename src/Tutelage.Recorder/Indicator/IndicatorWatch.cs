using System.Diagnostics;
using Tutelage.Recorder.Pipeline;
using Tutelage.Recording;

namespace Tutelage.Recorder.Indicator;

/// <summary>Makes capture depend on the indicator: a process of its own shows it and says four times a second whether it can be seen.</summary>
/// <remarks>
/// Silence, a covered window and a dead process are the same thing: nobody can see that recording is on, so within a second it is off.
/// A killed indicator is started again, visibly, and capture resumes only when it can be seen.
/// </remarks>
internal sealed class IndicatorWatch(Closures closures, Action togglePause, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Heartbeats come every 250 ms; two may be late.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(750);

    private readonly CancellationTokenSource _stop = new();
    private Process? _process;
    private Task _running = Task.CompletedTask;
    private string _state = "recording";

    public int? ProcessId => _process is { HasExited: false } process ? process.Id : null;

    /// <summary>Closes until the indicator can be seen for the first time.</summary>
    public void Start(string? display)
    {
        closures.Close(GapReason.IndicatorHidden, BootClock.Now());
        _running = RunAsync(display, _stop.Token);
    }

    /// <summary>What the window says: recording, paused, or why nothing is recorded.</summary>
    public async Task ShowAsync(string state)
    {
        if (state == _state) return;
        _state = state;
        try
        {
            if (_process is { HasExited: false } process) await process.StandardInput.WriteLineAsync(state);
        }
        catch (IOException)
        {
            // It died; the next one begins with the new state.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(string? display, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var process = Launch(display);
            _process = process;
            try
            {
                await process.StandardInput.WriteLineAsync(_state);
                await WatchAsync(process, cancellationToken);
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException)
            {
                // Closed below in either case.
            }
            finally
            {
                closures.Close(GapReason.IndicatorHidden, BootClock.Now());
                if (!process.HasExited) process.Kill();
                _process = null;
            }
            // A desktop that is gone would otherwise have the indicator started in a tight loop.
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task WatchAsync(Process process, CancellationToken cancellationToken)
    {
        var reading = process.StandardOutput.ReadLineAsync(cancellationToken).AsTask();
        while (true)
        {
            var patience = Task.Delay(Patience, time, cancellationToken);
            if (await Task.WhenAny(reading, patience) == patience)
            {
                cancellationToken.ThrowIfCancellationRequested();
                closures.Close(GapReason.IndicatorHidden, BootClock.Now());
            }
            switch (await reading)
            {
                case null: return;
                case "visible": closures.Open(GapReason.IndicatorHidden); break;
                case "covered": closures.Close(GapReason.IndicatorHidden, BootClock.Now()); break;
                case "clicked": togglePause(); break;
            }
            reading = process.StandardOutput.ReadLineAsync(cancellationToken).AsTask();
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
        return Process.Start(start) ?? throw new InvalidOperationException("the indicator could not be started");
    }
}
