using System.Text.Json;

namespace Tutelage.Cli.Programme;

/// <summary>Vault, auditor and server under one owner on one machine: separate processes, embedded stores, loopback.</summary>
/// <remarks>It proves nothing against that owner, and every status says <c>rehearsal</c>.</remarks>
internal sealed class RehearsalHosts : IAsyncDisposable
{
    private readonly List<HostProcess> _processes = [];

    private RehearsalHosts(string folder) => Folder = folder;

    public string Folder { get; }

    public string TrustFile => Path.Combine(Folder, "trust.json");

    public HostProcess Vault => _processes[2];

    public HostProcess Auditor => _processes[0];

    public HostProcess Server => _processes[1];

    /// <summary>Invitation files by role, mode 0600.</summary>
    public IReadOnlyDictionary<string, string> Invitations { get; private set; } = new Dictionary<string, string>();

    /// <summary>The log's verifier key and the auditor's witness key, as trust and policy files name them.</summary>
    public string LogKey { get; private set; } = "";

    public string WitnessKey { get; private set; } = "";

    public string VaultKey { get; private set; } = "";

    /// <param name="listen">address:port of vault, auditor and server; port 0 takes any.</param>
    /// <exception cref="HostFailedException">One of them did not start; those that did have been ended.</exception>
    public static async Task<RehearsalHosts> StartAsync(string folder, (string Vault, string Auditor, string Server) listen, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var hosts = new RehearsalHosts(folder);
        try
        {
            await hosts.TrustEachOtherAsync(cancellationToken);
            hosts._processes.Add(await HostProcess.StartAsync(
                "Tutelage.Auditor", ["--data", hosts.FolderOf("auditor"), "--listen", listen.Auditor, "--trust", hosts.TrustFile, "--rehearsal"], null, cancellationToken));
            hosts._processes.Add(await HostProcess.StartAsync(
                "Tutelage.Server", ["--data", hosts.FolderOf("server"), "--listen", listen.Server, "--trust", hosts.TrustFile], null, cancellationToken));
            hosts._processes.Add(await HostProcess.StartAsync("Tutelage.Vault",
                [
                    "--data", hosts.FolderOf("vault"), "--listen", listen.Vault, "--trust", hosts.TrustFile, "--rehearsal",
                    "--auditor", hosts.Auditor.Address.ToString().TrimEnd('/'), "--server", hosts.Server.Address.ToString().TrimEnd('/'), "--job", HostProcess.PathOf("Tutelage.Jobs"),
                ], null, cancellationToken));
            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes)) await process.DisposeAsync();
        _processes.Clear();
    }

    private string FolderOf(string host) => Path.Combine(Folder, host);

    private async Task TrustEachOtherAsync(CancellationToken cancellationToken)
    {
        using var vault = JsonDocument.Parse(await HostProcess.RunAsync("Tutelage.Vault", ["--init", "--data", FolderOf("vault")], cancellationToken));
        using var auditor = JsonDocument.Parse(await HostProcess.RunAsync("Tutelage.Auditor", ["--init", "--data", FolderOf("auditor")], cancellationToken));
        VaultKey = vault.RootElement.GetProperty("vault_key").GetString()!;
        LogKey = vault.RootElement.GetProperty("log").GetString()!;
        WitnessKey = auditor.RootElement.GetProperty("witness").GetString()!;
        Invitations = vault.RootElement.GetProperty("invitations").EnumerateObject().ToDictionary(role => role.Name, role => role.Value.GetString()!, StringComparer.Ordinal);
        await File.WriteAllBytesAsync(TrustFile, JsonSerializer.SerializeToUtf8Bytes(new
        {
            version = 1, vault_key = VaultKey, auditor_key = auditor.RootElement.GetProperty("auditor_key").GetString(), log = LogKey, witness = WitnessKey,
        }), cancellationToken);
    }
}
