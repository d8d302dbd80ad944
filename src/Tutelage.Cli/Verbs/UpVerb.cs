using System.CommandLine;
using Tutelage.Cli.Programme;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage up</c>: vault, auditor and server of a rehearsal, as long as the command runs.</summary>
internal static class UpVerb
{
    /// <summary>Fixed, so that enrolments outlive a restart: they hold addresses. 7440 to 7442 belong to no registered service.</summary>
    public const int DefaultPort = 7440;

    private const int PortInUse = 5; // exit code of all three hosts

    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Folder of the programme. Default: programme/ in the home folder.", HelpName = "DIR" };
        var port = new Option<int>("--port-base") { Description = "Vault, auditor and server listen on this port and the two above it; 0 takes any free ones.", DefaultValueFactory = _ => DefaultPort, HelpName = "N" };
        var json = Options.Json();
        var verb = new Command("up", "Starts vault, auditor and server on this machine and keeps them running.\n\nExample: tutelage up --data ./pilot --port-base 7540") { data, port, json };
        verb.SetAction((parsed, token) => RunAsync(Options.HomeOf(parsed), parsed.GetValue(data), parsed.GetValue(port), parsed.GetValue(json), token));
        return verb;
    }

    private static async Task<int> RunAsync(Home home, string? data, int port, bool json, CancellationToken cancellationToken)
    {
        if (port is < 0 or > 65_533) throw new VerbFailedException($"--port-base is {port}", "it takes 0 to 65533", CliExit.Usage);
        var folder = new ProgrammeFolder(data is null ? home.Programme : Path.GetFullPath(data));
        Home.CreatePrivate(home.Root);
        Home.CreatePrivate(folder.Root);
        using var held = folder.Lock();
        string Listen(int above) => FormattableString.Invariant($"127.0.0.1:{(port == 0 ? 0 : port + above)}");
        try
        {
            await using var hosts = await RehearsalHosts.StartAsync(folder.Root, (Listen(0), Listen(1), Listen(2)), cancellationToken);
            var before = folder.Read();
            var card = new ProgrammeCard(
                1, true, hosts.Vault.Address, hosts.Auditor.Address, hosts.Server.Address, hosts.VaultKey, hosts.LogKey, hosts.WitnessKey,
                before?.Manifest, before?.ManifestSignature, before?.ManifestSigner);
            folder.Write(card);
            home.Remember(folder.Root);
            if (json) Output.Json(new { card.Rehearsal, card.Vault, card.Auditor, card.Server, Data = folder.Root, folder.Invitations, Pids = new { Vault = hosts.Vault.Id, Auditor = hosts.Auditor.Id, Server = hosts.Server.Id } });
            else Show(hosts, folder, card);
            return await WaitAsync(hosts, cancellationToken);
        }
        catch (HostFailedException failed) when (failed.Code == PortInUse)
        {
            var above = failed.Program switch { "Tutelage.Vault" => 0, "Tutelage.Auditor" => 1, _ => 2 };
            throw new VerbFailedException($"port {port + above} is in use by another program, and {failed.Program} needs it", "end that program, or choose other ports with --port-base N (0 takes any free ones)");
        }
    }

    /// <summary>Until a signal, or until one of the hosts ends: the other two are of no use without it.</summary>
    private static async Task<int> WaitAsync(RehearsalHosts hosts, CancellationToken cancellationToken)
    {
        var running = new[] { hosts.Vault, hosts.Auditor, hosts.Server };
        try
        {
            await await Task.WhenAny(running.Select(host => host.WaitAsync(cancellationToken)));
        }
        catch (OperationCanceledException)
        {
            Output.Line("ending vault, server and auditor …");
            return CliExit.Done;
        }
        var ended = running.First(host => host.HasExited);
        throw new VerbFailedException($"{ended.Name} ended by itself; the others are being ended too", "start again with `tutelage up`; if it says why it does not start, do that first");
    }

    private static void Show(RehearsalHosts hosts, ProgrammeFolder folder, ProgrammeCard card)
    {
        Output.Line("A rehearsal: vault and auditor have one owner, so nothing is proven against that owner.");
        Output.Line("Record synthetic participants or your own work only.");
        Output.Table(["part", "address", "process", "data"],
        [
            ["vault", card.Vault.ToString(), $"{hosts.Vault.Id}", Path.Combine(folder.Root, "vault")],
            ["auditor", card.Auditor.ToString(), $"{hosts.Auditor.Id}", Path.Combine(folder.Root, "auditor")],
            ["server", card.Server.ToString(), $"{hosts.Server.Id}", Path.Combine(folder.Root, "server")],
        ]);
        Output.Line($"Invitations, one file a role: {folder.Invitations}");
        Output.Line(card.Manifest is null ? "No manifest is published yet. Next, in another terminal:" : "A manifest is published. In another terminal:");
        foreach (var next in Next(card)) Output.Line("  " + next);
        Output.Line("Ctrl+C ends all three.");
    }

    private static IEnumerable<string> Next(ProgrammeCard card)
    {
        if (card.Manifest is null)
        {
            yield return "tutelage key new anna --role steward";
            yield return "tutelage key new ben --role steward";
            yield return "tutelage key new cleo --role researcher";
            yield return "tutelage manifest publish manifest.yaml --as anna";
        }
        yield return $"tutelage enrol --server {card.Server.ToString().TrimEnd('/')}";
        yield return "tutelage status";
    }
}
