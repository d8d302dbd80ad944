using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Auditing;

/// <summary>An entry that the auditor does not accept, by index and kind, and its reason.</summary>
internal sealed record RefusedEntry(long Entry, string Kind, string Why);

/// <summary>Hands every entry to the auditor, asks it to cosign, and keeps its cosignatures. Without it no key is released.</summary>
/// <remarks>One hand-over at a time; whoever waits finds its own entry cosigned when its turn comes, so many appends share one round trip.</remarks>
internal sealed class AuditorLink : IDisposable
{
    private const int EntriesPerRequest = 256;

    /// <summary>Whoever waited for a round trip shares its cosignature if it is this new.</summary>
    private static readonly TimeSpan SharedFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1); // guards _handed and _cosigned
    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly VaultLedger _ledger;
    private readonly TrustFile _trust;
    private readonly TimeProvider _time;
    private long? _handed;
    private long _cosigned;
    private (DateTimeOffset Time, long Stamp) _newest; // of the newest cosignature: the auditor's clock, and ours when it came; guarded by _turn
    private long _audited; // written under _turn, read anywhere

    public AuditorLink(VaultOptions options, VaultKeys keys, VaultLedger ledger, TrustFile trust, TimeProvider time)
        : this(options, keys, ledger, trust, time, wire: null)
    {
    }

    /// <param name="wire">Carries requests instead of a socket.</param>
    internal AuditorLink(VaultOptions options, VaultKeys keys, VaultLedger ledger, TrustFile trust, TimeProvider time, HttpMessageHandler? wire)
    {
        _address = options.AuditorAddress ?? throw new ArgumentException("the vault needs its auditor's address", nameof(options));
        (_ledger, _trust, _time) = (ledger, trust, time);
        _http = new HttpClient(new SigningHandler(keys.Identity, time) { InnerHandler = wire ?? new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) } }) { BaseAddress = _address, Timeout = Patience };
        _cosigned = ledger.Log.ReadAuditedCheckpoint() is { } note && Checkpoint.Open(note, trust.Log, trust.Witness) is { } opened ? opened.Checkpoint.Size : 0;
        _audited = _cosigned;
    }

    /// <summary>Entries under the newest cosigned checkpoint.</summary>
    public long AuditedSize => Volatile.Read(ref _audited);

    /// <summary>Why the auditor does not follow, as last seen; null if it does. Written under _turn, read anywhere.</summary>
    public string? Fault { get; private set; }

    /// <summary>The entry that the auditor refuses, after which it reads nothing; null if it reads on. Written under _turn, read anywhere.</summary>
    public RefusedEntry? Refused { get; private set; }

    /// <summary>The auditor's owner mark, as last seen.</summary>
    public string? Owner { get; private set; }

    /// <summary>Hands over what the auditor lacks and has the newest checkpoint cosigned, unless that was done since <paramref name="size"/> was reached.</summary>
    /// <param name="size">Entries that the cosignature must cover at least.</param>
    /// <returns>The time of a cosignature that covers them; the auditor's clock.</returns>
    /// <exception cref="RunRefusedException">The auditor is away, refuses an entry, or refuses the checkpoint; the message says which and why.</exception>
    public async Task<DateTimeOffset> CatchUpAsync(long size, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_cosigned >= size && _newest.Stamp != 0 && _time.GetElapsedTime(_newest.Stamp) < SharedFor) return _newest.Time;
            var cosigned = await CosignNeedsTurnAsync(cancellation);
            Fault = null;
            return cosigned;
        }
        catch (RunRefusedException refused)
        {
            Fault = refused.Message;
            _handed = null; // whatever it is, the auditor may stand elsewhere than we think: ask it next time
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Has everything cosigned that is in the log now.</summary>
    /// <inheritdoc cref="CatchUpAsync(long, CancellationToken)"/>
    public Task<DateTimeOffset> CatchUpAsync(CancellationToken cancellation) => CatchUpAsync(_ledger.Log.Size, cancellation);

    /// <summary>The month's outer recipient, for what jobs seal.</summary>
    public async Task<string> OuterRecipientAsync(CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Get, "v1/outer-recipient", null, cancellation);
        var json = await ReadJsonAsync(answer, cancellation);
        return json.GetProperty("recipient").GetString() ?? throw Away("its outer recipient is null");
    }

    /// <summary>Asks for the outer file keys of a release, sealed to its job. An answer that was lost is asked for once more: the auditor repeats it word for word.</summary>
    public async Task<byte[]> ReleaseAsync(long entryIndex, IReadOnlyList<ReleasedObjectRequest> objects, string jobRecipient, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { entry_index = entryIndex, objects, job_recipient = jobRecipient }, Wire.Json);
        using var answer = await TwiceAsync(() => SendAsync(HttpMethod.Post, "v1/releases", body, cancellation));
        var json = await ReadJsonAsync(answer, cancellation);
        if (answer.StatusCode != HttpStatusCode.OK) throw new RunRefusedException("auditor-refused", $"the auditor releases no keys: {Text(json, "message")}");
        return json.GetProperty("sealed").GetBytesFromBase64();
    }

    public async Task LookAsync(CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Get, "v1/status", null, cancellation);
        Owner = Text(await ReadJsonAsync(answer, cancellation), "owner");
    }

    public void Dispose()
    {
        _http.Dispose();
        _turn.Dispose();
    }

    private async Task<DateTimeOffset> CosignNeedsTurnAsync(CancellationToken cancellation)
    {
        var note = _ledger.Log.Checkpoint;
        var size = Checkpoint.Open(note, _trust.Log)?.Checkpoint.Size ?? throw new InvalidOperationException("the log's own checkpoint does not verify");
        await HandOverNeedsTurnAsync(size, cancellation);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var proof = _cosigned > 0 && _cosigned <= size ? _ledger.Log.ProveConsistency(_cosigned, size) : [];
            var request = new AddCheckpointRequest(_cosigned, proof, note);
            using var answer = await SendAsync(HttpMethod.Post, "add-checkpoint", request.ToBytes(), cancellation);
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.OK:
                    return Keep(note, size, text);
                case HttpStatusCode.Conflict when long.TryParse(text.AsSpan().TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var known) && known <= size && known != _cosigned:
                    _cosigned = known; // a cosignature whose answer was lost
                    break;
                case HttpStatusCode.Conflict:
                    throw new RunRefusedException("auditor-refused", $"the auditor has cosigned {text.Trim()} entries, this log has {size}, or another history: the vault's folder may be an older copy");
                default:
                    throw new RunRefusedException("auditor-refused", $"the auditor does not cosign ({(int)answer.StatusCode}): {text.Trim()}");
            }
        }

        throw new RunRefusedException("auditor-refused", "the auditor keeps answering with another size");
    }

    private async Task HandOverNeedsTurnAsync(long size, CancellationToken cancellation)
    {
        // The first hand-over of a process has no entries: the answer says where the auditor stands.
        _handed ??= await PostEntriesAsync(size, [], cancellation);
        while (_handed < size)
        {
            var entries = _ledger.Read(_handed.Value, (int)Math.Min(EntriesPerRequest, size - _handed.Value)); // the database may be ahead of the log
            _handed = await PostEntriesAsync(_handed.Value, entries, cancellation);
        }
    }

    private async Task<long> PostEntriesAsync(long first, IReadOnlyList<KeptEntry> entries, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { first, entries = entries.Select(e => new { body = Encoding.UTF8.GetString(e.Body), salt = e.Salt }) }, Wire.Json);
        using var answer = await SendAsync(HttpMethod.Post, "v1/entries", body, cancellation);
        var json = await ReadJsonAsync(answer, cancellation);
        if (answer.StatusCode == HttpStatusCode.UnprocessableEntity && json.TryGetProperty("next", out var at) && at.TryGetInt64(out var index)) Refused = new RefusedEntry(index, _ledger.Read(index, 1).FirstOrDefault()?.Kind ?? "unknown", Text(json, "message"));
        else if (answer.StatusCode == HttpStatusCode.OK && entries.Count > 0) Refused = null;
        return answer.StatusCode switch
        {
            HttpStatusCode.OK or HttpStatusCode.Conflict when json.TryGetProperty("next", out var next) => next.GetInt64(),
            HttpStatusCode.UnprocessableEntity => throw new RunRefusedException("auditor-refused", $"the auditor refuses an entry: {Text(json, "message")}"),
            _ => throw new RunRefusedException("auditor-refused", $"the auditor does not take entries ({(int)answer.StatusCode}): {Text(json, "message")}"),
        };
    }

    private DateTimeOffset Keep(byte[] note, long size, string lines)
    {
        var signed = SignedNote.Parse(note)!; // it was opened above
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (NoteSignature.TryParse(line, out var signature)) signed = signed.With(signature);
        }

        var opened = Checkpoint.Open(signed.ToBytes(), _trust.Log, _trust.Witness);
        if (opened?.Cosignatures.FirstOrDefault()?.Time is not { } time) throw new RunRefusedException("auditor-refused", "the auditor's cosignature does not verify with the witness key of the trust file");
        _ledger.Log.AttachCosignatures(opened);
        _cosigned = size;
        _newest = (time, _time.GetTimestamp());
        Volatile.Write(ref _audited, size);
        return time;
    }

    private static async Task<HttpResponseMessage> TwiceAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            return await send();
        }
        catch (RunRefusedException)
        {
            return await send();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(_address, path));
        if (body is not null) request.Content = new ByteArrayContent(body);
        try
        {
            return await _http.SendAsync(request, cancellation);
        }
        catch (Exception away) when (away is HttpRequestException || (away is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw Away(away is HttpRequestException http ? http.HttpRequestError.ToString() : $"no answer within {Patience.TotalSeconds:0} s");
        }
    }

    private async Task<JsonElement> ReadJsonAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsByteArrayAsync(cancellation), Wire.Json);
        }
        catch (JsonException)
        {
            throw Away($"it answers {(int)answer.StatusCode} without JSON");
        }
    }

    private static string Text(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value.ToString() : "no reason given";

    private RunRefusedException Away(string why) => new("auditor-away", $"the auditor at {_address} cannot be reached ({why}); without it no key is released. Start it and run again");
}
