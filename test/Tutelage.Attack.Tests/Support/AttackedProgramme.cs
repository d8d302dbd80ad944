using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Rules;
using Tutelage.Rules.Capture;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Attack.Tests.Support;

/// <summary>A whole programme in real processes, with two people's sealed segments, a built data set and an export of it, all holding <see cref="Markers"/>.</summary>
public sealed class AttackedProgramme : IAsyncLifetime
{
    /// <summary>What participants agreed to.</summary>
    public static string Manifest { get; } = ManifestText.Read(ManifestYaml).Manifest!.Digest;

    internal const string ManifestYaml = """
        tutelage-manifest: 1
        programme: Attacked
        version: 1
        capture:
          - app: mousepad
            classes: [input, text, elements, frames]
        """;

    private readonly Dictionary<string, string> _invitations = [];
    private readonly List<WatchedHost> _hosts = [];

    internal string Root { get; } = Directory.CreateTempSubdirectory("tutelage-attack-").FullName;

    internal WatchedHost Vault => _hosts[2];

    internal WatchedHost Auditor => _hosts[0];

    internal WatchedHost Server => _hosts[1];

    internal IReadOnlyList<WatchedHost> Hosts => _hosts;

    internal string Data => Path.Combine(Root, "data");

    internal string Trust => Path.Combine(Data, "trust.json");

    /// <summary>Everybody with a key of some sort, and one without.</summary>
    internal List<Caller> Callers { get; } = [];

    internal Caller this[string name] => Callers.Single(caller => caller.Name == name);

    internal string BuildGrant { get; private set; } = "";

    internal string Dataset { get; private set; } = "";

    internal string Export { get; private set; } = "";

    internal TagIdentity Holder { get; } = TagIdentity.Generate();

    /// <summary>Ids of what the two participants sent.</summary>
    internal List<string> Segments { get; } = [];

    /// <summary>What the system showed of hosts and jobs while a job ran.</summary>
    internal List<(string Place, byte[] Bytes)> ShownAtWork { get; } = [];

    public async Task InitializeAsync()
    {
        var vault = Json(await WatchedHost.RunAsync("Tutelage.Vault", FolderOf("vault-init"), "--init", "--data", Path.Combine(Data, "vault")));
        var auditor = Json(await WatchedHost.RunAsync("Tutelage.Auditor", FolderOf("auditor-init"), "--init", "--data", Path.Combine(Data, "auditor")));
        foreach (var invitation in vault.GetProperty("invitations").EnumerateObject()) _invitations[invitation.Name] = (await File.ReadAllTextAsync(invitation.Value.GetString()!)).Trim();
        await File.WriteAllTextAsync(Trust, JsonSerializer.Serialize(new
        {
            version = 1, vault_key = vault.GetProperty("vault_key").GetString(), auditor_key = auditor.GetProperty("auditor_key").GetString(),
            log = vault.GetProperty("log").GetString(), witness = auditor.GetProperty("witness").GetString(),
        }));
        _hosts.Add(await WatchedHost.StartAsync("Tutelage.Auditor", FolderOf("auditor"), "--data", Path.Combine(Data, "auditor"), "--listen", "127.0.0.1:0", "--trust", Trust));
        _hosts.Add(await WatchedHost.StartAsync("Tutelage.Server", FolderOf("server"), "--data", Path.Combine(Data, "server"), "--listen", "127.0.0.1:0", "--trust", Trust));
        _hosts.Add(await StartVaultAsync("vault", Path.Combine(Data, "vault")));
        await File.WriteAllTextAsync(Path.Combine(Data, "server", "programme.json"), JsonSerializer.Serialize(new { vault = Vault.Address, auditor = Auditor.Address }));
        using (var nobody = new HttpClient())
        {
            // Ingest opens when the server has heard of both.
            while (!(await nobody.GetStringAsync(new Uri(Server.Address, "v1/status"))).Contains("\"ingest\":\"open\"", StringComparison.Ordinal))
            {
            }
        }


        Callers.Add(new("nobody", null));
        Callers.Add(new("stranger", SigningKey.Generate()));
        foreach (var role in new[] { "steward", "researcher", "auditor", "operator", "representative" }) await EnrolAsync(role, role);
        await EnrolAsync("second steward", "steward");
        await EnrolAsync("other researcher", "researcher");
        foreach (var name in new[] { "participant", "other participant" }) await ParticipateAsync(name);
        Callers.Add(new("vault itself", SigningKey.Load(Path.Combine(Data, "vault", "identity.key"))));
        Callers.Add(new("auditor itself", SigningKey.Load(Path.Combine(Data, "auditor", "identity.key"))));

        BuildGrant = await GrantAsync(new { purpose = "train", classes = new[] { "input", "text", "elements", "frames" }, tags = Tags, job = "dataset-build", minutes = 30 });
        Dataset = Text(await RunAsync(BuildGrant), "dataset");
        Export = Text(await RunAsync(await GrantAsync(new
        {
            purpose = "train", classes = new[] { "derived" }, tags = Tags, job = "dataset-export", minutes = 30, dataset = Dataset, format = "webdataset", holder = "the attack suite", holder_recipient = Holder.Recipient.Text,
        })), "export");
    }

