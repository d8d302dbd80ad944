extern alias auditor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.AspNetCore.Http;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Rules.Halting;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;
using Tutelage.Vault;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Halting;
using Tutelage.Vault.Jobs;
using Tutelage.Vault.Keys;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;
using AuditorTrust = auditor::Tutelage.Hosting.TrustFile;

namespace Tutelage.Release.Tests;

/// <summary>The vault's process has died; whatever was on its stack is gone.</summary>
internal sealed class VaultCrashedException : Exception;

/// <summary>Vault and auditor, their real code and files, and a network, clocks and processes that fail as a seed says.</summary>
internal sealed class World : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly Random _random;
    private readonly string _root;
    private readonly WorldClock _vaultClock = new(Start);
    private readonly WorldClock _auditorClock = new(Start);
    private readonly TagIdentity _outer = TagIdentity.Generate();
    private readonly TagIdentity _job = TagIdentity.Generate();
    private readonly (SigningKey Key, SigningKey Device)[] _recorded = [(SigningKey.Generate(), SigningKey.Generate()), (SigningKey.Generate(), SigningKey.Generate())];
    private readonly SigningKey _rita = SigningKey.Generate();
    private readonly SigningKey[] _stewards = [SigningKey.Generate(), SigningKey.Generate(), SigningKey.Generate()];
    private readonly SigningKey _auditorKey = SigningKey.Generate();
    private readonly Cosigner _cosigner = Cosigner.Generate("tutelage.auditor.world");
    private readonly Witnessed _witnessed = new();
    private List<string> _grants = [];
    private readonly List<ReleasableObject> _objects = [];
    private readonly AuditorNode _auditor;
    private readonly TrustFile _trust;
    private readonly VaultOptions _options;
    private string[] _tags = [];
    private bool _partitioned;
    private long? _auditorHaltedAt; // by the vault's boot clock

    // The vault's process: all of it is made anew when it has crashed.
    private VaultKeys _keys = null!;
    private VaultStore _store = null!;
    private KeyStore _keyStore = null!;
    private VaultLedger _ledger = null!;
    private Registry _registry = null!;
    private GrantBook _book = null!;
    private AuditorLink _link = null!;
    private GrantDesk _desk = null!;
    private KeyRelease _release = null!;
    private HaltBook _halts = null!;
    private AuditorLease _lease = null!;

    public World(int seed, string root)
    {
        (_random, _root) = (new Random(seed), root);
        using (var first = VaultKeys.Load(Vault, [])) _trust = new TrustFile(first!.Identity.Public, _auditorKey.Public, first.Log.VerifierKey, _cosigner.VerifierKey);
        _options = new VaultOptions(Vault, "127.0.0.1:0", "", new Uri("http://auditor.test/"), null, "", null, false, false, null);
        Directory.CreateDirectory(Path.Combine(root, "auditor"));
        _auditor = new AuditorNode(Path.Combine(root, "auditor"), new AuditorTrust(_trust.VaultKey, _trust.AuditorKey, _trust.Log, _trust.Witness), _cosigner, _outer, _auditorClock)
        {
            Left = (index, recipient) => _witnessed.SawOuter(index, recipient, _ledger, _auditor!.Cosigned),
        };
        StartVault();
        Enrol();
        for (var i = 0; i < 5; i++) _objects.Add(Object(i % 2));
    }

    public long Steps { get; private set; }

    public int Released => _witnessed.Inner;

    public int Crashes { get; private set; }

    /// <summary>Prepares a vault's folder that worlds are copied from.</summary>
    public static void Initialise(string root)
    {
        var said = Console.Out;
        Console.SetOut(TextWriter.Null);
        VaultKeys.Initialise(Path.Combine(root, "vault")).ShouldBe(0);
        Console.SetOut(said);
    }

    public async Task StepAsync()
    {
        Steps++;
        Lease();
        try
        {
            await (_random.Next(100) switch
            {
                < 7 => Do(Ask),
                < 27 => Do(Approve),
                < 28 => Do(Deny),
                < 76 => ReleaseAsync(),
                < 78 => Do(End),
                < 86 => Do(Jump),
                < 92 => Do(() => _partitioned = !_partitioned && _random.Next(4) == 0),
                < 95 => Do(Halt),
                < 96 => Do(CrashVault),
                < 97 => Do(CrashAuditor),
                _ => CatchUpAsync(),
            });
        }
        catch (VaultCrashedException)
        {
            CrashVault();
        }

        // An honest vault writes nothing that its auditor refuses: after one such entry no key would ever leave again, and nothing below would be tested any more.
        _link.Refused.ShouldBeNull();
    }

    public void Dispose()
    {
        StopVault();
        _auditor.Dispose();
        foreach (var key in (SigningKey[])[.. _recorded.SelectMany(p => (SigningKey[])[p.Key, p.Device]), _rita, _auditorKey, .. _stewards]) key.Dispose();
        _outer.Dispose();
        _job.Dispose();
        _cosigner.Dispose();
    }

    private string Vault => Path.Combine(_root, "vault");

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private void Ask()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { purpose = "train", classes = new[] { "input" }, tags = _random.Next(3) == 0 ? _tags[..1] : _tags, job = "dataset-build", minutes = _random.Next(1, 120), keys = _random.Next(1, 14) });
        _ = RequestGrant.Handle(new SignedCall(new DefaultHttpContext(), _rita.Public, body), _desk);
        lock (_store.Gate) _grants = [.. _store.Database.Query<string>("SELECT id FROM grant_request ORDER BY rowid DESC LIMIT 3")];
    }

    private void Approve()
    {
        if (Some() is not { } grant) return;
        var steward = _stewards.FirstOrDefault(s => _random.Next(4) > 0 && grant.Approvers.All(a => a.Key.Id != s.Public.Id)) ?? _stewards[_random.Next(_stewards.Length)];
        var effect = _random.Next(20) == 0 ? new string('0', 64) : grant.EffectSha256;
        _ = ApproveGrant.Handle(Call(grant, steward, SignedStatement.Sign(steward, "approval", new { grant = grant.Id, effect_sha256 = effect }).ToJson()), _desk);
    }

    private void Deny()
    {
        if (Some() is { } grant) _ = DenyGrant.Handle(Call(grant, _stewards[0], ""), _desk);
    }

    private void End()
    {
        if (Some() is { } grant) _book.EndRun(grant.Id, null);
    }

    /// <summary>Somebody halts at one of the two or both, or two people resume a stage or all of them.</summary>
    private void Halt()
    {
        var steward = _stewards[_random.Next(_stewards.Length)];
        if (_halts.State.MayRelease && _auditor.State.MayRelease)
        {
            var known = _random.Next(2) == 0 ? _halts.State : _auditor.State;
            var halt = SignedStatement.Sign(steward, HaltWords.Kind, new HaltWords("a rehearsal", known.Epoch, AuditorLease.NewNonce())).ToJson();
            var where = _random.Next(3);
            if (where != 0) _auditor.HaltBy(halt);
            if (where != 1 && HaltStatement.Read(Encoding.UTF8.GetBytes(halt), _halts.PersonKey) is { } statement) _halts.Halt(statement);
            if (!_auditor.State.MayRelease) _auditorHaltedAt ??= _vaultClock.GetTimestamp();
            return;
        }

        // The auditor agrees first; it may be that it does and the vault then does not, or crashes.
        for (var stages = _random.Next(8) == 0 ? 1 : 3; stages > 0 && HaltRules.Next(_halts.State) is { } next; stages--)
        {
            var words = new ResumeWords(_halts.State.Epoch, Spelling.Of(next), next == Stage.Ingest && _random.Next(2) == 0 ? _halts.State.Epoch : _halts.State.AdmittedFrom, ResumeChecks.AllGreen);
            var other = _stewards.First(s => s != steward);
            var (one, two) = (SignedStatement.Sign(steward, ResumeWords.Kind, words).ToJson(), SignedStatement.Sign(other, ResumeWords.Kind, words).ToJson());
            if (!_auditor.Resume(one, two) || _random.Next(10) == 0) return;
            if (_auditor.State.MayRelease) _auditorHaltedAt = null;
            _halts.Resume(ResumeStatement.Read(Encoding.UTF8.GetBytes(one), _halts.PersonKey)!, ResumeStatement.Read(Encoding.UTF8.GetBytes(two), _halts.PersonKey)!);
        }
    }

    /// <summary>The vault asks for its lease; the question or the answer may be lost, or come late.</summary>
    private void Lease()
    {
        var (nonce, asked) = (AuditorLease.NewNonce(), _vaultClock.GetTimestamp());
        if (_random.Next(20) == 0) _vaultClock.Pass(TimeSpan.FromSeconds(_random.Next(4)));
        if (_partitioned || _random.Next(25) == 0) _lease.Missed("lost");
        else _lease.Take(Encoding.UTF8.GetBytes(StateRoute.Sign(StateWords.Auditor, _auditorKey, _auditor.State, _auditor.Halt, nonce).ToJson()), nonce, asked);
    }

    private void Jump()
    {
        var clock = _random.Next(2) == 0 ? _vaultClock : _auditorClock;
        if (_random.Next(6) == 0) clock.Jump(TimeSpan.FromSeconds(_random.Next(-7200, 7200)));
        else
        {
            // Somebody sets both clocks right again; most days they are.
            var now = _vaultClock.GetUtcNow();
            _auditorClock.Jump(now - _auditorClock.GetUtcNow());
            _vaultClock.Pass(TimeSpan.FromSeconds(_random.Next(60)));
            _auditorClock.Jump(_vaultClock.GetUtcNow() - _auditorClock.GetUtcNow());
        }
    }

    private async Task CatchUpAsync()
    {
        try
        {
            await _link.CatchUpAsync(CancellationToken.None);
        }
        catch (RunRefusedException)
        {
            // Away, or behind: that is what partitions do.
        }
    }

    private async Task ReleaseAsync()
    {
        if (Some() is not { } grant) return;
        _book.TryBeginRun(grant.Id);
        var objects = _objects.Where(o => _random.Next(2) == 0 && (grant.Request.Tags.Contains(o.Object.Header.Tag) || _random.Next(20) == 0)).ToList();
        try
        {
            var keys = await _release.ReleaseAsync(grant.Id, objects, new JobClaim(_job.Recipient, new string('0', 64), "none"), _ => Between(), CancellationToken.None);
            _witnessed.SawInner(
                keys.EntryIndex, _job.Recipient.Text, ReleasedObject.Root(objects.Select(o => o.Object)).ToString(), [.. objects.Select(o => o.Object.Header.Tag)], _ledger, _auditor.Cosigned, _vaultClock.GetUtcNow(), _auditor.CosignedAt, _store.Programme().Halted);
            if (_auditorHaltedAt is { } haltedAt) _vaultClock.GetElapsedTime(haltedAt).ShouldBeLessThan(AuditorLease.LeaseFor, "a key was released longer after the auditor's halt than its last lease lasts");
        }
        catch (RunRefusedException)
        {
            // No key, and said why.
        }
    }

    /// <summary>Between two steps of one release anything may happen, and a little time passes. The last step is the hand-over itself: what happens after it is after it.</summary>
    private Task Between()
    {
        Steps++;
        return Task.CompletedTask;
    }

    private void Meddle()
    {
        switch (_random.Next(120))
        {
            case 0: Deny(); break;
            case 1: Halt(); break;
            case 2: Jump(); break;
            case 3: _vaultClock.Pass(TimeSpan.FromSeconds(_random.Next(10))); break;
            case 4: CrashAuditor(); break;
            case 5: End(); break;
            case 6: throw new VaultCrashedException();
        }
    }

    private HttpResponseMessage Carry(HttpRequestMessage request, byte[] body)
    {
        Steps++;
        Meddle();
        if (_partitioned || _random.Next(25) == 0) throw new HttpRequestException("lost on the way there");
        var answer = _auditor.Answer(request.RequestUri!.AbsolutePath, body);
        if (_random.Next(12) == 0) answer = _auditor.Answer(request.RequestUri!.AbsolutePath, body); // delivered twice
        Meddle();
        return _random.Next(25) == 0 ? throw new HttpRequestException("lost on the way back") : answer;
    }

    private void CrashVault()
    {
        Crashes++;
        StopVault();
        StartVault();
    }

    private void CrashAuditor()
    {
        Crashes++;
        _auditor.Crash();
    }

    private KeptGrant? Some() => _grants.Count == 0 ? null : _book.Find(_grants[_random.Next(_grants.Count)]);

    private static SignedCall Call(KeptGrant grant, SigningKey key, string body)
    {
        var http = new DefaultHttpContext();
        http.Request.RouteValues["id"] = grant.Id;
        return new SignedCall(http, key.Public, Encoding.UTF8.GetBytes(body));
    }

    private void StartVault()
    {
        var faults = new List<string>();
        _keys = VaultKeys.Load(Vault, faults)!;
        _store = VaultStore.Open(Vault, faults)!;
        _keyStore = KeyStore.Open(Vault, _keys.Root, _store, _vaultClock, faults)!;
        _ledger = VaultLedger.Open(Vault, _store, _keys, _vaultClock, faults)!;
        faults.ShouldBeEmpty();
        _registry = new Registry(_store, _keyStore);
        _book = new GrantBook(_store, _registry);
        _link = new AuditorLink(_options, _keys, _ledger, _trust, _vaultClock, new UnreliableWire(this));
        _halts = new HaltBook(_store, _ledger, _registry);
        _lease = new AuditorLease(_halts, _trust, _vaultClock);
        _desk = new GrantDesk(_book, _registry, _ledger, new Refusals(_store, _ledger, _vaultClock), _vaultClock);
        _release = new KeyRelease(_store, _ledger, _book, _link, _lease, _registry, _trust, _vaultClock);
    }

    private void StopVault()
    {
        _lease.Dispose();
        _link.Dispose();
        _ledger.Dispose();
        _keyStore.Dispose();
        _store.Dispose();
        _keys.Dispose();
    }

    private void Enrol()
    {
        _tags = [_keys.TagOf("ada"), _keys.TagOf("bob")];
        for (var i = 0; i < _tags.Length; i++)
        {
            var receipt = SignedStatement.Sign(_recorded[i].Key, "enrolment", new { manifest_sha256 = new string('a', 64), device_key = _recorded[i].Device.Public.Text }).ToJson();
            Insert(_recorded[i].Key, "participant", _tags[i], receipt, _recorded[i].Device.Public);
        }

        foreach (var steward in _stewards) Insert(steward, "steward", null, null, null);
        Insert(_rita, "researcher", null, null, null);

        void Insert(SigningKey key, string role, string? tag, string? signed, PublicKey? device) => _ledger.Record(transaction =>
        {
            _store.Database.Execute(
                "INSERT INTO person (key_id, key, role, person_id, tag, device_id, device_key, receipt) VALUES (@id, @text, @role, @id, @tag, @device, @deviceKey, @signed)",
                new { id = key.Public.Id, text = key.Public.Text, role, tag, device = device?.Id, deviceKey = device?.Text, signed }, transaction);
            if (tag is not null) _keyStore.Insert(_keyStore.NewPersonKey(tag, DataClass.Input), transaction);
            return true;
        }, new EntryDraft("enrolled", tag is null ? [] : [tag], json =>
        {
            json.WriteString("role", role);
            json.WriteString("key", key.Public.Text);
            if (signed is null) return;
            json.WriteString("manifest_sha256", new string('a', 64));
            json.WriteString("receipt", signed);
        }));
    }

    private ReleasableObject Object(int person)
    {
        var (tag, device) = (_tags[person], _recorded[person].Device);
        using var destination = new MemoryStream();
        var file = CustodySeal.Seal(new MemoryStream([1, 2, 3]), destination, AgeRecipient.Parse(_registry.RecipientsOf(tag)["input"]), _outer.Recipient);
        var header = new ObjectHeader(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), ObjectKind.Segment, tag, 0, "test-1", new string('a', 64), device.Public.Id,
            [new SealedFileHeader(DataClass.Input, file.SizeBytes, file.Sha256, file.OuterHeader, file.InnerHeader)]);
        var bytes = HeaderBytes.Encode(header);
        var certificate = SignedStatement.Sign(_keys.Identity, ReleasedObject.CertificateKind, new DeviceCertificate(tag, device.Public.Text, new string('a', 64))).ToJson();
        var wire = new ReleasedObjectRequest(bytes, device.Sign(bytes), certificate, ["input"]);
        return new ReleasableObject(ReleasedObject.Check(wire, _keys.Identity.Public, (_, _, _) => true, out var fault) ?? throw new InvalidOperationException(fault), wire);
    }

    private sealed class UnreliableWire(World world) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            world.Carry(request, request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken));
    }
}
