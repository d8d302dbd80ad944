using Tutelage.Hosting;

namespace Tutelage.Auditor;

/// <summary>The auditor's command line, checked.</summary>
/// <param name="Origin">Where clients reach it, if that is not the address it listens on.</param>
/// <param name="Clock">Rehearsals only: a file whose seconds are added to the system's time.</param>
internal sealed record AuditorOptions(string DataFolder, string Listen, string TrustPath, Uri? Origin, bool Init, bool Rehearsal, string? Clock)
{
    public static AuditorOptions Read(IReadOnlyList<string> args, List<string> faults)
    {
        var flags = CommandFlags.Parse(args, ["--data", "--listen", "--trust", "--origin", "--clock"], ["--init", "--rehearsal"], faults);
        var init = flags.Has("--init");
        var data = flags.Required("--data", faults);
        var listen = flags["--listen"] ?? "127.0.0.1:0";
        if (!HostShell.IsListenAddress(listen)) faults.Add($"--listen: '{listen}' is no address:port");
        var trust = init ? "" : flags.Required("--trust", faults);
        return new AuditorOptions(data, listen, trust, flags.Address("--origin", faults, required: false), init, flags.Has("--rehearsal"), flags["--clock"]);
    }
}
