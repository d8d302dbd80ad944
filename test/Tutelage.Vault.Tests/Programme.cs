using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Halting;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;
using Tutelage.Testing.Hosts;

namespace Tutelage.Vault.Tests;

/// <summary>Somebody with a key of their own; participants have a device and a tag too.</summary>
internal sealed class Somebody(SigningKey key) : IDisposable
{
    public SigningKey Key => key;

    public SigningKey Device { get; } = SigningKey.Generate();

    public string Tag { get; set; } = "";

    public string Certificate { get; set; } = "";

    public IReadOnlyDictionary<string, string> Recipients { get; set; } = new Dictionary<string, string>();

    public void Dispose()
    {
        key.Dispose();
        Device.Dispose();
    }
}

/// <summary>A vault, an auditor and a server as real processes on loopback ports, with real folders, and people who talk to them.</summary>
internal sealed class Programme : IAsyncDisposable
{
    private readonly Dictionary<string, string> _invitations = [];
    private readonly List<Somebody> _people = [];

    /// <summary>Beside the assembly that it runs: a job sees the folder of its program and nothing else of ours.</summary>
    private readonly string _job = Path.Combine(AppContext.BaseDirectory, $"job-{Guid.NewGuid():N}.sh");

    private Programme()
    {
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("tutelage-vault-").FullName;

    public HostProcess Vault { get; private set; } = null!; // set by StartAsync

    public HostProcess Auditor { get; private set; } = null!; // set by StartAsync

    public HostProcess Server { get; private set; } = null!; // set by StartAsync

    public LogPolicy Policy { get; private set; } = null!; // set by StartAsync

    public string VaultFolder => Path.Combine(Root, "vault");

    public string AuditorFolder => Path.Combine(Root, "auditor");

    public string Trust => Path.Combine(Root, "trust.json");

    /// <summary>Those who approved, where a test keeps them.</summary>
    public Somebody[] Stewards { get; set; } = [];

    /// <summary>Seconds that vault and auditor add to the time; written while they run. Null unless they are a rehearsal with a clock of their own.</summary>
    public string? Clock { get; private init; }

    private string[] OwnClock => Clock is null ? [] : ["--rehearsal", "--clock", Clock];

    public static async Task<Programme> StartAsync(string jobArguments = "", bool ownClock = false)
    {
        var programme = new Programme { Clock = ownClock ? Path.GetTempFileName() : null };
        var vault = JsonSerializer.Deserialize<JsonElement>((await HostProcess.RunAsync("Tutelage.Vault", "--init", "--data", programme.VaultFolder)).Output);
        var auditor = JsonSerializer.Deserialize<JsonElement>((await HostProcess.RunAsync("Tutelage.Auditor", "--init", "--data", programme.AuditorFolder)).Output);
        foreach (var invitation in vault.GetProperty("invitations").EnumerateObject()) programme._invitations.Add(invitation.Name, await File.ReadAllTextAsync(invitation.Value.GetString()!));
        var (log, witness) = (vault.GetProperty("log").GetString()!, auditor.GetProperty("witness").GetString()!);
        programme.Policy = new LogPolicy(VerifierKey.Parse(log), [VerifierKey.Parse(witness)], 1);
        await File.WriteAllTextAsync(programme.Trust, JsonSerializer.Serialize(new
        {
            version = 1, vault_key = vault.GetProperty("vault_key").GetString(), auditor_key = auditor.GetProperty("auditor_key").GetString(), log, witness,
        }));
        var job = programme._job;
        await File.WriteAllTextAsync(job, $"#!/bin/sh\nexec dotnet exec '{typeof(Programme).Assembly.Location}' {jobArguments}\n");
        File.SetUnixFileMode(job, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        programme.Auditor = await programme.StartAuditorAsync("127.0.0.1:0");
        programme.Server = await HostProcess.StartAsync("Tutelage.Server", "--data", Path.Combine(programme.Root, "server"), "--listen", "127.0.0.1:0", "--trust", programme.Trust);
        programme.Vault = await programme.StartVaultAsync("127.0.0.1:0");
        await File.WriteAllTextAsync(Path.Combine(programme.Root, "server", "programme.json"), JsonSerializer.Serialize(new { vault = programme.Vault.Address, auditor = programme.Auditor.Address }));
        await programme.AwaitStatusAsync(programme.Server.Address, "ingest", "open");
        return programme;
    }

    public Task<HostProcess> StartAuditorAsync(string listen) => HostProcess.StartAsync("Tutelage.Auditor", ["--data", AuditorFolder, "--listen", listen, "--trust", Trust, .. OwnClock]);

    public Task<HostProcess> StartVaultAsync(string listen) => HostProcess.StartAsync("Tutelage.Vault", VaultArguments(listen));

    public string[] VaultArguments(string listen) =>
        ["--data", VaultFolder, "--listen", listen, "--trust", Trust, "--auditor", Auditor.Address.ToString(), "--server", Server.Address.ToString(), "--job", _job, .. OwnClock];

    /// <summary>The vault again after it was ended.</summary>
    /// <param name="within">Program and arguments that run it as their last ones.</param>
    public async Task BeginVaultAsync(params string[] within) => Vault = await HostProcess.StartWithinAsync(within, "Tutelage.Vault", VaultArguments(Vault.Listen));

    public async Task RestartAuditorAsync(bool isRunning)
    {
        if (isRunning) await Auditor.KillAsync();
        Auditor = await StartAuditorAsync(Auditor.Listen);
    }

    /// <summary>The server again after it was ended.</summary>
    public async Task RestartServerAsync() => Server = await HostProcess.StartAsync("Tutelage.Server", "--data", Path.Combine(Root, "server"), "--listen", Server.Listen, "--trust", Trust);

    public async Task RestartVaultAsync()
    {
        await Vault.KillAsync();
        Vault = await StartVaultAsync(Vault.Listen);
    }

    public async Task<Somebody> EnrolAsync(Role role)
    {
        var person = new Somebody(SigningKey.Generate());
        _people.Add(person);
        var (status, answer) = await RedeemAsync(person, role);
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        if (role != Role.Participant) return person;
        person.Tag = answer.GetProperty("tag").GetString()!;
        person.Certificate = answer.GetProperty("device_certificate").GetRawText();
        person.Recipients = answer.GetProperty("recipients").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
        return person;
    }

    public async Task<(HttpStatusCode Status, JsonElement Answer)> RedeemAsync(Somebody person, Role role, string? invitation = null)
    {
        using var http = new HttpClient();
        var receipt = role == Role.Participant ? SignedStatement.Sign(person.Key, "enrolment", new { manifest_sha256 = new string('a', 64), device_key = person.Device.Public.Text, agreed = true }) : null;
        using var answer = await http.PostAsJsonAsync(new Uri(Vault.Address, "v1/people"), new { invitation = invitation ?? _invitations[Spelling.Of(role)], public_key = person.Key.Public.Text, role = Spelling.Of(role), receipt });
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async Task<(HttpStatusCode Status, JsonElement Answer)> CallAsync(SigningKey key, HttpMethod method, string path, object? body = null)
    {
        using var http = new HttpClient(new SigningHandler(key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() });
        using var request = new HttpRequestMessage(method, new Uri(Vault.Address, path));
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body, Wire.Json), Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        var last = text.TrimEnd('\n').Split('\n')[^1]; // a run's last line; other answers are one line
        return (answer.StatusCode, last.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(last));
    }

    /// <summary>Seals two classes the way a recorder does and uploads them.</summary>
    public async Task<string> UploadSegmentAsync(Somebody person, string content)
    {
        using var http = new HttpClient(new SigningHandler(person.Device, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() });
        var outer = AgeRecipient.Parse((await http.GetFromJsonAsync<JsonElement>(new Uri(Auditor.Address, "v1/outer-recipient"))).GetProperty("recipient").GetString()!);
        var files = new List<SealedFileHeader>();
        var bytes = new List<byte[]>();
        foreach (var name in (DataClass[])[DataClass.Input, DataClass.Frames])
        {
            using var destination = new MemoryStream();
            var file = CustodySeal.Seal(new MemoryStream(Encoding.UTF8.GetBytes($"{content} {name}\n")), destination, AgeRecipient.Parse(person.Recipients[Spelling.Of(name)]), outer);
            files.Add(new SealedFileHeader(name, file.SizeBytes, file.Sha256, file.OuterHeader, file.InnerHeader));
            bytes.Add(destination.ToArray());
        }

        var header = new ObjectHeader(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), ObjectKind.Segment, person.Tag, 0, "test-1", new string('a', 64), person.Device.Public.Id, files);
        var encoded = HeaderBytes.Encode(header);
        byte[] body = [.. encoded, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToBase64String(person.Device.Sign(encoded))), (byte)'\n', .. Encoding.UTF8.GetBytes(person.Certificate), (byte)'\n', .. bytes.SelectMany(b => b)];
        using var answer = await http.PostAsync(new Uri(Server.Address, "v1/objects"), new ByteArrayContent(body));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return header.ObjectId;
    }

