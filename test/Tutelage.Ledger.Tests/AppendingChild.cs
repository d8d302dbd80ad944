using System.Diagnostics;
using System.Globalization;

namespace Tutelage.Ledger.Tests;

/// <summary>Entry point of this assembly when a test starts it as a process: appends for ever, one line of output per answer, or until it kills itself at one point of one write.</summary>
internal static class AppendingChild
{
    /// <param name="args">Folder, seed file, and optionally the point and number of the write to be killed at.</param>
    public static void Main(string[] args)
    {
        var (point, countdown) = args.Length > 2 ? (Enum.Parse<WritePoint>(args[2]), int.Parse(args[3], CultureInfo.InvariantCulture)) : ((WritePoint)(-1), 0);
        using var log = TileLog.Open(args[0], LogFolder.Origin, LogSigner.Import(LogFolder.Origin, File.ReadAllBytes(args[1])), (_, at) =>
        {
            if (at == point && countdown-- == 0) Process.GetCurrentProcess().Kill(); // SIGKILL: nothing of this process runs after it
        });
        while (true)
        {
            log.Append(LogFolder.Entries((int)log.Size, 1 + (int)(log.Size % 5)));
            Console.Out.WriteLine(log.Size.ToString(CultureInfo.InvariantCulture));
        }
    }
}
