using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Release.Bench;

/// <summary>Vault, auditor and server as real processes on loopback, with one participant and what they recorded.</summary>
internal sealed class Custodians : IAsyncDisposable
{
    private readonly List<Process> _processes = [];
    private readonly Dictionary<string, string> _invitations = [];
    private readonly SigningKey _device = SigningKey.Generate();

    private Custodians(string root) => Root = root;

    public string Root { get; }

    public Uri Vault { get; private set; } = null!; // set by StartAsync

    public Uri Auditor { get; private set; } = null!; // set by StartAsync

    public Uri Server { get; private set; } = null!; // set by StartAsync

    public SigningKey Ada { get; } = SigningKey.Generate();

    public SigningKey Rita { get; } = SigningKey.Generate();

    public SigningKey[] Stewards { get; } = [SigningKey.Generate(), SigningKey.Generate()];

    public string Tag { get; private set; } = "";

    /// <summary>Processor time of vault and auditor so far: what a release costs whatever else the machine does.</summary>
    public (TimeSpan Vault, TimeSpan Auditor) Processor()
    {
        foreach (var process in _processes) process.Refresh();
        return (_processes[^1].TotalProcessorTime, _processes[0].TotalProcessorTime); // the auditor starts first, the vault last
    }

    /// <param name="job">Arguments of the job: requests and keys a request.</param>
    public static async Task<Custodians> StartAsync(string root, int requests, int keys)
    {
        var custodians = new Custodians(root);
        var (vaultFolder, auditorFolder, trust) = (Path.Combine(root, "vault"), Path.Combine(root, "auditor"), Path.Combine(root, "trust.json"));
        var vault = await InitAsync("Tutelage.Vault", vaultFolder);
        var auditor = await InitAsync("Tutelage.Auditor", auditorFolder);
        foreach (var invitation in vault.GetProperty("invitations").EnumerateObject()) custodians._invitations.Add(invitation.Name, (await File.ReadAllTextAsync(invitation.Value.GetString()!)).Trim());
        await File.WriteAllTextAsync(trust, JsonSerializer.Serialize(new
        {
            version = 1, vault_key = vault.GetProperty("vault_key").GetString(), auditor_key = auditor.GetProperty("auditor_key").GetString(), log = vault.GetProperty("log").GetString(), witness = auditor.GetProperty("witness").GetString(),
        }));
        var job = Path.Combine(AppContext.BaseDirectory, "asking-job.sh");
        await File.WriteAllTextAsync(job, $"#!/bin/sh\nexec dotnet exec '{typeof(Custodians).Assembly.Location}' --job {requests} {keys}\n");
        File.SetUnixFileMode(job, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        custodians.Auditor = await custodians.LaunchAsync("Tutelage.Auditor", "--data", auditorFolder, "--listen", "127.0.0.1:0", "--trust", trust);
        custodians.Server = await custodians.LaunchAsync("Tutelage.Server", "--data", Path.Combine(root, "server"), "--listen", "127.0.0.1:0", "--trust", trust);
        custodians.Vault = await custodians.LaunchAsync(
            "Tutelage.Vault", "--data", vaultFolder, "--listen", "127.0.0.1:0", "--trust", trust, "--auditor", custodians.Auditor.ToString(), "--server", custodians.Server.ToString(), "--job", job);
        await File.WriteAllTextAsync(Path.Combine(root, "server", "programme.json"), JsonSerializer.Serialize(new { vault = custodians.Vault, auditor = custodians.Auditor }));
        using var nobody = new HttpClient();
        while (!(await nobody.GetStringAsync(new Uri(custodians.Server, "v1/status"))).Contains("\"ingest\":\"open\"", StringComparison.Ordinal))
        {
        }

        return custodians;
    }

    /// <summary>Enrols everybody and uploads segments of one class.</summary>
    public async Task FillAsync(int segments)
    {
        await RedeemAsync(Rita, "researcher", null);
        foreach (var steward in Stewards) await RedeemAsync(steward, "steward", null);
        var receipt = SignedStatement.Sign(Ada, "enrolment", new { manifest_sha256 = new string('a', 64), device_key = _device.Public.Text });
        var answer = await RedeemAsync(Ada, "participant", receipt);
        Tag = answer.GetProperty("tag").GetString()!;
        var inner = AgeRecipient.Parse(answer.GetProperty("recipients").GetProperty("input").GetString()!);
        var certificate = answer.GetProperty("device_certificate").GetRawText();
        using var http = Signing(_device);
        var outer = AgeRecipient.Parse((await http.GetFromJsonAsync<JsonElement>(new Uri(Auditor, "v1/outer-recipient"))).GetProperty("recipient").GetString()!);
        for (var i = 0; i < segments; i++)
        {
            using var destination = new MemoryStream();
            var file = CustodySeal.Seal(new MemoryStream([1, 2, 3]), destination, inner, outer);
            var header = HeaderBytes.Encode(new ObjectHeader(
                Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), ObjectKind.Segment, Tag, 0, "bench-1", new string('a', 64), _device.Public.Id,
                [new SealedFileHeader(DataClass.Input, file.SizeBytes, file.Sha256, file.OuterHeader, file.InnerHeader)]));
            byte[] body = [.. header, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToBase64String(_device.Sign(header))), (byte)'\n', .. Encoding.UTF8.GetBytes(certificate), (byte)'\n', .. destination.ToArray()];
            (await http.PostAsync(new Uri(Server, "v1/objects"), new ByteArrayContent(body))).EnsureSuccessStatusCode();
        }
    }

    /// <summary>A grant with both approvals.</summary>
    public async Task<string> GrantAsync()
    {
        using var rita = Signing(Rita);
        var asked = await PostAsync(rita, "v1/grants", new { purpose = "train", classes = new[] { "input" }, tags = new[] { Tag }, job = "dataset-build", minutes = 60, keys = 1_000_000 });
        var grant = asked.GetProperty("grant").GetString()!;
        foreach (var steward in Stewards)
        {
            using var http = Signing(steward);
            var statement = SignedStatement.Sign(steward, "approval", new { grant, effect_sha256 = asked.GetProperty("effect_sha256").GetString() });
            (await http.PostAsync(new Uri(Vault, $"v1/grants/{grant}/approvals"), new StringContent(statement.ToJson()))).EnsureSuccessStatusCode();
        }

        return grant;
    }

    /// <returns>Milliseconds of each request of the run's job.</returns>
    public async Task<IReadOnlyList<double>> RunAsync(string grant)
    {
        using var rita = Signing(Rita);
        rita.Timeout = TimeSpan.FromMinutes(10);
        using var answer = await rita.PostAsync(new Uri(Vault, $"v1/grants/{grant}/run"), new StringContent("{}"));
        var last = JsonSerializer.Deserialize<JsonElement>((await answer.Content.ReadAsStringAsync()).TrimEnd().Split('\n')[^1]);
        if (last.GetProperty("error").GetString() != "job-measured") throw new InvalidOperationException(last.ToString());
        var text = last.GetProperty("message").GetString()!;
        return [.. JsonSerializer.Deserialize<JsonElement>(text[text.IndexOf('{', StringComparison.Ordinal)..]).GetProperty("times").EnumerateArray().Select(t => t.GetDouble())];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public static HttpClient Signing(SigningKey key) => new(new SigningHandler(key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() });

    private async Task<JsonElement> PostAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsync(new Uri(Vault, path), JsonContent.Create(body));
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonSerializer.Deserialize<JsonElement>(text) : throw new InvalidOperationException(text);
    }

    private async Task<JsonElement> RedeemAsync(SigningKey key, string role, SignedStatement? receipt)
    {
        using var http = new HttpClient();
        return await PostAsync(http, "v1/people", new { invitation = _invitations[role], public_key = key.Public.Text, role, receipt = receipt is null ? null : (JsonElement?)JsonDocument.Parse(receipt.ToJson()).RootElement });
    }

    private static async Task<JsonElement> InitAsync(string project, string folder)
    {
        using var process = Start(project, "--init", "--data", folder);
        return JsonSerializer.Deserialize<JsonElement>(await process.StandardOutput.ReadToEndAsync());
    }

    private async Task<Uri> LaunchAsync(string project, params string[] args)
    {
        var process = Start(project, args);
        _processes.Add(process);
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{project} did not start");
        return new Uri(JsonSerializer.Deserialize<JsonElement>(line).GetProperty("address").GetString()!);
    }

    private static Process Start(string project, params string[] args)
    {
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), project + ".dll"));
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.ErrorDataReceived += static (_, _) => { }; // hosts say each stored object
        process.BeginErrorReadLine();
        return process;
    }
}
