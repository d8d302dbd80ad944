using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Auditor.Tests;

/// <summary>A ledger as an honest vault would write it, and as a dishonest one could: the test holds the vault's keys.</summary>
internal sealed class WrittenLedger : IDisposable
{
    private readonly Dictionary<string, (long Sequence, string Head)> _chains = new(StringComparer.Ordinal);
    private DateTimeOffset _latest = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(10); // room for entries that are to have ended already

    public WrittenLedger(string root)
    {
        Signer = LogSigner.Generate("test.vault");
        Log = TileLog.Open(Path.Combine(root, "log"), "test.vault", LogSigner.Import("test.vault", Signer.Export()));
    }

    public SigningKey Vault { get; } = SigningKey.Generate();

    public LogSigner Signer { get; }

    public TileLog Log { get; }

    public List<(string Body, byte[] Salt)> Entries { get; } = [];

    public string Tag { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Further persons of the grant; set before it is requested.</summary>
    public IReadOnlyList<string> Others { get; set; } = [];

    public SigningKey Person { get; } = SigningKey.Generate();

    public SigningKey Device { get; } = SigningKey.Generate();

    public SigningKey Researcher { get; } = SigningKey.Generate();

    public IReadOnlyList<SigningKey> Stewards { get; } = [SigningKey.Generate(), SigningKey.Generate()];

    public static string Grant => "00112233";

    /// <summary>Writes one entry with right chains and puts its commitment into the log.</summary>
    public long Append(string kind, IReadOnlyList<string> about, object members, Action<JsonObject>? alter = null, DateTimeOffset? time = null)
    {
        var links = about.Select(tag =>
        {
            var (sequence, head) = _chains.GetValueOrDefault(tag, (0, new string('0', 64)));
            return (JsonNode)new JsonObject { ["tag"] = tag, ["sequence"] = sequence + 1, ["previous"] = head };
        }).ToArray();
        var body = new JsonObject
        {
            ["tutelage-entry"] = 1,
            ["kind"] = kind,
            ["time"] = (_latest = time ?? _latest).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["about"] = new JsonArray(links),
        };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(members, Wire.Json)!.AsObject().ToList()) body[name] = value?.DeepClone();
        alter?.Invoke(body);
        return AppendText(body.ToJsonString(), about);
    }

    /// <summary>The root over all heads as they are.</summary>
    public long AppendHeads(Action<JsonObject>? alter = null, DateTimeOffset? time = null)
    {
        var (persons, root) = Heads.Root(_chains.Select(c => new PersonHead(c.Key, c.Value.Sequence, c.Value.Head)).OrderBy(h => h.Tag, StringComparer.Ordinal));
        return Append("heads", [], new { persons, root = root.ToString() }, alter, time);
    }

    public DateTimeOffset Latest => _latest;

    public long AppendText(string text, IReadOnlyList<string> about)
    {
        var salt = RandomNumberGenerator.GetBytes(EntryCommitment.SaltSizeBytes);
        var commitment = EntryCommitment.Of(salt, Encoding.UTF8.GetBytes(text));
        Entries.Add((text, salt));
        foreach (var tag in about) _chains[tag] = (_chains.GetValueOrDefault(tag).Sequence + 1, Convert.ToHexStringLower(commitment));
        return Log.Append([commitment]);
    }

    /// <summary>Programme, one participant, two stewards, a researcher, a request and its approvals.</summary>
    public void AppendGranted(int approvals = 2)
    {
        Append("programme", [], new { vault_key = Vault.Public.Text, log = Signer.VerifierKey.Text });
        Append("enrolled", [Tag], new { role = "participant", key = Person.Public.Text, manifest_sha256 = new string('a', 64), receipt = SignedStatement.Sign(Person, "enrolment", new { manifest_sha256 = new string('a', 64), device_key = Device.Public.Text }).ToJson() });
        foreach (var steward in Stewards) Append("enrolled", [], new { role = "steward", key = steward.Public.Text });
        Append("enrolled", [], new { role = "researcher", key = Researcher.Public.Text });
        AppendRequest();
        foreach (var steward in Stewards.Take(approvals)) AppendApproval(steward);
    }

    /// <summary>The person agrees to another manifest.</summary>
    public long AppendAgreed(SigningKey? by = null, string kind = "agreement", SigningKey? device = null, string? named = null) => Append("agreed", [Tag], new
    {
        manifest_sha256 = new string('b', 64),
        receipt = SignedStatement.Sign(by ?? Person, kind, new { manifest_sha256 = named ?? new string('b', 64), device_key = (device ?? Device).Public.Text }).ToJson(),
    });

