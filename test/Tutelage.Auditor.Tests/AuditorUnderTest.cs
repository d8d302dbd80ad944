using System.Net;
using System.Text;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Sealing;
using Tutelage.Testing.Hosts;

namespace Tutelage.Auditor.Tests;

/// <summary>A real auditor process on a loopback port, and a vault's side of the conversation.</summary>
internal sealed class AuditorUnderTest : IDisposable
{
    private HostProcess _host = null!; // set by StartAsync
    private long _cosigned;

    private AuditorUnderTest() => Ledger = new WrittenLedger(Root);

    public string Root { get; } = Directory.CreateTempSubdirectory("tutelage-auditor-").FullName;

    public WrittenLedger Ledger { get; }

    public VerifierKey Witness { get; private set; } = null!; // set by StartAsync

    public static async Task<AuditorUnderTest> StartAsync()
    {
        var auditor = new AuditorUnderTest();
        var init = await HostProcess.RunAsync("Tutelage.Auditor", "--init", "--data", auditor.Folder);
        var keys = JsonSerializer.Deserialize<JsonElement>(init.Output);
        auditor.Witness = VerifierKey.Parse(keys.GetProperty("witness").GetString()!);
        await File.WriteAllTextAsync(auditor.Trust, JsonSerializer.Serialize(new
        {
            version = 1, vault_key = auditor.Ledger.Vault.Public.Text, auditor_key = keys.GetProperty("auditor_key").GetString(), log = auditor.Ledger.Signer.VerifierKey.Text, witness = auditor.Witness.Text,
        }));
        await auditor.LaunchAsync();
        return auditor;
    }

    public async Task RestartAsync()
    {
        await _host.KillAsync();
        await LaunchAsync();
    }

    /// <summary>A SIGTERM and a start that must list faults.</summary>
    public async Task<string> RefusesToStartAsync()
    {
        (await _host.StopAsync()).ShouldBe(0);
        var (exit, _, errors) = await HostProcess.RunAsync("Tutelage.Auditor", "--data", Folder, "--listen", "127.0.0.1:0", "--trust", Trust);
        exit.ShouldBe(4);
        return errors;
    }

    public string Folder => Path.Combine(Root, "auditor");

    public async Task<AgeRecipient> OuterRecipientAsync() => AgeRecipient.Parse((await SendAsync(HttpMethod.Get, "v1/outer-recipient", null)).Answer.GetProperty("recipient").GetString()!);

    public Task<(HttpStatusCode Status, JsonElement Answer)> HandOverAsync(long first, int count = int.MaxValue, SigningKey? by = null) =>
        SendAsync(HttpMethod.Post, "v1/entries", JsonSerializer.SerializeToUtf8Bytes(new { first, entries = Ledger.Entries.Skip((int)first).Take(count).Select(e => new { body = e.Body, salt = e.Salt }) }, Wire.Json), by);

    public Task<(HttpStatusCode Status, JsonElement Answer)> GiveAsync(long first, SigningKey? by = null) => SendAsync(HttpMethod.Get, FormattableString.Invariant($"v1/entries?first={first}"), null, by);

    public async Task<(HttpStatusCode Status, string Text)> AddCheckpointAsync(long old, byte[] note, IReadOnlyList<MerkleHash> proof)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(_host.Address, "add-checkpoint"), new ByteArrayContent(new AddCheckpointRequest(old, proof, note).ToBytes()));
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Trim());
    }

    /// <summary>Hands over everything and has it cosigned; both must succeed.</summary>
    public async Task AuditAsync()
    {
        var read = (await StatusAsync()).GetProperty("read").GetInt64();
        var (status, answer) = await HandOverAsync(read);
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        var proof = _cosigned == 0 ? [] : Ledger.Log.ProveConsistency(_cosigned, Ledger.Log.Size);
        var (cosigned, line) = await AddCheckpointAsync(_cosigned, Ledger.Log.Checkpoint, proof);
        cosigned.ShouldBe(HttpStatusCode.OK, line);
        NoteSignature.TryParse(line, out var signature).ShouldBeTrue();
        var note = SignedNote.Parse(Ledger.Log.Checkpoint).ShouldNotBeNull().With(signature!);
        Checkpoint.Open(note.ToBytes(), Ledger.Signer.VerifierKey, Witness).ShouldNotBeNull().Cosignatures.ShouldHaveSingleItem();
        _cosigned = Ledger.Log.Size;
    }

    public async Task<JsonElement> StatusAsync() => (await SendAsync(HttpMethod.Get, "v1/status", null)).Answer;

    public Task<(HttpStatusCode Status, JsonElement Answer)> ReleaseAsync(long index, IReadOnlyList<ReleasedObjectRequest> objects, string recipient, SigningKey? by = null) =>
        SendAsync(HttpMethod.Post, "v1/releases", JsonSerializer.SerializeToUtf8Bytes(new { entry_index = index, objects, job_recipient = recipient }, Wire.Json), by);

    public void Dispose()
    {
        _host.Dispose();
        Ledger.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private string Trust => Path.Combine(Root, "trust.json");

    private async Task LaunchAsync() => _host = await HostProcess.StartAsync("Tutelage.Auditor", "--data", Folder, "--listen", "127.0.0.1:0", "--trust", Trust);

    private async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(HttpMethod method, string path, byte[]? body, SigningKey? by = null)
    {
        using var http = new HttpClient(new SigningHandler(by ?? Ledger.Vault, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() });
        using var request = new HttpRequestMessage(method, new Uri(_host.Address, path));
        if (body is not null) request.Content = new ByteArrayContent(body);
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync())));
    }
}
