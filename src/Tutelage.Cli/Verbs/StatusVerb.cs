using System.CommandLine;
using System.Text.Json;
using Tutelage.Cli.Programme;
using Tutelage.Identity;
using Tutelage.Recorder.Control;
using Tutelage.Recorder.Spool;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage status</c>: the hosts of the programme and the recorders of this machine.</summary>
internal static class StatusVerb
{
    public static Command Create(TimeProvider time)
    {
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("status", "Shows the programme's hosts, its log, and the recorders of this machine.\n\nExample: tutelage status --json") { server, json };
        verb.SetAction((parsed, token) => RunAsync(Options.HomeOf(parsed), Options.ServerOf(parsed.GetValue(server)), parsed.GetValue(json), time, token));
        return verb;
    }

    private static async Task<int> RunAsync(Home home, Uri? server, bool json, TimeProvider time, CancellationToken cancellationToken)
    {
        var card = server is null && !File.Exists(new ProgrammeFolder(home.Programme).Card) ? null : await home.CardAsync(server, cancellationToken);
        var hosts = card is null ? [] : await HostsAsync(card, time, cancellationToken);
        var recorders = new List<RecorderLine>();
        foreach (var name in home.Enrolled()) recorders.Add(await RecorderAsync(home, name, time, cancellationToken));
        var vault = hosts.FirstOrDefault(host => host.Name == "vault")?.Says;
        var auditor = hosts.FirstOrDefault(host => host.Name == "auditor")?.Says;
        var rules = vault is null ? null : await RulesAsync(home, server, time, cancellationToken);
        var otherRules = RulesDigest(vault) is { } mine && RulesDigest(auditor) is { } theirs && mine != theirs;
        if (json)
        {
            Output.Json(new
            {
                Programme = card is null ? null : new
                {
                    Rehearsal = Bool(vault, "rehearsal") ?? card.Rehearsal, Epoch = Number(vault, "epoch"), Halted = Bool(vault, "halted"),
                    Stage = Text(vault, "stage"), HaltedBy = Text(Member(vault, "halt"), "role"), Why = Text(Member(vault, "halt"), "why"),
                    Leases = new { AuditorToVaultMs = Number(vault, "auditor_lease_ms"), VaultToServerMs = Number(SaysOf(hosts, "server"), "vault_word_ms"), AuditorToServerMs = Number(SaysOf(hosts, "server"), "auditor_word_ms") },
                    Ingest = Text(SaysOf(hosts, "server"), "ingest"), AuditorStage = Text(SaysOf(hosts, "auditor"), "stage"),
                    Log = new { Size = Number(vault, "size"), Audited = Number(vault, "audited"), AuditorFault = Text(vault, "auditor_fault"), AuditorRefuses = Member(vault, "auditor_refuses") },
                    Rules = rules is null ? Member(vault, "rules") : (object)RulesChangeVerbs.Said(rules), AuditorHasOtherRules = otherRules,
                    Keystore = Member(vault, "keystore"), JobConfinement = Text(vault, "job_confinement"),
                    Manifest = card.Manifest is not null,
                    Hosts = hosts.Select(host => new { host.Name, host.Address, host.State }),
                },
                Recorders = recorders,
            });
            return CliExit.Done;
        }

        if (card is null) Output.Line($"No programme was started from {home.Root}; `tutelage up` starts one.");
        else
        {
            if (Bool(vault, "rehearsal") ?? card.Rehearsal) Output.Line("rehearsal: vault and auditor have one owner; nothing is proven against that owner");
            Output.Table(["host", "address", "state"], hosts.Select(host => (string?[])[host.Name, host.Address.ToString(), host.State]));
            if (vault is not null)
            {
                if (Bool(vault, "halted") == true) Output.Line($"HALTED by a {Text(Member(vault, "halt"), "role") ?? "person unknown"}: {Text(Member(vault, "halt"), "why")}; stage {Text(vault, "stage")}, auditor {Text(SaysOf(hosts, "auditor"), "stage") ?? "unknown"}");
                Output.Line($"last word of the auditor to the vault {Ms(vault, "auditor_lease_ms")}; of the vault to the server {Ms(SaysOf(hosts, "server"), "vault_word_ms")}, of the auditor {Ms(SaysOf(hosts, "server"), "auditor_word_ms")}; ingest {Text(SaysOf(hosts, "server"), "ingest") ?? "unknown"}");
                Output.Line($"epoch {Number(vault, "epoch")}; log of {Number(vault, "size")} entries, {Number(vault, "audited")} audited");
                if (Member(vault, "auditor_refuses") is { } refused)
                {
                    Output.Line($"THE AUDITOR REFUSES ENTRY {Number(refused, "entry")} ({Text(refused, "kind")}): {Text(refused, "why")}");
                    Output.Line("nothing from there on is audited and no key is released; docs/operations.md, \"An entry that the auditor refuses\", says what to do");
                }
                else if (Text(vault, "auditor_fault") is { } fault) Output.Line($"the auditor does not follow: {fault}");
                if (rules is not null) RulesChangeVerbs.Print(rules);
                if (otherRules) Output.Line("THE AUDITOR HAS OTHER RULES than the vault: until it has read the entry that changes them, no key is released");
                if (Member(vault, "keystore") is { } keys) Output.Line(KeystoreLine(keys));
                if (Text(vault, "job_confinement") is { } confinement && confinement.StartsWith("none", StringComparison.Ordinal)) Output.Line($"jobs run without a sandbox of the system ({confinement})");
            }
            if (card.Manifest is null) Output.Line("no manifest is published: nobody can enrol yet");
        }
        if (recorders.Count == 0) Output.Line("nobody is enrolled on this machine");
        else Output.Table(["person", "recorder", "app", "events", "lost", "waiting"], recorders.Select(line => (string?[])[line.Person, line.Words, line.App, $"{line.Events}", $"{line.Lost}", $"{line.Waiting}"]));
        return CliExit.Done;
    }

