using System.Runtime.InteropServices;
using Tutelage.Desktop;

namespace Tutelage.Cli.Demo.Witnessing;

/// <summary>The process that watches one of the demo's own desktops without redaction, until it is told to stop.</summary>
internal static class WitnessProcess
{
    /// <summary>Set by the demo to the id of the X server process that it started; a witness of any other display refuses.</summary>
    public const string ServerVariable = "TUTELAGE_DEMO_XSERVER";

    public static async Task<int> RunAsync(string folder, TimeProvider time)
    {
        var display = Environment.GetEnvironmentVariable("DISPLAY") ?? "";
        if (!IsDemoServer(display))
        {
            Console.Error.WriteLine($"witness: display '{display}' is not a virtual desktop of the demo; nothing else is ever watched without redaction");
            return 3;
        }
        await using var capture = DesktopAdapters.ForX11(display).OpenCapture(new() { Display = display, MaxFramesPerSecond = 4 });
        using var tape = new RawTape(folder, capture.Screen, time.GetUtcNow());
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => { signal.Cancel = true; stop.Cancel(); });
        _ = Task.Run(() => { while (Console.In.ReadLine() is not null) { } stop.Cancel(); });
        Console.WriteLine("watching");
        try
        {
            await foreach (var captured in capture.Events.ReadAllAsync(stop.Token)) tape.Write(captured);
        }
        catch (OperationCanceledException)
        {
            // The demo is done with this desktop.
        }
        tape.Complete();
        return 0;
    }

    /// <summary>True if the display's socket is held by the Xvfb that the demo says it started.</summary>
    private static bool IsDemoServer(string display)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(ServerVariable), out var server) || !display.StartsWith(':') || !int.TryParse(display[1..], out var number)) return false;
        try
        {
            if (Path.GetFileName(File.ReadAllText($"/proc/{server}/cmdline").Split('\0')[0]) != "Xvfb") return false;
            // Columns of /proc/net/unix: … inode path. A listening X server has its socket open among its descriptors.
            var inodes = File.ReadLines("/proc/net/unix").Where(line => line.EndsWith($"/tmp/.X11-unix/X{number}", StringComparison.Ordinal))
                .Select(line => $"socket:[{line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]}]").ToHashSet(StringComparer.Ordinal);
            return Directory.EnumerateFiles($"/proc/{server}/fd").Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && inodes.Contains(target));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