    public void AppendRequest(string? grant = null) => Append("requested", Tags, new { grant = grant ?? Grant, requester = Researcher.Public.Id, effect_sha256 = Effect(grant), request = Request() });

    public void AppendApproval(SigningKey steward, string? effect = null, string? grant = null) => Append(
        "approved", Tags, new { grant = grant ?? Grant, approver = steward.Public.Id, statement = SignedStatement.Sign(steward, "approval", new { grant = grant ?? Grant, effect_sha256 = effect ?? Effect(grant) }).ToJson() });

    public (long Index, string Nonce) AppendRelease(IReadOnlyList<ReleasedObjectRequest> objects, string recipient, Action<JsonObject>? alter = null, TimeSpan? ago = null, long epoch = 0, IReadOnlyList<string>? about = null)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var checkedObjects = objects.Select(o => ReleasedObject.Check(o, Vault.Public, (_, _, _) => true, out var fault) ?? throw new InvalidOperationException(fault)).ToList();
        var time = TimeProvider.System.GetUtcNow() - (ago ?? TimeSpan.Zero);
        var index = Append("release", about ?? [.. ReleasedObject.Persons(checkedObjects)], new
        {
            grant = Grant, nonce, job = "dataset-build", purpose = "train", keys = new { input = objects.Count }, objects = objects.Count, objects_root = ReleasedObject.Root(checkedObjects).ToString(),
            recipient, job_sha256_claimed = new string('0', 64), epoch, expires = time.AddSeconds(60).ToUnixTimeSeconds(),
        }, alter, ago is null ? time : null);
        return (index, nonce);
    }

    /// <summary>The person deletes themself.</summary>
    /// <param name="alter">Changes the payload before it is signed.</param>
    /// <param name="derived">Member of the entry; by scope unless it is given.</param>
    public void AppendDeleted(SigningKey? by = null, string scope = "person", string? named = null, IReadOnlyList<string>? objects = null, Func<DeletionPayload, DeletionPayload>? alter = null, string? derived = null, string? entryScope = null)
    {
        var payload = new DeletionPayload(named ?? Tag, scope, objects ?? [], "2026-11-22", new string('7', 32));
        var statement = SignedStatement.Sign(by ?? Person, "deletion", alter?.Invoke(payload) ?? payload).ToJson();
        Append("deleted", [Tag], new { scope = entryScope ?? scope, derived = derived ?? (scope == "objects" ? "kept" : null), statement });
    }

    /// <summary>One sealed file with its signed header; the content is its own key's witness.</summary>
    public ReleasedObjectRequest Object(AgeRecipient outer, SigningKey? device = null, string? tag = null, string className = "input")
    {
        using var person = TagIdentity.Generate();
        using var destination = new MemoryStream();
        var file = CustodySeal.Seal(new MemoryStream([1, 2, 3]), destination, person.Recipient, outer);
        var signer = device ?? Device;
        Spelling.TryRead<DataClass>(className, out var name).ShouldBeTrue();
        var header = new ObjectHeader(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), ObjectKind.Segment, tag ?? Tag, 0, "test-1", new string('a', 64), signer.Public.Id,
            [new SealedFileHeader(name!.Value, file.SizeBytes, file.Sha256, file.OuterHeader, file.InnerHeader)]);
        var bytes = HeaderBytes.Encode(header);
        var certificate = SignedStatement.Sign(Vault, ReleasedObject.CertificateKind, new { tag = header.Tag, device_key = signer.Public.Text, manifest = header.Manifest }).ToJson();
        return new ReleasedObjectRequest(bytes, signer.Sign(bytes), certificate, [className]);
    }

    public void Dispose()
    {
        Log.Dispose();
        Signer.Dispose();
        foreach (var key in (SigningKey[])[Vault, Person, Device, Researcher, .. Stewards]) key.Dispose();
    }

    private IReadOnlyList<string> Tags => [Tag, .. Others];

    private GrantWire Request() => new("train", ["input"], Tags, "dataset-build", null, null, null, 30);

    private string Effect(string? grant) => Convert.ToHexStringLower(Request().Check(out _)!.EffectDigest(grant ?? Grant, Researcher.Public.Id));
}
