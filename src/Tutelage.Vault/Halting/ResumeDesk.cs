using System.Net;
using System.Text;
using System.Text.Json;
using Dapper;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Halting;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Halting;

/// <summary>What <c>GET /v1/resumption</c> shows: the next stage, the checks, and who has signed it.</summary>
/// <param name="Next">Null where nothing is halted.</param>
/// <param name="AdmittedFrom">As it is now. At the stage <c>ingest</c>, epochs from here on are admitted if the effect says so, else only <paramref name="Epoch"/>.</param>
internal sealed record Resumption(long Epoch, string Stage, string? Next, long AdmittedFrom, IReadOnlyList<ShownCheck> Checks, string ChecksSha256, IReadOnlyList<string> SignedBy, string? HaltedBy, string? Why);

internal sealed record ShownCheck(string Host, string Name, bool Ok, string? Fault);

/// <summary>Takes a programme further, one stage at a time: two signatures under one effect, checks that are green now, and the auditor's own yes before anything is written.</summary>
/// <remarks>
/// The auditor goes first. If we crash between its yes and our entry, it is ahead of us and nothing goes on (the narrower of two counts); the second person signs again, the auditor says
/// yes again, and the entry is written. If it were the other way round, our entry could tell of a resume that the auditor never agreed to.
/// </remarks>
internal sealed class ResumeDesk(HaltBook book, VaultOptions options, VaultKeys keys, VaultStore store, VaultLedger ledger, KeyStore keyStore, AuditorLink auditor, TimeProvider time) : IDisposable
{
    /// <summary>Clocks further apart than this would make cosignatures old or grants end at different times.</summary>
    private static readonly TimeSpan ClocksWithin = TimeSpan.FromSeconds(5) + TimeSpan.FromSeconds(1);