    public async Task<string> RequestBuildAsync(Somebody researcher, params IEnumerable<Somebody> persons)
    {
        var (status, answer) = await CallAsync(researcher.Key, HttpMethod.Post, "v1/grants", new { purpose = "train", classes = new[] { "input" }, tags = persons.Select(p => p.Tag), job = "dataset-build", minutes = 30 });
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        return answer.GetProperty("grant").GetString()!;
    }

    public async Task<(HttpStatusCode Status, JsonElement Answer)> ApproveAsync(Somebody steward, string grant, string? effect = null)
    {
        effect ??= (await CallAsync(steward.Key, HttpMethod.Get, "v1/grants")).Answer.GetProperty("grants").EnumerateArray()
            .FirstOrDefault(g => g.GetProperty("grant").GetString() == grant) is { ValueKind: JsonValueKind.Object } line ? line.GetProperty("effect_sha256").GetString()! : new string('0', 64);
        return await CallAsync(steward.Key, HttpMethod.Post, $"v1/grants/{grant}/approvals", SignedStatement.Sign(steward.Key, "approval", new { grant, effect_sha256 = effect }).ToJson());
    }

    /// <summary>The lines of a run, as they come.</summary>
    public async Task<StreamReader> OpenRunAsync(Somebody researcher, string grant)
    {
        var http = new HttpClient(new SigningHandler(researcher.Key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() });
        var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(Vault.Address, $"v1/grants/{grant}/run")), HttpCompletionOption.ResponseHeadersRead);
        return new StreamReader(await answer.Content.ReadAsStreamAsync());
    }

    public Task<(HttpStatusCode Status, JsonElement Answer)> ProposeRulesAsync(Somebody by, RuleSet rules, Somebody? signer = null) => CallAsync(by.Key, HttpMethod.Post, "v1/rules", new
    {
        rules = Encoding.UTF8.GetString(RuleBytes.Encode(rules)), statement = JsonDocument.Parse(SignedStatement.Sign((signer ?? by).Key, "rules-proposal", new { rules_sha256 = rules.Digest }).ToJson()).RootElement,
    });

    public Task<(HttpStatusCode Status, JsonElement Answer)> ApproveRulesAsync(Somebody by, string change, string effect) =>
        CallAsync(by.Key, HttpMethod.Post, $"v1/rules/{change}/approvals", SignedStatement.Sign(by.Key, "rules-approval", new { change, effect_sha256 = effect }).ToJson());

    /// <summary>Digests of the rules that vault and auditor have, and what the vault says about them.</summary>
    public async Task<(string Vault, string Auditor, JsonElement Told)> RulesAsync(Somebody asker)
    {
        using var http = new HttpClient();
        string Digest(JsonElement status) => status.GetProperty("rules").GetProperty("digest").GetString()!;
        await AuditedSizeAsync();
        return (Digest(await http.GetFromJsonAsync<JsonElement>(new Uri(Vault.Address, "v1/status"))), Digest(await http.GetFromJsonAsync<JsonElement>(new Uri(Auditor.Address, "v1/status"))),
            (await CallAsync(asker.Key, HttpMethod.Get, "v1/rules")).Answer);
    }

    public Task<(HttpStatusCode Status, JsonElement Answer)> RunAsync(Somebody researcher, string grant) => CallAsync(researcher.Key, HttpMethod.Post, $"v1/grants/{grant}/run");

    /// <summary>A halt as that person signs it, for the epoch that the programme is in.</summary>
    public static string HaltBy(Somebody person, long epoch, string why = "a rehearsal") =>
        SignedStatement.Sign(person.Key, HaltWords.Kind, new HaltWords(why, epoch, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)))).ToJson();

    /// <summary>Gives a statement to a host.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Answer)> HaltAsync(Uri host, string statement)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(host, "v1/halt"), new StringContent(statement));
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>Signs the next stage as the vault shows it.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Answer)> ResumeAsync(Somebody person, bool admitWaiting = true)
    {
        var shown = (await CallAsync(person.Key, HttpMethod.Get, "v1/resumption")).Answer;
        var (epoch, stage) = (shown.GetProperty("epoch").GetInt64(), shown.GetProperty("next").GetString()!);
        var words = new ResumeWords(epoch, stage, stage == "ingest" && !admitWaiting ? epoch : shown.GetProperty("admitted_from").GetInt64(), ResumeChecks.AllGreen);
        return await CallAsync(person.Key, HttpMethod.Post, "v1/resumption", SignedStatement.Sign(person.Key, ResumeWords.Kind, words).ToJson());
    }

    public async Task<JsonElement> StatusAsync(Uri host)
    {
        using var http = new HttpClient();
        return await http.GetFromJsonAsync<JsonElement>(new Uri(host, "v1/status"));
    }

    /// <summary>Asks a host until its status says so; each question is a request, none is a wait.</summary>
    public async Task AwaitStatusAsync(Uri host, string member, string value)
    {
        var said = "";
        for (var asked = 0; asked < 50_000; asked++)
        {
            said = (await StatusAsync(host)).GetProperty(member).ToString();
            if (said == value) return;
        }

        throw new TimeoutException($"{member} stays {said} and does not become {value}");
    }

    /// <summary>Asks the vault until its auditor has cosigned everything; each question is a request, none is a wait.</summary>
    public async Task<long> AuditedSizeAsync()
    {
        using var http = new HttpClient();
        for (var asked = 0; asked < 20_000; asked++)
        {
            var status = await http.GetFromJsonAsync<JsonElement>(new Uri(Vault.Address, "v1/status"));
            if (status.GetProperty("audited").GetInt64() == status.GetProperty("size").GetInt64()) return status.GetProperty("size").GetInt64();
        }

        throw new TimeoutException("the auditor did not follow");
    }

    /// <summary>The one strong assertion: the whole log verifies offline, and the auditor has cosigned all of it.</summary>
    public async Task<long> CheckLedgerAsync()
    {
        var size = await AuditedSizeAsync();
        var report = LogVerifier.Verify(Path.Combine(VaultFolder, "log"), Policy);
        report.Faults.ShouldBeEmpty();
        (report.Size, report.AuditedSize).ShouldBe((size, size));
        return size;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in (HostProcess?[])[Vault, Server, Auditor]) host?.Dispose();
        foreach (var person in _people) person.Dispose();
        File.Delete(_job);
        if (Clock is not null) File.Delete(Clock);
        Directory.Delete(Root, recursive: true);
        await Task.CompletedTask;
    }
}
