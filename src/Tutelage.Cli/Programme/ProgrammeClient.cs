using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Rules.Access;
using Tutelage.Rules.Halting;

namespace Tutelage.Cli.Programme;

/// <summary>What one person asks of vault and server, signed with their key.</summary>
internal sealed class ProgrammeClient(SigningKey key, Uri vault, Uri server, TimeProvider time) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http = new(new SigningHandler(key, time) { InnerHandler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3) } })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { { "tutelage-key", key.Public.Text } }, // the server knows no people: a holder shows the key that the export names (docs/formats/ingest.md)
    };

    public PublicKey Key => key.Public;

    /// <summary>Redeems an invitation. For a participant <paramref name="receipt"/> names the manifest and the device.</summary>
    public Task<JsonElement> EnrolAsync(string invitation, string role, string? name, SignedStatement? receipt, CancellationToken cancellationToken) =>
        PostAsync(new(vault, "v1/people"), new
        {
            invitation, public_key = key.Public.Text, role, name, receipt = receipt is null ? (JsonElement?)null : JsonDocument.Parse(receipt.ToJson()).RootElement,
        }, cancellationToken);

    /// <summary>Agrees to another manifest.</summary>
    /// <returns>The device certificate that names it.</returns>
    public async Task<string> AgreeAsync(SignedStatement receipt, CancellationToken cancellationToken) =>
        (await PostAsync(new(vault, "v1/agreements"), new { receipt = JsonDocument.Parse(receipt.ToJson()).RootElement }, cancellationToken)).GetProperty("device_certificate").GetRawText();

    public Task<JsonElement> RequestGrantAsync(object request, CancellationToken cancellationToken) => PostAsync(new(vault, "v1/grants"), request, cancellationToken);

    public Task<JsonElement> GrantsAsync(CancellationToken cancellationToken) => GetAsync(new(vault, "v1/grants"), cancellationToken);

    /// <summary>Signs the exact effect that the vault showed.</summary>
    public async Task<JsonElement> ApproveAsync(string grant, string effectSha256, CancellationToken cancellationToken)
    {
        var statement = SignedStatement.Sign(key, "approval", new Approval(grant, effectSha256));
        using var content = new StringContent(statement.ToJson(), Encoding.UTF8, "application/json");
        return await AnswerAsync(await _http.PostAsync(new Uri(vault, $"v1/grants/{grant}/approvals"), content, cancellationToken), cancellationToken);
    }

    public Task<JsonElement> DenyAsync(string grant, string? reason, CancellationToken cancellationToken) =>
        PostAsync(new(vault, $"v1/grants/{grant}/denials"), new { reason }, cancellationToken);

    /// <summary>A halt of this epoch, signed.</summary>
    public SignedStatement Halt(string why, long epoch) =>
        SignedStatement.Sign(key, HaltWords.Kind, new HaltWords(why, epoch, System.Security.Cryptography.RandomNumberGenerator.GetHexString(32, lowercase: true)));

    /// <summary>Gives it to one custodian.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Answer)> GiveHaltAsync(Uri host, SignedStatement halt, CancellationToken cancellationToken)
    {
        using var content = new StringContent(halt.ToJson(), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri(host, "v1/halt"), content, cancellationToken);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken)).RootElement.Clone());
    }

    /// <summary>The next stage, with the checks and who has signed it.</summary>
    public Task<JsonElement> ResumptionAsync(CancellationToken cancellationToken) => GetAsync(new(vault, "v1/resumption"), cancellationToken);

    public async Task<JsonElement> ResumeAsync(ResumeWords words, CancellationToken cancellationToken)
    {
        using var content = new StringContent(SignedStatement.Sign(key, ResumeWords.Kind, words).ToJson(), Encoding.UTF8, "application/json");
        return await AnswerAsync(await _http.PostAsync(new Uri(vault, "v1/resumption"), content, cancellationToken), cancellationToken);
    }

    /// <summary>Runs a granted job: each line of its progress, the last one with its result or error.</summary>
    public async IAsyncEnumerable<JsonElement> RunAsync(string grant, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault, $"v1/grants/{grant}/run")) { Content = JsonContent.Create(new { }) };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode) await AnswerAsync(response, cancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
            if (line.Length > 0) yield return JsonDocument.Parse(line).RootElement.Clone();
    }

    public Task<JsonElement> DataSetsAsync(CancellationToken cancellationToken) => GetAsync(new(vault, "v1/datasets"), cancellationToken);

    public Task<JsonElement> EntriesAsync(CancellationToken cancellationToken) => GetAsync(new(vault, "v1/entries"), cancellationToken);

    public Task<JsonElement> EntryAsync(long index, CancellationToken cancellationToken) => GetAsync(new(vault, $"v1/entries/{index}"), cancellationToken);

    /// <summary>Every entry about this person with its proofs: the bytes of a history file.</summary>
    public async Task<byte[]> HistoryAsync(CancellationToken cancellationToken)
    {
        var response = await _http.GetAsync(new Uri(vault, "v1/history"), cancellationToken);
        if (!response.IsSuccessStatusCode) await AnswerAsync(response, cancellationToken);
        using (response) return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>What a deletion would reach.</summary>
    /// <param name="objects">Segments; null for everything.</param>
    public Task<JsonElement> PreviewDeletionAsync(IReadOnlyList<string>? objects, CancellationToken cancellationToken) =>
        PostAsync(new(vault, "v1/deletions/previews"), objects is null ? new { } : new { objects }, cancellationToken);

    /// <summary>Deletes what a statement of kind <c>deletion</c> names. The same statement asks how far it is.</summary>
    public async Task<JsonElement> DeleteAsync(SignedStatement statement, CancellationToken cancellationToken)
    {
        using var content = new StringContent(statement.ToJson(), Encoding.UTF8, "application/json");
        return await AnswerAsync(await _http.PostAsync(new Uri(vault, "v1/deletions"), content, cancellationToken), cancellationToken);
    }

    /// <summary>The rules in force and the newest changes.</summary>
    public Task<JsonElement> RulesAsync(CancellationToken cancellationToken) => GetAsync(new(vault, "v1/rules"), cancellationToken);

    /// <summary>Proposes rules, signed, so that nobody else can be called their author.</summary>
    public Task<JsonElement> ProposeRulesAsync(RuleSet rules, CancellationToken cancellationToken) => PostAsync(new(vault, "v1/rules"), new
    {
        rules = Encoding.UTF8.GetString(RuleBytes.Encode(rules)), statement = JsonDocument.Parse(SignedStatement.Sign(key, "rules-proposal", new { rules_sha256 = rules.Digest }).ToJson()).RootElement,
    }, cancellationToken);

    /// <summary>Signs the exact effect of a change of the rules.</summary>
    public async Task<JsonElement> ApproveRulesAsync(string change, string effectSha256, CancellationToken cancellationToken)
    {
        using var content = new StringContent(SignedStatement.Sign(key, "rules-approval", new { change, effect_sha256 = effectSha256 }).ToJson(), Encoding.UTF8, "application/json");
        return await AnswerAsync(await _http.PostAsync(new Uri(vault, $"v1/rules/{change}/approvals"), content, cancellationToken), cancellationToken);
    }

    public Task<JsonElement> StatusAsync(Uri host, CancellationToken cancellationToken) => GetAsync(new(host, "v1/status"), cancellationToken);

    /// <summary>The sealed bytes of an export that this person holds.</summary>
    public async Task<Stream> ExportAsync(string id, CancellationToken cancellationToken)
    {
        var response = await _http.GetAsync(new Uri(server, $"v1/exports/{id}"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode) await AnswerAsync(response, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> PostAsync(Uri address, object body, CancellationToken cancellationToken) =>
        await AnswerAsync(await _http.PostAsync(address, JsonContent.Create(body, options: Json), cancellationToken), cancellationToken);

    private async Task<JsonElement> GetAsync(Uri address, CancellationToken cancellationToken) =>
        await AnswerAsync(await _http.GetAsync(address, cancellationToken), cancellationToken);

    private static async Task<JsonElement> AnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode) return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
            var message = text;
            try
            {
                message = JsonDocument.Parse(text).RootElement.GetProperty("message").GetString() ?? text;
            }
            catch (Exception plain) when (plain is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                // A refusal without our JSON (a proxy's, say) is shown as it came.
            }
            throw new RefusedException(response.StatusCode, message);
        }
    }

    private sealed record Approval(string Grant, string EffectSha256);
}

/// <summary>A host said no; the message is the host's own.</summary>
internal sealed class RefusedException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;
}