    private readonly HttpClient _http = new(new SigningHandler(keys.Identity, time) { InnerHandler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) } }) { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = 256 * 1024 };
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task<Resumption> LookAsync(CancellationToken cancellation)
    {
        var (state, checks) = (book.State, await CheckAsync(cancellation));
        var next = HaltRules.Next(state);
        var halt = state.MayRelease ? null : book.LastHalt;
        var signed = next is { } stage ? book.SignedBy(state.Epoch, Spelling.Of(stage)) : [];
        return new(state.Epoch, Spelling.Of(state.Stage), next is { } n ? Spelling.Of(n) : null, state.AdmittedFrom, [.. checks.Select(c => new ShownCheck(c.Host, c.Name, c.IsGreen, c.Fault))], ResumeChecks.DigestOf(checks), signed,
            halt is null ? null : Spelling.Of(halt.Role), halt?.Why);
    }

    /// <summary>Keeps a signature; if it is the second under the same effect, goes on to the stage it names.</summary>
    public async Task<HaltOutcome> SignAsync(ResumeStatement resume, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var state = book.State;
            if (Spelling.Of(state.Stage) == resume.Words.Stage && state.Epoch == resume.Words.Epoch) return new(state, true); // a lost answer is asked for again
            if (HaltRules.Faults(state, resume.Words) is { Count: > 0 } faults) return new(state, false, "not-now", string.Join("; ", faults));
            book.Sign(resume);
            var others = book.Signed(resume.Words).Select(text => ResumeStatement.Read(Encoding.UTF8.GetBytes(text), book.PersonKey)).OfType<ResumeStatement>().Where(other => other.Key.Id != resume.Key.Id).ToList();
            if (others.Count == 0) return new(state, false, "", $"signed; one more person signs the same effect, and {resume.Words.Stage} is reached");
            if (others.Find(other => book.Faults(state, other, resume).Count == 0) is not { } first) return new(state, false, "not-these", string.Join("; ", book.Faults(state, others[0], resume)));
            if ((await CheckAsync(cancellation)).Where(check => !check.IsGreen).ToList() is { Count: > 0 } red) return new(state, false, "not-green", string.Join("; ", red.Select(check => $"{check.Host} {check.Name}: {check.Fault}")));
            if (await AgreeAsync(first, resume, cancellation) is { } refusal) return new(state, false, "auditor-refused", refusal);
            return book.Resume(first, resume);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _turn.Dispose();
    }

    private async Task<IReadOnlyList<ResumeCheck>> CheckAsync(CancellationToken cancellation)
    {
        var (reached, cosigned, away) = await CosignAsync(cancellation);
        var theirs = await TheirsAsync(cancellation);
        var faults = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["auditor-reachable"] = theirs is null || !reached ? away ?? "it does not answer; start it" : null,
            ["auditor-caught-up"] = auditor.Fault ?? (auditor.AuditedSize < ledger.Log.Size ? $"{auditor.AuditedSize} of {ledger.Log.Size} entries are cosigned; wait a moment" : null),
            ["key-store"] = keyStore.Fault ?? (keyStore.Unopened > 0 ? $"{keyStore.Unopened} keys do not open; see tutelage keystore status" : null),
            ["server-reachable"] = await ServerFaultAsync(cancellation),
            ["clocks-agree"] = cosigned is { } at && (time.GetUtcNow() - at).Duration() <= ClocksWithin ? null : cosigned is { } other ? $"the auditor's clock says {other:O}, the vault's {time.GetUtcNow():O}; set both right" : "the auditor's clock cannot be asked",
            ["no-live-job"] = LiveJobs() is > 0 and var live ? $"{live} jobs have not ended yet; wait a moment" : null,
        };
        return [.. ResumeChecks.OfVault.Select(name => new ResumeCheck(StateWords.Vault, name, faults[name])), .. ResumeChecks.OfAuditor.Select(name => new ResumeCheck(StateWords.Auditor, name, FaultOf(theirs, name)))];
    }

    private async Task<(bool Reached, DateTimeOffset? Cosigned, string? Away)> CosignAsync(CancellationToken cancellation)
    {
        try
        {
            return (true, await auditor.CatchUpAsync(cancellation), null);
        }
        catch (RunRefusedException away)
        {
            return (away.Error != "auditor-away", null, away.Message);
        }
    }

    private async Task<JsonElement?> TheirsAsync(CancellationToken cancellation)
    {
        var (status, text) = await AskAsync(HttpMethod.Get, new Uri(options.AuditorAddress!, "v1/checks"), null, cancellation); // a started vault has one
        return status == HttpStatusCode.OK && Wire.Read<JsonElementHolder>(text) is { Checks: { } checks } ? checks : null;
    }

    private static string? FaultOf(JsonElement? theirs, string name)
    {
        if (theirs is not { ValueKind: JsonValueKind.Array } checks) return "the auditor does not say";
        foreach (var check in checks.EnumerateArray())
        {
            if (check.TryGetProperty("name", out var named) && named.ValueEquals(name)) return check.TryGetProperty("fault", out var fault) ? fault.ToString() : null;
        }

        return "the auditor does not say";
    }

    private async Task<string?> ServerFaultAsync(CancellationToken cancellation)
    {
        var (status, _) = await AskAsync(HttpMethod.Get, new Uri(options.ServerAddress!, "v1/status"), null, cancellation); // a started vault has one
        return status == HttpStatusCode.OK ? null : "the server does not answer; start it";
    }

    private int LiveJobs()
    {
        lock (store.Gate) return store.Database.ExecuteScalar<int>("SELECT COUNT(*) FROM grant_request WHERE state = 'running'");
    }

    /// <returns>Why the auditor does not agree; null if it does, durably.</returns>
    private async Task<string?> AgreeAsync(ResumeStatement one, ResumeStatement other, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { statements = new[] { one.Statement.ToJson(), other.Statement.ToJson() } }, Wire.Json);
        var (status, text) = await AskAsync(HttpMethod.Post, new Uri(options.AuditorAddress!, "v1/resumption"), body, cancellation); // a started vault has one
        if (status == HttpStatusCode.OK) return null;
        return Wire.Read<RefusalBody>(text)?.Message is { } message ? $"the auditor does not agree: {message}" : $"the auditor does not answer ({status})";
    }

    private async Task<(HttpStatusCode? Status, byte[] Body)> AskAsync(HttpMethod method, Uri address, byte[]? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address);
        if (body is not null) request.Content = new ByteArrayContent(body);
        try
        {
            using var answer = await _http.SendAsync(request, cancellation);
            return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellation));
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (null, []);
        }
    }

    private sealed record JsonElementHolder(JsonElement? Checks);

    private sealed record RefusalBody(string? Error, string? Message);
}