    /// <summary>Both participants' tags.</summary>
    internal string[] Tags => [this["participant"].Tag!, this["other participant"].Tag!];

    internal string FolderOf(string name) => Path.Combine(Root, "hosts", name);

    internal Task<WatchedHost> StartVaultAsync(string name, string data) => WatchedHost.StartAsync(
        "Tutelage.Vault", FolderOf(name), "--data", data, "--listen", "127.0.0.1:0", "--trust", Trust, "--auditor", Auditor.Address.ToString().TrimEnd('/'), "--server", Server.Address.ToString().TrimEnd('/'),
        "--job", WatchedHost.PathOf("Tutelage.Jobs"));

    /// <summary>A copy of all that vault, auditor and server keep, taken as a backup or a thief would.</summary>
    internal string Steal(string name)
    {
        var copy = Path.Combine(Root, "stolen", name);
        Directory.CreateDirectory(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // A thief heeds no locks; a journal that a host removes meanwhile is no loss.
        using (var cp = System.Diagnostics.Process.Start("/bin/cp", ["-r", "--preserve=mode", Data + "/.", copy])) cp.WaitForExit();
        foreach (var socket in Directory.EnumerateFiles(copy, "*.sock", SearchOption.AllDirectories)) File.Delete(socket);
        return copy;
    }

    internal async Task<string> GrantAsync(object request, string requester = "researcher")
    {
        var grant = await AskAsync(request, requester);
        foreach (var steward in new[] { "steward", "second steward" }) (await ApproveAsync(steward, grant.Id, grant.Effect)).Status.ShouldBe(HttpStatusCode.OK);
        return grant.Id;
    }

    internal async Task<(string Id, string Effect)> AskAsync(object request, string requester = "researcher")
    {
        var (status, text) = await this[requester].PostAsync(Vault.Address, "v1/grants", request);
        status.ShouldBe(HttpStatusCode.OK, text);
        return (Text(Json(text), "grant"), Text(Json(text), "effect_sha256"));
    }

    internal Task<(HttpStatusCode Status, string Text)> ApproveAsync(string steward, string grant, string effect, string? under = null) =>
        this[steward].PostAsync(Vault.Address, $"v1/grants/{under ?? grant}/approvals", SignedStatement.Sign(this[steward].Key, "approval", new { grant, effect_sha256 = effect }).ToJson());

    /// <summary>Runs a grant and looks at hosts and job at every line of progress.</summary>
    internal async Task<JsonElement> RunAsync(string grant)
    {
        var last = default(JsonElement);
        var (status, text) = await this["researcher"].SendAsync(HttpMethod.Post, Vault.Address, $"v1/grants/{grant}/run", "{}", line =>
        {
            last = line;
            ShownAtWork.AddRange(_hosts.SelectMany(host => host.Shown()));
            return Task.CompletedTask;
        });
        status.ShouldBe(HttpStatusCode.OK, text);
        last.TryGetProperty("error", out _).ShouldBeFalse(text);
        return last;
    }

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts) host.Dispose();
        foreach (var caller in Callers) caller.Dispose();
        Holder.Dispose();
        Directory.Delete(Root, recursive: true);
        await Task.CompletedTask;
    }

    internal async Task<(HttpStatusCode Status, string Text)> RedeemAsync(SigningKey key, string role, string invitation, SignedStatement? receipt)
    {
        using var nobody = new Caller("redeeming", null);
        return await nobody.PostAsync(Vault.Address, "v1/people", new { invitation, public_key = key.Public.Text, role, receipt });
    }

    internal static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();

    internal static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task EnrolAsync(string name, string role)
    {
        var caller = new Caller(name, SigningKey.Generate());
        Callers.Add(caller);
        var (status, text) = await RedeemAsync(caller.Key, role, _invitations[role], null);
        status.ShouldBe(HttpStatusCode.OK, text);
    }

    /// <summary>Enrols somebody, writes a held segment as their recorder would, and sends it with the recorder's own code.</summary>
    private async Task ParticipateAsync(string name)
    {
        var (folder, person, device) = await JoinAsync(name);
        Callers.AddRange([person, device]);
        using var enrolment = Enrolment.Load(folder);
        var spool = new SpoolFolder(Path.Combine(folder, "spool"), TimeProvider.System);
        Segments.Add(Hold(spool, Manifest));
        await foreach (var sent in new HeldSending(spool, enrolment, TimeProvider.System).SendAllAsync(CancellationToken.None)) sent.Outcome.ShouldBe(SendOutcome.Sent, sent.Detail);
        Directory.Delete(folder, recursive: true); // the person's own machine is not where we attack here
    }

    /// <summary>Enrols a participant, whose folder is then as <c>tutelage enrol</c> leaves it under the home <see cref="Root"/>.</summary>
    internal async Task<(string Folder, Caller Person, Caller Device)> JoinAsync(string name)
    {
        var folder = Path.Combine(Root, "people", name);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var manifest = ManifestText.Read(ManifestYaml).Manifest!;
        var (person, device) = (new Caller(name, SigningKey.Generate()), new Caller(name + "'s device", SigningKey.Generate()));
        device.Key.Save(Path.Combine(folder, "device.key"));
        var (status, text) = await RedeemAsync(person.Key, "participant", _invitations["participant"], SignedStatement.Sign(person.Key, "enrolment", new { manifest_sha256 = manifest.Digest, device_key = device.Key.Public.Text }));
        status.ShouldBe(HttpStatusCode.OK, text);
        var answer = Json(text);
        device.Tag = person.Tag = Text(answer, "tag");
        device.Certificate = person.Certificate = answer.GetProperty("device_certificate").GetRawText();
        device.Recipients = person.Recipients = answer.GetProperty("recipients").EnumerateObject().ToDictionary(kept => kept.Name, kept => kept.Value.GetString()!);

        var outer = Text(Json((await this["nobody"].GetAsync(Auditor.Address, "v1/outer-recipient")).Text), "recipient");
        var steward = this["steward"].Key;
        Enrolment.Save(folder, new(
            1, person.Tag, Vault.Address, Server.Address, Auditor.Address, SignedStatement.Sign(steward, ManifestStatement.Kind, new ManifestStatement(manifest.Digest)).ToJson(), steward.Public.Text,
            Text(Json(await File.ReadAllTextAsync(Trust)), "vault_key"), person.Certificate, person.Recipients, outer), manifest);
        return (folder, person, device);
    }

    private static string Hold(SpoolFolder spool, string manifest)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var opening = new SegmentOpening(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), 0, new(2026, 5, 4, 9, 30, 0, TimeSpan.Zero), Markers.Screen, manifest, "tutelage-redaction/1", 50, false);
        using var segment = new SpoolSegment(spool, id, Enum.GetValues<ContentClass>().ToHashSet(), opening, null);
        var writer = segment.Writer;
        var context = new RecordedContext("mousepad", Markers.Site, Markers.Title, Markers.Screen.Bounds);
        RecordedElement[] elements =
        [
            new(1, -1, "frame", Markers.Title, null, null, null, null, ElementStates.Enabled, Markers.Screen.Bounds),
            new(2, 1, "textbox", Markers.ElementName, null, Markers.ElementValue, null, Markers.Hint, ElementStates.Enabled | ElementStates.Editable, new(10, 40, 100, 20)),
        ];
        writer.Write(new TaskMark(new(0), "attack/1", Markers.Instruction, false, null));
        writer.Write(new ElementSnapshot(new(50), context, elements, 2));
        using (var frame = Markers.Frame()) writer.Write(new(100), frame);
        writer.Write(new ButtonChanged(new(500), PointerButton.Left, true, new(60, 50)));
        writer.Write(new ButtonChanged(new(600), PointerButton.Left, false, new(60, 50)));
        var time = 700;
        foreach (var letter in Markers.Keys)
            foreach (var down in new[] { true, false }) writer.Write(new KeyChanged(new(time += 50), letter.ToString(), KeyModifiers.Control, down));
        writer.Write(new TypedRun(new(time + 50), new(time + 900), 0, 2, new(Markers.Typed.Length, TextKind.Word), Markers.Typed.Length, false));
        writer.Write(new TypedText(new(time + 900), 0, Markers.Typed, false));
        writer.Write(new TaskMark(new(time + 2000), "attack/1", Markers.Instruction, true, true));
        segment.Complete(new(new(time + 2100), 40, 40, 0, 0, 1)).ShouldBe(DiskAnswer.Durable);
        return id;
    }
}

[CollectionDefinition(nameof(AttackedProgramme))]
public sealed class AttackedCollection : ICollectionFixture<AttackedProgramme>;
