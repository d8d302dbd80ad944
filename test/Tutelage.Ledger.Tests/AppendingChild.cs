using System.Globalization;

namespace Tutelage.Ledger.Tests;

/// <summary>Entry point of this assembly when a test starts it as a process: appends for ever, one line of output per answer.</summary>
internal static class AppendingChild
{
    public static void Main(string[] args)
    {
        using var log = TileLog.Open(args[0], LogFolder.Origin, LogSigner.Import(LogFolder.Origin, File.ReadAllBytes(args[1])));
        while (true)
        {
            log.Append(LogFolder.Entries((int)log.Size, 1 + (int)(log.Size % 5)));
            Console.Out.WriteLine(log.Size.ToString(CultureInfo.InvariantCulture));
        }
    }
}