    private static async Task<List<HostLine>> HostsAsync(ProgrammeCard card, TimeProvider time, CancellationToken cancellationToken)
    {
        using var nobody = SigningKey.Generate();
        using var client = new ProgrammeClient(nobody, card.Vault, card.Server, time);
        var hosts = new List<HostLine>();
        foreach (var (name, address) in new[] { ("vault", card.Vault), ("auditor", card.Auditor), ("server", card.Server) })
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            try
            {
                var says = await client.StatusAsync(address, limit.Token);
                hosts.Add(new(name, address, Text(says, "state") ?? "unknown", says));
            }
            catch (Exception away) when (away is HttpRequestException or JsonException or RefusedException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                hosts.Add(new(name, address, "no answer", null));
            }
        }
        return hosts;
    }

    /// <summary>In words, if somebody of this machine is enrolled: those who are recorded first, because it is about them. Null if nobody is, or it cannot be told.</summary>
    private static async Task<ToldRules?> RulesAsync(Home home, Uri? server, TimeProvider time, CancellationToken cancellationToken)
    {
        if ((home.Enrolled().FirstOrDefault() ?? KeptKey.All(home).FirstOrDefault(key => key.Revoked is null)?.Name) is not { } name) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var desk = await Desk.OpenAsync(home, name, server, time, limit.Token);
            return ToldRules.Read(await desk.Client.RulesAsync(limit.Token));
        }
        catch (Exception away) when (away is HttpRequestException or FormatException or RefusedException or VerbFailedException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null; // a key of another programme, or no answer: the hosts' lines say so
        }
    }

    private static string? RulesDigest(JsonElement? host) => Text(Member(host, "rules"), "digest");

    private static async Task<RecorderLine> RecorderAsync(Home home, string name, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = home.FolderOf(name);
        if (await ControlClient.AskAsync(folder, new("status"), cancellationToken) is { Status: { } status })
            return new(name, status.State, status.Closed.Select(reason => reason.ToString()).ToList(), status.App, status.Seen, status.Lost, status.Waiting, status.SpoolOnly);
        return new(name, "off", [], null, 0, 0, new SpoolFolder(Path.Combine(folder, "spool"), time).Held().Count, false);
    }

    private static string KeystoreLine(JsonElement keys)
    {
        var words = $"key epoch {Number(keys, "epoch")}, {Age(Number(keys, "age_seconds") ?? 0)} old; the keyring holds {Number(keys, "epochs")}; last backup {When(keys, "last_backup")}, last rehearsal {When(keys, "last_rehearsal")}";
        return Text(keys, "fault") is { } fault ? $"{words}; NOT ROTATED: {fault}" : words;
    }

    private static string Age(long seconds) => seconds < 2 * 86_400 ? FormattableString.Invariant($"{seconds / 3600} h") : FormattableString.Invariant($"{seconds / 86_400} days");

    private static string When(JsonElement says, string member) =>
        Number(says, member) is { } at ? DateTimeOffset.FromUnixTimeSeconds(at).ToString("yyyy-MM-dd HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture) : "never";

    private static JsonElement? Member(JsonElement? says, string member) => says is { } told && told.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static JsonElement? SaysOf(IReadOnlyList<HostLine> hosts, string name) => hosts.FirstOrDefault(host => host.Name == name)?.Says;

    private static string Ms(JsonElement? says, string member) => Number(says, member) is { } age ? $"{age} ms ago" : "never";

    private static string? Text(JsonElement? says, string member) => says is { } told && told.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement? says, string member) => says is { } told && told.TryGetProperty(member, out var value) && value.TryGetInt64(out var number) ? number : null;

    private static bool? Bool(JsonElement? says, string member) =>
        says is { } told && told.TryGetProperty(member, out var value) && value.ValueKind is (JsonValueKind.True or JsonValueKind.False) ? value.GetBoolean() : null;

    /// <param name="Says">Null if it does not answer.</param>
    private sealed record HostLine(string Name, Uri Address, string State, JsonElement? Says);

    private sealed record RecorderLine(string Person, string State, IReadOnlyList<string> Closed, string? App, long Events, long Lost, int Waiting, bool SpoolOnly)
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public string Words => Closed.Count == 0 ? State : $"{State} ({string.Join(", ", Closed)})";
    }
}
