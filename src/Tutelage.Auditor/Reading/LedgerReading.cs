using System.Text.Json;
using Tutelage.Auditor.Access;
using Tutelage.Auditor.Halting;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Rules.Grants;

namespace Tutelage.Auditor.Reading;

/// <param name="Device">The device key that the person's signed enrolment names; null for those who are not recorded.</param>
internal sealed record KnownPerson(PublicKey Key, Role Role, string? Tag, PublicKey? Device)
{
    public Person ForRules => new(Key.Id, Role, Tag);
}

/// <summary>A grant as the ledger tells it.</summary>
internal sealed record KnownGrant(string Id, GrantRequest Request, KnownPerson Requester, string EffectSha256)
{
    public List<(KnownPerson Approver, DateTimeOffset Time)> Approvals { get; } = [];

    public bool Denied { get; set; }

    /// <summary>File keys that its releases name so far.</summary>
    public long KeysNamed { get; set; }

    /// <summary>When enough had approved, and for how long that holds; null while too few have.</summary>
    public DateTimeOffset? EndsAt => Approvals.Count < GrantRules.ApprovalsNeeded ? null : Approvals[GrantRules.ApprovalsNeeded - 1].Time.AddMinutes(Request.Minutes);

    /// <summary>May keys be released under it? Neither segments nor data sets carry a label yet: they count as sensitive.</summary>
    public GrantDecision Decide(RulesInForce rules) => GrantRules.DecideRelease(Request, Requester.ForRules, [.. Approvals.Select(a => new VerifiedApproval(a.Approver.ForRules))], rules, label: null);

    /// <summary>May it still be put to approvers?</summary>
    public GrantDecision DecideRequest(RulesInForce rules) => GrantRules.DecideRequest(Request, Requester.ForRules, rules, label: null);
}

/// <summary>An entry that authorises one key release.</summary>
/// <param name="About">Tags of the persons whose objects it releases, sorted.</param>
internal sealed record KnownRelease(
    long Index, KnownGrant Grant, IReadOnlyList<string> About, string Nonce, long Objects, string ObjectsRoot, IReadOnlyDictionary<DataClass, int> Keys, string Recipient, DateTimeOffset ExpiresAt);

/// <summary>What the auditor has learned by reading every entry from the first: people, grants, releases, and each person's chain.</summary>
/// <remarks>
/// Begins where <see cref="Knowledge"/> stands; what is learned goes there by <see cref="Save"/>. An entry that breaks a chain or a rule is refused; the auditor then
/// reads no further and cosigns nothing more, so a vault that writes one has stopped itself. If this let an entry through that it should not, keys could follow it.
/// Not thread-safe.
/// </remarks>
internal sealed class LedgerReading
{
    /// <summary>Grants kept at hand; others are looked up when an entry names them.</summary>
    private const int GrantsAtHand = 1000;

