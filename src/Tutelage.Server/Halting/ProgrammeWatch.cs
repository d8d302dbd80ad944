using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Rules.Halting;
using Tutelage.Server.Store;

namespace Tutelage.Server.Halting;

/// <summary>Asks vault and auditor once a second what they let go on, each with a nonce of its own, and believes only what they have signed for it.</summary>
/// <remarks>
/// Their addresses stand in the programme's card, which the operator lays into the data folder; it is read anew at each question, and nothing is believed because of an address: the keys
/// are those of the trust file. Without a fresh word of both, ingest is closed. If this believed an old word, uploads would go on after a halt.
/// </remarks>
internal sealed class ProgrammeWatch(Trust trust, ObjectStore store, TimeProvider time) : BackgroundService
{
    /// <summary>A word that was asked for longer ago counts no more. Five questions may be lost.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Until the first word of both: hosts start one after the other.</summary>
    private static readonly TimeSpan EveryAtFirst = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = Patience, UseProxy = false }) { Timeout = Patience, MaxResponseContentBufferSize = 256 * 1024 };
    private readonly Lock _gate = new(); // guards _words
    private readonly Dictionary<string, (long Asked, ProgrammeStanding State)> _words = new(StringComparer.Ordinal);

    /// <summary>What both let go on now; null without a fresh word of each.</summary>
    public ProgrammeStanding? State
    {
        get
        {
            lock (_gate)
                return Fresh(StateWords.Vault) is { } vault && Fresh(StateWords.Auditor) is { } auditor ? ProgrammeStanding.Both(vault, auditor) : null;
        }
    }

    /// <summary>Milliseconds since the newest word of this host was asked for; null before the first.</summary>
    public long? AgeMs(string host)
    {
        lock (_gate) return _words.TryGetValue(host, out var word) ? (long)time.GetElapsedTime(word.Asked).TotalMilliseconds : null;
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var addresses = Addresses();
            await Task.WhenAll(AskAsync(StateWords.Vault, addresses?.Vault, trust.Vault, stoppingToken), AskAsync(StateWords.Auditor, addresses?.Auditor, trust.Auditor, stoppingToken));
            await Task.Delay(State is null ? EveryAtFirst : Every, time, stoppingToken);
        }
    }

    private ProgrammeStanding? Fresh(string host) => _words.TryGetValue(host, out var word) && time.GetElapsedTime(word.Asked) < FreshFor ? word.State : null;

    private async Task AskAsync(string host, Uri? address, PublicKey key, CancellationToken cancellation)
    {
        if (address is null) return;
        var (nonce, asked) = (RandomNumberGenerator.GetHexString(32, lowercase: true), time.GetTimestamp());
        try
        {
            var statement = SignedStatement.Parse(Encoding.UTF8.GetString(await _http.GetByteArrayAsync(new Uri(address, $"v1/state?nonce={nonce}"), cancellation)));
            if (!statement.Verify(key, StateWords.Kind) || statement.Read<StateWords>() is not { } words || words.Host != host || words.Nonce != nonce || words.Read() is not { } state) return;
            lock (_gate) _words[host] = (asked, state);
        }
        catch (Exception away) when (away is HttpRequestException or IOException or FormatException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // Its last word grows old; status shows how old.
        }
    }

    private CardAddresses? Addresses()
    {
        try
        {
            var path = Path.Combine(store.Layout.Root, Programme.ProgrammeCard.FileName);
            if (!File.Exists(path) || new FileInfo(path).Length > Programme.ProgrammeCard.MaxBytes) return null;
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), CardJson.Default.CardAddresses) is { Vault: { IsAbsoluteUri: true, Scheme: "http" or "https" }, Auditor: { IsAbsoluteUri: true, Scheme: "http" or "https" } } card ? card : null;
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException or JsonException)
        {
            return null; // it is being replaced, or is none: ingest stays closed without fresh words
        }
    }
}

/// <summary>Of the programme's card, what the server needs.</summary>
internal sealed record CardAddresses(Uri? Vault, Uri? Auditor);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 4)]
[System.Text.Json.Serialization.JsonSerializable(typeof(CardAddresses))]
internal sealed partial class CardJson : System.Text.Json.Serialization.JsonSerializerContext;
