using Tutelage.Desktop.Indicator;

namespace Tutelage.Recorder.Indicator;

/// <summary>The process that shows the indicator: states in on stdin, what can be seen out on stdout, four times a second.</summary>
internal static class IndicatorProcess
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private const uint Red = 0xE53935, Amber = 0xFFB300, Grey = 0x9E9E9E;

    public static int Run()
    {
        using var window = IndicatorWindow.Open(null);
        if (window is null) return RecorderExit.Unsupported;
        var wanted = "";
        using var ended = new ManualResetEventSlim();
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var reader = new Thread(() =>
        {
            while (Console.In.ReadLine() is { } line)
            {
                Volatile.Write(ref wanted, line);
                window.Wake();
            }
            // The recorder is gone: an indicator without a recorder would lie.
            ended.Set();
            window.Wake();
        }) { IsBackground = true };
        reader.Start();

        var shown = "";
        while (!ended.IsSet)
        {
            var state = Volatile.Read(ref wanted);
            if (state != shown) window.Show(Words(state), state == "recording" ? Red : state == "Paused" ? Amber : Grey);
            shown = state;
            var sight = window.Look(out var clicked);
            if (sight == IndicatorSight.Gone) return RecorderExit.Failed;
            if (clicked) output.WriteLine("clicked");
            output.WriteLine(sight == IndicatorSight.Visible ? "visible" : "covered");
            window.Wait(Beat);
        }
        return RecorderExit.Done;
    }

    private static string Words(string state) => state switch
    {
        "recording" => "recording - click: pause",
        "Paused" => "paused - click: go on",
        _ => "not recording: " + state,
    };
}
