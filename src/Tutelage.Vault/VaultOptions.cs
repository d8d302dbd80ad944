using Tutelage.Hosting;

namespace Tutelage.Vault;

/// <summary>The vault's command line, checked.</summary>
/// <param name="JobPath">The job program: an executable, or a .dll that <c>dotnet</c> runs.</param>
/// <param name="Origin">Where clients reach it, if that is not the address it listens on.</param>
/// <param name="Clock">Rehearsals only: a file whose seconds are added to the system's time.</param>
internal sealed record VaultOptions(
    string DataFolder, string Listen, string TrustPath, Uri? AuditorAddress, Uri? ServerAddress, string JobPath, Uri? Origin, bool Init, bool Rehearsal, string? Clock)
{
    public static VaultOptions Read(IReadOnlyList<string> args, List<string> faults)
    {
        var flags = CommandFlags.Parse(args, ["--data", "--listen", "--trust", "--auditor", "--server", "--job", "--origin", "--clock"], ["--init", "--rehearsal"], faults);
        var init = flags.Has("--init");
        var data = flags.Required("--data", faults);
        var listen = flags["--listen"] ?? "127.0.0.1:0";
        if (!HostShell.IsListenAddress(listen)) faults.Add($"--listen: '{listen}' is no address:port");
        var trust = init ? "" : flags.Required("--trust", faults);
        var job = flags["--job"] ?? Path.Combine(AppContext.BaseDirectory, "Tutelage.Jobs.dll");
        return new VaultOptions(
            data, listen, trust, flags.Address("--auditor", faults, required: !init), flags.Address("--server", faults, required: !init), job,
            flags.Address("--origin", faults, required: false), init, flags.Has("--rehearsal"), flags["--clock"]);
    }
}
