using System.Text.Json;
using Tutelage.Hosting;

namespace Tutelage.Auditor.Reading;

/// <summary><c>Tutelage.Auditor check|forget-uncosigned --data DIR --trust FILE</c>, with the auditor ended. One line of JSON on standard output.</summary>
/// <remarks><c>check</c> reads every entry anew and changes nothing; <c>forget-uncosigned</c> lets go of entries that nobody was answered for.</remarks>
internal static class ReadingCommand
{
    private const int ExitDamaged = 6;

    public static int Run(string verb, IReadOnlyList<string> words)
    {
        var faults = new List<string>();
        var flags = CommandFlags.Parse(words, ["--data", "--trust"], [], faults);
        var (data, trustPath) = (flags.Required("--data", faults), flags.Required("--trust", faults));
        if (faults.Count > 0) return HostExit.Refuse("auditor", HostExit.WrongCommandLine, faults);
        if (!Directory.Exists(data)) return HostExit.Refuse("auditor", HostExit.DoubtfulState, [$"--data {data}: there is no such folder"]);
        using var held = FolderLock.Take(data, "auditor", faults);
        var trust = TrustFile.Load(trustPath, faults);
        using var log = held is null || trust is null ? null : AuditedLog.Open(data, trust, faults);
        if (log is null || faults.Count > 0) return HostExit.Refuse("auditor", HostExit.DoubtfulState, faults);
        var forgotten = verb == "check" ? 0 : log.ForgetUncosigned(faults);
        if (verb == "check") log.Check(faults);
        var (read, cosigned) = log.Extent;
        Console.WriteLine(JsonSerializer.Serialize(new { result = new { read, cosigned = cosigned?.Size ?? 0, forgotten, faults } }, Wire.Json));
        return faults.Count == 0 ? HostExit.Ended : ExitDamaged;
    }
}