    private static readonly string NoPrevious = new('0', 64);
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromHours(1);
    private readonly PublicKey _vault;
    private readonly string _log;
    private readonly Knowledge _known;
    private readonly Dictionary<string, (long Sequence, string Head)> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KnownPerson> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KnownPerson> _participants = new(StringComparer.Ordinal); // by tag
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal); // tags
    private readonly Dictionary<string, KnownGrant> _grants = new(StringComparer.Ordinal);
    private readonly Dictionary<long, KnownRelease> _releases = [];
    private readonly Queue<KnownRelease> _usable = []; // the same releases, oldest first
    private readonly HashSet<string> _nonces = new(StringComparer.Ordinal); // of releases that are not saved yet
    private readonly HashSet<(string Tag, string Manifest)> _agreed = [];
    private readonly HourlyRoots _hours = new();
    private readonly RulesReading _rules;
    private readonly Unsaved _unsaved = new();
    private string _newest = "";

    /// <param name="log">The log's verifier key as the first entry names it.</param>
    public LedgerReading(PublicKey vault, string log, Knowledge known)
    {
        (_vault, _log, _known, _rules, Halting) = (vault, log, known, new RulesReading(known), HaltReading.Parse(known.Text(HaltReading.Name)));
        if (known.Extent() is not { } extent) return;
        (Count, _newest) = (extent.Entries, extent.Newest);
        _hours.GoOn(DateTimeOffset.FromUnixTimeSeconds(extent.LastTime), DateTimeOffset.FromUnixTimeSeconds(extent.RootTime));
        foreach (var (tag, sequence, head) in known.Heads()) _chains.Add(tag, (sequence, head));
        foreach (var person in known.People()) Remember(person);
        _agreed.UnionWith(known.Manifests());
        _deleted.UnionWith(known.Deleted());
        foreach (var release in known.Releases(id => GrantOf(id) ?? throw new InvalidDataException($"grant {id} is missing in the database"))) Remember(release);
    }

    public long Count { get; private set; }

    /// <summary>Halts and resumes, as the entries tell them.</summary>
    public HaltReading Halting { get; }

    public KnownPerson? PersonOf(string keyId) => _people.GetValueOrDefault(keyId);

    /// <summary>The rules as the entries tell them up to here.</summary>
    public RulesInForce InForce => new(_rules.Rules, Halting.State.ForRules);

    /// <summary>The entry by which those rules took effect; 0 for the default set.</summary>
    public long RulesSince => _rules.Since;

    public KnownRelease? ReleaseAt(long index) => _releases.GetValueOrDefault(index);

    /// <summary>Whether its person has deleted this object, by itself or with everything.</summary>
    public bool IsDeleted(string tag, string id) => _deleted.Contains(tag) || _unsaved.DeletedObjects.Contains((tag, id)) || _known.IsDeleted(tag, id);

    /// <summary>Whether the person signed that this device may record them under this manifest.</summary>
    public bool HasAgreed(string tag, PublicKey device, string manifest) => _participants.TryGetValue(tag, out var person) && device.Equals(person.Device) && _agreed.Contains((tag, manifest));

    /// <summary>Puts what was learned since the last time into the database; the caller's transaction makes it durable with the entries.</summary>
    public void Save()
    {
        if (_unsaved.Entries == 0) return;
        foreach (var tag in _unsaved.Heads) _known.SaveHead(tag, _chains[tag].Sequence, _chains[tag].Head);
        foreach (var person in _unsaved.People) _known.Add(person);
        foreach (var (tag, manifest) in _unsaved.Manifests) _known.AddManifest(tag, manifest);
        foreach (var grant in _unsaved.Grants.Values) _known.Save(grant);
        foreach (var release in _unsaved.Releases) _known.AddNonce(release.Nonce);
        foreach (var release in _unsaved.Releases.Where(release => _releases.ContainsKey(release.Index))) _known.Add(release);
        foreach (var position in _unsaved.Forgotten) _known.ForgetRelease(position);
        foreach (var (tag, position) in _unsaved.Deleted) _known.AddDeleted(tag, position);
        foreach (var (tag, id) in _unsaved.DeletedObjects) _known.AddDeleted(tag, id);
        _known.Save(new ReadingExtent(Count, _newest, _hours.Last.ToUnixTimeSeconds(), _hours.Root.ToUnixTimeSeconds()));
        _known.SaveText(HaltReading.Name, Halting.Text);
        _rules.Save();
        _unsaved.Clear();
        _nonces.Clear();
        if (_grants.Count <= GrantsAtHand) return;
        var live = _releases.Values.Select(release => release.Grant.Id).ToHashSet(StringComparer.Ordinal); // a denial must reach the grant that these point at
        foreach (var id in _grants.Keys.Where(id => !live.Contains(id)).ToList()) _grants.Remove(id);
    }

    /// <summary>Reads the next entry.</summary>
    /// <returns>Null if it is right and now known; otherwise why it is refused, and nothing has changed.</returns>
    public string? Read(ReadOnlyMemory<byte> bytes, ReadOnlySpan<byte> commitment)
    {
        if (EntryBody.Parse(bytes, out var fault) is not { } entry) return fault;
        foreach (var link in entry.About)
        {
            var (sequence, head) = _chains.GetValueOrDefault(link.Tag, (0, NoPrevious));
            if (link.Sequence != sequence + 1) return $"person {link.Tag}: entry {link.Sequence} follows {sequence}";
            if (link.Previous != head) return $"person {link.Tag}: entry {link.Sequence} does not name the commitment of the one before";
        }

        Action? learn;
        try
        {
            if (_hours.Refusal(entry, _chains.Select(c => new PersonHead(c.Key, c.Value.Sequence, c.Value.Head))) is { } untimely) return untimely;
            (learn, fault) = Learn(entry);
        }
        catch (Exception broken) when (broken is FormatException or KeyNotFoundException or InvalidOperationException or JsonException)
        {
            return $"an entry of kind '{entry.Kind}' without the members of its kind";
        }

        if (learn is null) return fault;
        learn();
        _hours.Accept(entry);
        ForgetReleasesBefore(entry.Time - KeptAfterEnd);
        var own = Convert.ToHexStringLower(commitment);
        foreach (var link in entry.About)
        {
            _chains[link.Tag] = (link.Sequence, own);
            _unsaved.Heads.Add(link.Tag);
        }

        _newest = own;
        _unsaved.Entries++;
        Count++;
        return null;
    }

    private (Action? Learn, string Fault) Learn(EntryBody entry) => entry.Kind switch
    {
        "programme" => Programme(entry),
        "heads" => (static () => { }, ""),
        "enrolled" => Enrolled(entry),
        "agreed" => Agreed(entry),
        "requested" => Requested(entry),
        "approved" => Approved(entry),
        "denied" => Denied(entry),
        "refused" => Refused(entry),
        "release" => Release(entry),
        "deleted" => Deleted(entry),
        "keystore" => Keystore(entry),
        "halted" => Halted(entry),
        "resumed" => Halting.Resumed(entry, PersonOf),
        "rules-proposed" => _rules.Proposed(entry, PersonOf),
        "rules-approved" => _rules.Approved(entry, PersonOf),
        "rules" => _rules.InForce(entry, Count, PersonOf),
        "built" or "exported" or "failed" => GrantOf(entry.Text("grant")) is not null ? (static () => { }, "") : Refuse("names a grant that was never requested"),
        _ => Refuse($"kind '{entry.Kind}' is not known"),
    };

    private (Action?, string) Programme(EntryBody entry)
    {
        if (Count != 0) return Refuse("a programme begins once");
        if (entry.TextOrNull("rules") is { } rules && rules != "default") return Refuse($"the programme begins with rules '{rules}', which are not known");
        return entry.Text("vault_key") == _vault.Text && entry.Text("log") == _log ? (static () => { }, "") : Refuse("the programme names another vault or log");
    }

    private (Action?, string) Enrolled(EntryBody entry)
    {
        var key = PublicKey.Parse(entry.Text("key"));
        if (!Spelling.TryRead<Role>(entry.Text("role"), out var role)) return Refuse("an enrolment in no role");
        if (_people.ContainsKey(key.Id)) return Refuse($"key {key.Id} is enrolled already");
        if (role != Role.Participant)
            return entry.About.Count == 0 ? (() => Learn(new KnownPerson(key, role.Value, null, null)), "") : Refuse("only participants have a tag");

        if (entry.About is not [{ Sequence: 1 } link]) return Refuse("a participant's enrolment is the first entry about exactly one person");
        var receipt = SignedStatement.Parse(entry.Text("receipt"));
        if (!receipt.Verify(key, "enrolment")) return Refuse("the enrolment is not signed by the person");
        var (device, manifest) = ReadReceipt(receipt);
        if (manifest != entry.Text("manifest_sha256")) return Refuse("the enrolment names another manifest than its receipt");
        return (() =>
        {
            Learn(new KnownPerson(key, role.Value, link.Tag, device));
            Agree(link.Tag, manifest);
        }, "");
    }

    private (Action?, string) Agreed(EntryBody entry)
    {
        if (entry.About is not [{ } link] || !_participants.TryGetValue(link.Tag, out var person)) return Refuse("an agreement of nobody known");
        if (_deleted.Contains(link.Tag)) return Refuse($"person {link.Tag} agrees and is deleted");
        var receipt = SignedStatement.Parse(entry.Text("receipt"));
        if (!receipt.Verify(person.Key, "agreement")) return Refuse("the agreement is not signed by the person");
        var (device, manifest) = ReadReceipt(receipt);
        if (!device.Equals(person.Device)) return Refuse("the agreement names another device than the enrolment");
        return manifest == entry.Text("manifest_sha256") ? (() => Agree(link.Tag, manifest), "") : Refuse("the agreement names another manifest than its receipt");
    }

    private static (PublicKey Device, string Manifest) ReadReceipt(SignedStatement receipt)
    {
        using var payload = JsonDocument.Parse(receipt.Payload);
        return (PublicKey.Parse(payload.RootElement.GetProperty("device_key").GetString() ?? ""), payload.RootElement.GetProperty("manifest_sha256").GetString() ?? "");
    }

    private (Action?, string) Requested(EntryBody entry)
    {
        var id = entry.Text("grant");
        if (GrantOf(id) is not null) return Refuse($"grant {id} is requested twice");
        if (!_people.TryGetValue(entry.Text("requester"), out var requester)) return Refuse($"grant {id} is requested by nobody known");
        if (GrantWire.Read(entry.Members.GetProperty("request")) is not { } request) return Refuse($"grant {id} has no readable request");
        if (!IsAboutExactly(entry, request.Tags)) return Refuse($"grant {id} reaches other persons than the entry is about");
        if (request.Tags.FirstOrDefault(_deleted.Contains) is { } gone) return Refuse($"grant {id} names person {gone}, who is deleted");
        var effect = Convert.ToHexStringLower(request.EffectDigest(id, requester.Key.Id));
        if (effect != entry.Text("effect_sha256")) return Refuse($"grant {id}: its effect is not what it says");
        var grant = new KnownGrant(id, request, requester, effect);
        var decision = grant.DecideRequest(InForce);
        return decision.Allowed ? (() => Changed(_grants[id] = grant), "") : Refuse($"grant {id}: {string.Join("; ", decision.Reasons)}");
    }

    private (Action?, string) Approved(EntryBody entry)
    {
        if (GrantOf(entry.Text("grant")) is not { } grant) return Refuse("approves a grant that was never requested");
        var statement = SignedStatement.Parse(entry.Text("statement"));
        if (!_people.TryGetValue(statement.KeyId, out var approver) || !statement.Verify(approver.Key, "approval")) return Refuse($"grant {grant.Id}: an approval that nobody known has signed");
        var named = statement.Read<ApprovalPayload>();
        if (named.Grant != grant.Id || named.EffectSha256 != grant.EffectSha256) return Refuse($"grant {grant.Id}: the approval is of another grant or another effect");
        if (approver.Role != Role.Steward || approver == grant.Requester) return Refuse($"grant {grant.Id}: {approver.Key.Id} may not approve it");
        if (grant.Denied || grant.Approvals.Exists(a => a.Approver == approver)) return Refuse($"grant {grant.Id}: denied, or approved twice by one steward");
        if (!IsAboutExactly(entry, grant.Request.Tags)) return Refuse($"grant {grant.Id} reaches other persons than the entry is about");
        if (grant.DecideRequest(InForce) is { Allowed: false } decision) return Refuse($"grant {grant.Id}: {string.Join("; ", decision.Reasons)}");
        return (() =>
        {
            grant.Approvals.Add((approver, entry.Time));
            Changed(grant);
        }, "");
    }

    private (Action?, string) Denied(EntryBody entry)
    {
        if (GrantOf(entry.Text("grant")) is not { } grant) return Refuse("denies a grant that was never requested");
        var final = entry.Text("by") != "rules";
        return (() =>
        {
            grant.Denied |= final;
            Changed(grant);
        }, "");
    }

    private (Action?, string) Refused(EntryBody entry)
    {
        if (!_people.ContainsKey(entry.Text("by"))) return Refuse("refuses something to nobody known");
        if (entry.TextOrNull("grant") is { } id && GrantOf(id) is null) return Refuse("refuses something under a grant that was never requested");
        return entry.Members.GetProperty("times").GetInt64() > 0 ? (static () => { }, "") : Refuse("a refusal that happened less than once");
    }

    private (Action?, string) Release(EntryBody entry)
    {
        if (GrantOf(entry.Text("grant")) is not { } grant) return Refuse("releases keys under a grant that was never requested");
        var nonce = entry.Text("nonce");
        if (!EntryBody.IsHex(nonce, 32) || _nonces.Contains(nonce) || _known.IsNonceUsed(nonce)) return Refuse($"grant {grant.Id}: nonce {nonce} is none, or was used before");
        if (grant.Denied) return Refuse($"grant {grant.Id} was denied");
        var decision = grant.Decide(InForce);
        if (!decision.Allowed) return Refuse($"grant {grant.Id}: {string.Join("; ", decision.Reasons)}");
        if (entry.About.FirstOrDefault(link => !grant.Request.Tags.Contains(link.Tag, StringComparer.Ordinal)) is { } foreign) return Refuse($"grant {grant.Id} does not reach {foreign.Tag}, whom the entry is about");
        if (entry.About.Count == 0) return Refuse($"grant {grant.Id}: a release of nobody's objects");
        if (grant.Request.Tags.FirstOrDefault(_deleted.Contains) is { } gone) return Refuse($"grant {grant.Id} names person {gone}, who is deleted");
        if (Halting.RefusalOfRelease(entry.Members.GetProperty("epoch").GetInt64()) is { } halted) return Refuse($"grant {grant.Id}: {halted}");
        var expires = DateTimeOffset.FromUnixTimeSeconds(entry.Members.GetProperty("expires").GetInt64());
        if (expires > grant.EndsAt || expires > entry.Time.AddMinutes(5)) return Refuse($"grant {grant.Id}: the release would outlast its grant, or five minutes");
        var keys = new Dictionary<DataClass, int>();
        foreach (var (name, count) in entry.Members.GetProperty("keys").EnumerateObject().Select(member => (member.Name, member.Value.GetInt32())))
        {
            if (!Spelling.TryRead<DataClass>(name, out var read) || !grant.Request.Classes.Contains(read.Value)) return Refuse($"grant {grant.Id}: class '{name}' was not granted");
            if (count is < 1 or > GrantRules.KeysPerRelease) return Refuse($"grant {grant.Id}: {count} keys of class '{name}' in one release");
            keys.Add(read.Value, count);
        }

        var total = keys.Values.Sum();
        if (total is < 1 or > GrantRules.KeysPerRelease) return Refuse($"grant {grant.Id}: {total} keys in one release; 1 to {GrantRules.KeysPerRelease} are released at once");
        if (grant.KeysNamed + total > grant.Request.Keys) return Refuse($"grant {grant.Id}: {grant.KeysNamed} keys and {total} more are over the {grant.Request.Keys} that were approved");
        var release = new KnownRelease(Count, grant, [.. entry.About.Select(link => link.Tag).Order(StringComparer.Ordinal)], nonce, entry.Members.GetProperty("objects").GetInt64(), entry.Text("objects_root"), keys, entry.Text("recipient"), expires);
        return (() =>
        {
            Remember(release);
            _unsaved.Releases.Add(release);
            _nonces.Add(nonce);
            grant.KeysNamed += total;
            Changed(grant);
        }, "");
    }

    /// <summary>A halt: what was released before it and not fetched yet is void.</summary>
    private (Action?, string) Halted(EntryBody entry)
    {
        var (learn, fault) = Halting.Halted(entry, PersonOf);
        return learn is null ? (null, fault) : (() =>
        {
            learn();
            foreach (var release in _releases.Values.ToList()) Forget(release);
        }, "");
    }

    /// <summary>Tombstones: what this person recorded, or the segments that they name, are never opened again, by whatever was granted before.</summary>
    private (Action?, string) Deleted(EntryBody entry)
    {
        if (entry.About is not [{ } link] || !_participants.TryGetValue(link.Tag, out var person)) return Refuse("a deletion is about exactly one participant");
        if (_deleted.Contains(link.Tag)) return Refuse($"person {link.Tag} is deleted already");
        if (SignedDeletion.Read(entry.Text("statement"), person.Key, link.Tag, out var fault) is not { } signed) return Refuse($"person {link.Tag}: not a deletion that they signed: {fault}");
        if (entry.Text("scope") != signed.Scope) return Refuse($"person {link.Tag}: the signed deletion is of scope '{signed.Scope}', the entry's '{entry.Text("scope")}'");
        if (signed.IsOfPerson == (entry.TextOrNull("derived") is "replaced" or "kept")) return Refuse($"person {link.Tag}: what became of the key of what was made of them is said for scope objects, and only there");
        return (() =>
        {
            if (signed.IsOfPerson)
            {
                _deleted.Add(link.Tag);
                _unsaved.Deleted.Add((link.Tag, Count));
            }
            else foreach (var id in signed.Objects) _unsaved.DeletedObjects.Add((link.Tag, id));

            // What was released and not used yet ends, whatever it names: whoever may still have it asks anew.
            foreach (var release in _releases.Values.Where(release => release.Grant.Request.Tags.Contains(link.Tag, StringComparer.Ordinal)).ToList()) Forget(release);
        }, "");
    }

    private static (Action?, string) Keystore(EntryBody entry)
    {
        if (entry.About.Count > 0) return Refuse("what is done with the key store is about nobody");
        if (entry.Text("act") is not ("rotated" or "backed-up" or "restored" or "rehearsed") and var act) return Refuse($"'{act}' is not known of a key store");
        return entry.Members.GetProperty("epoch").GetInt64() > 0 ? (static () => { }, "") : Refuse("key epochs count from 1");
    }

    /// <summary>A release that has ended cannot be used; it is kept a while so that whoever is late hears why.</summary>
    private void ForgetReleasesBefore(DateTimeOffset time)
    {
        while (_usable.TryPeek(out var oldest) && (oldest.ExpiresAt < time || !_releases.ContainsKey(oldest.Index))) Forget(_usable.Dequeue());
    }

    private void Forget(KnownRelease release)
    {
        if (_releases.Remove(release.Index)) _unsaved.Forgotten.Add(release.Index);
    }

    private void Remember(KnownRelease release)
    {
        _releases.Add(release.Index, release);
        _usable.Enqueue(release);
    }

    private void Agree(string tag, string manifest)
    {
        if (_agreed.Add((tag, manifest))) _unsaved.Manifests.Add((tag, manifest));
    }

    private void Learn(KnownPerson person)
    {
        Remember(person);
        _rules.Learn(person);
        _unsaved.People.Add(person);
    }

    private void Remember(KnownPerson person)
    {
        _people.Add(person.Key.Id, person);
        if (person.Tag is { } tag) _participants.Add(tag, person);
    }

    private KnownGrant? GrantOf(string id)
    {
        if (_grants.TryGetValue(id, out var grant)) return grant;
        return _known.FindGrant(id, key => _people.GetValueOrDefault(key) ?? throw new InvalidDataException($"grant {id} names {key}, who is not known")) is { } kept ? _grants[id] = kept : null;
    }

    private void Changed(KnownGrant grant) => _unsaved.Grants[grant.Id] = grant;

    private static bool IsAboutExactly(EntryBody entry, IReadOnlyList<string> tags) =>
        entry.About.Count == tags.Count && entry.About.All(link => tags.Contains(link.Tag, StringComparer.Ordinal));

    private static (Action?, string) Refuse(string why) => (null, why);

    private sealed record ApprovalPayload(string? Grant, string? EffectSha256);

    /// <summary>What has been learned since <see cref="Save"/>.</summary>
    private sealed class Unsaved
    {
        public long Entries { get; set; }

        public HashSet<string> Heads { get; } = new(StringComparer.Ordinal);

        public List<KnownPerson> People { get; } = [];

        public List<(string Tag, string Manifest)> Manifests { get; } = [];

        public Dictionary<string, KnownGrant> Grants { get; } = new(StringComparer.Ordinal);

        public List<KnownRelease> Releases { get; } = [];

        public List<long> Forgotten { get; } = [];

        public List<(string Tag, long Position)> Deleted { get; } = [];

        public HashSet<(string Tag, string Object)> DeletedObjects { get; } = [];

        public void Clear()
        {
            Entries = 0;
            Heads.Clear();
            People.Clear();
            Manifests.Clear();
            Grants.Clear();
            Releases.Clear();
            Forgotten.Clear();
            Deleted.Clear();
            DeletedObjects.Clear();
        }
    }
}
