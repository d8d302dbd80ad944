using System.Text.Json;
using System.Text.Json.Serialization;
using Tutelage.Cli.Verbs;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Recorder.Consent;
using Tutelage.Rules.Capture;

namespace Tutelage.Cli.Programme;

/// <summary>What anybody may know of a programme: where its hosts are, their public keys, and the manifest in force. <c>GET /v1/programme</c> (docs/formats/programme.md).</summary>
/// <param name="Log">The log's verifier key.</param>
/// <param name="Witness">The auditor's witness key.</param>
/// <param name="Manifest">Canonical bytes as text; null until a steward has published one.</param>
/// <param name="ManifestSignature">Statement of kind <c>manifest</c>.</param>
/// <param name="ManifestSigner">The steward's public key.</param>
internal sealed record ProgrammeCard(
    int Version, bool Rehearsal, Uri Vault, Uri Auditor, Uri Server, string VaultKey, string Log, string Witness,
    string? Manifest = null, string? ManifestSignature = null, string? ManifestSigner = null)
{
    public const string FileName = "programme.json";

    /// <summary>A manifest has at most 256 KiB; the rest is a few hundred bytes.</summary>
    private const int MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false, MaxDepth = 4,
    };

    [JsonIgnore]
    public ProgrammeAddresses Addresses => new(Vault, Auditor, Server, PublicKey.Parse(VaultKey));

    /// <summary>Log and auditor must both have signed.</summary>
    [JsonIgnore]
    public LogPolicy Policy => LogPolicy.Parse($"log {Log}\nwitness auditor {Witness}\nquorum auditor\n");

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="FormatException">Not a programme's card.</exception>
    public static ProgrammeCard Read(ReadOnlySpan<byte> bytes, string from)
    {
        try
        {
            var card = JsonSerializer.Deserialize<ProgrammeCard>(bytes, Json);
            if (card is not { Version: 1 }) throw new FormatException($"{from} describes a programme in version {card?.Version}; this program reads 1");
            _ = card.Addresses;
            _ = card.Policy;
            return card;
        }
        catch (JsonException fault)
        {
            throw new FormatException($"{from} does not describe a programme ({fault.Message})", fault);
        }
    }

    public static async Task<ProgrammeCard> FetchAsync(Uri server, CancellationToken cancellationToken)
    {
        if (server.Scheme is not ("http" or "https")) throw new VerbFailedException($"'{server}' is not an address of a server", "such as --server http://127.0.0.1:7442", CliExit.Usage);
        var address = new Uri(server.AbsoluteUri.TrimEnd('/') + "/v1/programme");
        using var http = new HttpClient { MaxResponseContentBufferSize = MaxBytes, Timeout = TimeSpan.FromSeconds(10) };
        using var response = await http.GetAsync(address, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new VerbFailedException($"{address} answered {(int)response.StatusCode}: no programme is described there", "is it the server's address? `tutelage up` prints it");
        return Read(await response.Content.ReadAsByteArrayAsync(cancellationToken), address.ToString());
    }

    /// <summary>The manifest in force, its signature checked.</summary>
    /// <exception cref="VerbFailedException">There is none, or it is not what the steward signed.</exception>
    public SignedManifest CheckedManifest()
    {
        if (Manifest is null || ManifestSignature is null || ManifestSigner is null)
            throw new VerbFailedException("no manifest has been published: there is nothing to agree to yet", "a steward publishes one with `tutelage manifest publish FILE --as NAME`");
        var reading = ManifestBytes.Decode(System.Text.Encoding.UTF8.GetBytes(Manifest));
        if (reading.Manifest is not { } manifest) throw new VerbFailedException("the published manifest is faulty: " + string.Join("; ", reading.Faults), "the steward publishes it again", CliExit.PromiseBroken);
        var signer = PublicKey.Parse(ManifestSigner);
        var statement = SignedStatement.Parse(ManifestSignature);
        if (!statement.Verify(signer, ManifestStatement.Kind) || statement.Read<ManifestStatement>().Sha256 != manifest.Digest)
            throw new VerbFailedException("the published manifest is not the one that its steward signed", "do not enrol; ask the steward", CliExit.PromiseBroken);
        return new(manifest, ManifestSignature, signer);
    }
}
