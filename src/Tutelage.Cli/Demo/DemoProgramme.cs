using System.Text.Json;
using Tutelage.Cli.Programme;
using Tutelage.Identity;
using Tutelage.Rules.Capture;
using Tutelage.Sealing;

namespace Tutelage.Cli.Demo;

/// <summary>The demo's people and hosts: two stewards, a researcher, and what they do together.</summary>
internal sealed class DemoProgramme : IAsyncDisposable
{
    private readonly RehearsalHosts _hosts;
    private readonly SigningKey[] _keys;
    private readonly ProgrammeClient[] _stewards;
    private readonly TagIdentity _holder = TagIdentity.Generate();

    private DemoProgramme(RehearsalHosts hosts, SigningKey[] keys, ProgrammeClient[] stewards, ProgrammeClient researcher, ProgrammeAddresses addresses) =>
        (_hosts, _keys, _stewards, Researcher, Addresses) = (hosts, keys, stewards, researcher, addresses);

    public ProgrammeClient Researcher { get; }

    public ProgrammeClient Steward => _stewards[0];

    public ProgrammeAddresses Addresses { get; }

    public RehearsalHosts Hosts => _hosts;

    public static async Task<DemoProgramme> StartAsync(string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var hosts = await RehearsalHosts.StartAsync(folder, ("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"), cancellationToken);
        new ProgrammeFolder(folder).Write(new(1, true, hosts.Vault.Address, hosts.Auditor.Address, hosts.Server.Address, hosts.VaultKey, hosts.LogKey, hosts.WitnessKey)); // the server finds vault and auditor in it
        var keys = new[] { SigningKey.Generate(), SigningKey.Generate(), SigningKey.Generate() };
        var addresses = new ProgrammeAddresses(hosts.Vault.Address, hosts.Auditor.Address, hosts.Server.Address, PublicKey.Parse(hosts.VaultKey));
        var clients = keys.Select(key => new ProgrammeClient(key, addresses.Vault, addresses.Server, time)).ToArray();
        await clients[0].EnrolAsync(Invitation(hosts, "steward"), "steward", "steward one (synthetic)", null, cancellationToken);
        await clients[1].EnrolAsync(Invitation(hosts, "steward"), "steward", "steward two (synthetic)", null, cancellationToken);
        await clients[2].EnrolAsync(Invitation(hosts, "researcher"), "researcher", "researcher (synthetic)", null, cancellationToken);
        return new(hosts, keys, [clients[0], clients[1]], clients[2], addresses);
    }

    /// <summary>A steward puts the manifest into force and a synthetic participant agrees to it.</summary>
    public Task<string> EnrolAsync(string folder, string name, CaptureManifest manifest, TimeProvider time, CancellationToken cancellationToken) =>
        Enrolling.AgreeAsync(folder, name + " (synthetic)", Invitation(_hosts, "participant"), SignedManifest.Sign(manifest, _keys[0]), Addresses, time, cancellationToken);

    /// <summary>The researcher asks, both stewards read the effect and sign it, the researcher runs it.</summary>
    /// <returns>The last line of the run.</returns>
    public async Task<JsonElement> RunGrantAsync(object request, Action<string> say, CancellationToken cancellationToken)
    {
        var grant = await Researcher.RequestGrantAsync(request, cancellationToken);
        var (id, effect) = (grant.GetProperty("grant").GetString()!, grant.GetProperty("effect_sha256").GetString()!);
        foreach (var steward in _stewards) await steward.ApproveAsync(id, effect, cancellationToken);
        var last = default(JsonElement);
        await foreach (var line in Researcher.RunAsync(id, cancellationToken))
        {
            last = line;
            if (line.TryGetProperty("stage", out var stage)) say(stage.GetString()!);
        }
        return last.ValueKind == JsonValueKind.Object && last.TryGetProperty("error", out _)
            ? throw new DemoFailedException($"the granted job failed: {last.GetProperty("message").GetString()}")
            : last;
    }

    public object BuildRequest(IReadOnlyList<string> tags) => new
    {
        purpose = "train", classes = new[] { "input", "text", "elements", "frames" }, tags, job = "dataset-build", minutes = 60,
    };

    public object ExportRequest(IReadOnlyList<string> tags, string dataset, string format) => new
    {
        purpose = "train", classes = new[] { "derived" }, tags, job = "dataset-export", dataset, format,
        holder = "the researcher of this demo", holder_recipient = _holder.Recipient.ToString(), minutes = 60,
    };

    /// <summary>Fetches an export and opens it with the holder's key.</summary>
    public async Task<byte[]> OpenExportAsync(string id, CancellationToken cancellationToken)
    {
        await using var sealedExport = await Researcher.ExportAsync(id, cancellationToken);
        var copy = new MemoryStream();
        await sealedExport.CopyToAsync(copy, cancellationToken);
        copy.Position = 0;
        await using var opened = AgeReader.Open(copy, _holder);
        var plain = new MemoryStream();
        await opened.CopyToAsync(plain, cancellationToken);
        return plain.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        Researcher.Dispose();
        foreach (var steward in _stewards) steward.Dispose();
        await _hosts.DisposeAsync();
        foreach (var key in _keys) key.Dispose();
        _holder.Dispose();
    }

    private static string Invitation(RehearsalHosts hosts, string role) => File.ReadAllText(hosts.Invitations[role]).Trim();
}
