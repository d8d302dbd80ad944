using System.Diagnostics;

namespace Tutelage.Recording.Bench;

internal static class Report
{
    public static void Row(string what, string figure) => Console.WriteLine($"| {what,-58} | {figure,24} |");

    /// <summary>Seconds of the best of five runs after a warm-up, as other processes share the machine.</summary>
    public static double Best(Action run)
    {
        run();
        var best = double.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var watch = Stopwatch.StartNew();
            run();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }
        return best;
    }
}
