using System.Security.Cryptography;
using Tutelage.Hosting;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Rules.Grants;
using Tutelage.Sealing;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Halting;
using Tutelage.Vault.Jobs;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Release;

/// <summary>An object of a release with what the auditor must see of it.</summary>
internal sealed record ReleasableObject(ReleasedObject Object, ReleasedObjectRequest Wire)
{
    /// <summary>The same object with some of its classes.</summary>
    public ReleasableObject Narrowed(IReadOnlyList<string> classes) =>
        new(Object with { Classes = [.. Object.Classes.Where(name => classes.Contains(Spelling.Of(name), StringComparer.Ordinal))] }, Wire with { Classes = classes });
}

/// <summary>Both layers of keys, each sealed to the job.</summary>
internal sealed record ReleasedKeys(long EntryIndex, byte[] Outer, byte[] Inner);

/// <summary>The one place where inner keys leave the vault: rules, entry, audit, proof, and only then keys.</summary>
/// <remarks>
/// <para>The order is the promise: (1) the rules decide on what is on disk now, (2) an entry naming exactly these objects, classes and this job is durable,
/// (3) the auditor has read and cosigned it, (4) the auditor gives the outer keys, (5) proof, cosignature, its age, epoch, receipts and tombstones are checked
/// here, (6) inner keys are sealed, (7) the clock, the halt and the epoch are read once more before they are handed out. If a step could be skipped,
/// somebody could open recordings without a trace.</para>
/// <para>A nonce serves once because it lives in one call of <see cref="ReleaseAsync"/> and nowhere else: a vault that crashes forgets it, and its entry is a
/// release that nobody got. The auditor keeps used nonces on disk.</para>
/// </remarks>
internal sealed class KeyRelease(VaultStore store, VaultLedger ledger, GrantBook book, AuditorLink auditor, AuditorLease lease, Registry registry, TrustFile trust, TimeProvider time)
{
    /// <summary>How long the auditor may act on the entry.</summary>
    private static readonly TimeSpan ReleaseFor = TimeSpan.FromMinutes(1);

    /// <summary>A cosignature older than this is not of this release (security design, freshness). Its clock is the auditor's and counts in whole seconds.</summary>
    internal static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5) + TimeSpan.FromSeconds(1);

    /// <param name="objects">Together at most <see cref="GrantRules.KeysPerRelease"/> classes.</param>
    /// <exception cref="RunRefusedException">No key is released, and which of the conditions failed.</exception>
    public async Task<ReleasedKeys> ReleaseAsync(string grantId, IReadOnlyList<ReleasableObject> objects, JobClaim job, Func<string, Task> onStep, CancellationToken cancellation)
    {
        var released = objects.Select(o => o.Object).ToList();
        var (index, grant, epoch) = await AppendEntryAsync(grantId, released, job, cancellation);
        await onStep("entry");
        var cosignedAt = await auditor.CatchUpAsync(index + 1, cancellation);
        CheckFresh(cosignedAt);
        await onStep("audited");
        var outer = await auditor.ReleaseAsync(index, [.. objects.Select(o => o.Wire)], job.Recipient.Text, cancellation);
        CheckProven(index);
        CheckPersons(released);
        Look();
        var inner = SealInner(grant, released, job.Recipient);

        // A process that was frozen up to here wakes into another time: what it sealed is thrown away.
        Look();
        await onStep("keys");
        return new ReleasedKeys(index, outer, inner);

        void Look()
        {
            CheckFresh(cosignedAt);
            RefuseIfStopped(book.Find(grantId), epoch);
            RefuseDeleted(released);
        }
    }

    private async Task<(long Index, KeptGrant Grant, long Epoch)> AppendEntryAsync(string grantId, List<ReleasedObject> objects, JobClaim job, CancellationToken cancellation)
    {
        var expected = book.Find(grantId) ?? throw new RunRefusedException("no-such-grant", $"there is no grant {grantId}");
        var keys = objects.SelectMany(o => o.Classes).GroupBy(name => name).OrderBy(group => group.Key).Select(group => (Class: group.Key, Count: group.Count())).ToList();
        var total = keys.Sum(k => k.Count);
        if (total is < 1 or > GrantRules.KeysPerRelease) throw new RunRefusedException("too-many-keys", $"{total} keys were asked for at once; 1 to {GrantRules.KeysPerRelease} are released together");
        CheckPersons(objects);

        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var root = ReleasedObject.Root(objects).ToString();
        var expires = time.GetUtcNow() + ReleaseFor;
        if (expected.EndsAt is { } ends && ends < expires) expires = ends;
        var epoch = store.Programme().Epoch;

        // Decided inside the transaction that writes the entry: nobody's denial, halt or other release can slip in between.
        var (index, grant) = await ledger.RecordAsync(transaction =>
        {
            var grant = RefuseIfStopped(book.Find(grantId), epoch);
            RefuseDeleted(objects);
            if (objects.Find(o => !grant.Request.Tags.Contains(o.Header.Tag, StringComparer.Ordinal)) is { } foreign) throw new RunRefusedException("bad-object", $"object {foreign.Header.ObjectId} belongs to nobody that grant {grantId} names");
            if (objects.Find(o => o.Header.Epoch > epoch) is { } future) throw new RunRefusedException("bad-object", $"object {future.Header.ObjectId} is of epoch {future.Header.Epoch}, which has not begun");
            if (!book.TryCountKeys(grant, total, transaction))
                throw new RunRefusedException("keys-used-up", $"grant {grantId} was approved for {grant.Request.Keys} keys, and {total} more would be over that; ask for a new one");
            return grant;
        }, new EntryDraft("release", ReleasedObject.Persons(objects), json =>
        {
            json.WriteString("grant", grantId);
            json.WriteString("nonce", nonce);
            json.WriteString("job", Spelling.Of(expected.Request.Job));
            json.WriteString("purpose", Spelling.Of(expected.Request.Purpose));
            json.WriteStartObject("keys");
            foreach (var (name, count) in keys) json.WriteNumber(Spelling.Of(name), count);
            json.WriteEndObject();
            json.WriteNumber("objects", objects.Count);
            json.WriteString("objects_root", root);
            json.WriteString("recipient", job.Recipient.Text);
            json.WriteString("job_sha256_claimed", job.Sha256);
            json.WriteString("confinement_claimed", job.Confinement);
            json.WriteNumber("epoch", epoch);
            json.WriteNumber("expires", expires.ToUnixTimeSeconds());
        }), cancellation);
        return (index, grant, epoch);
    }

    private KeptGrant RefuseIfStopped(KeptGrant? grant, long epoch)
    {
        if (grant is null || grant.State != GrantState.Running) throw new RunRefusedException("not-open", $"grant {grant?.Id} is {grant?.State ?? "gone"}");
        var (now, halted) = store.Programme();
        if (halted) throw new RunRefusedException("halted", "the programme is halted; no keys are released until it is resumed");
        if (lease.Fault is var (error, message)) throw new RunRefusedException(error, message);
        if (now != epoch) throw new RunRefusedException("halted", $"the programme was halted since this release began (epoch {epoch}, now {now}); run again");
        if (grant.EndsAt is not { } ends || ends <= time.GetUtcNow()) throw new RunRefusedException("expired", $"grant {grant.Id} ended at {grant.EndsAt:O}; ask for a new one");
        if (registry.DeletedAmong(grant.Request.Tags) is { } gone) throw new RunRefusedException("no-consent", $"person {gone} has a tombstone, and grant {grant.Id} names them; ask for a grant without them");
        var decision = grant.Decide(book.Rules.InForce());
        return decision.Allowed ? grant : throw new RunRefusedException("rules", string.Join("; ", decision.Reasons));
    }

    private void RefuseDeleted(List<ReleasedObject> objects)
    {
        if (registry.DeletedAmong(objects.Select(o => o.Header)) is { } gone) throw new RunRefusedException("no-consent", $"object {gone.ObjectId} is deleted by the person who recorded it; run again without it");
    }

    private void CheckPersons(List<ReleasedObject> objects)
    {
        foreach (var tag in ReleasedObject.Persons(objects))
        {
            if (registry.FaultOf(tag) is { } fault) throw new RunRefusedException("no-consent", fault);
        }
    }

    private void CheckProven(long index)
    {
        var entry = ledger.Read(index, 1)[0];
        var verdict = ledger.Prove(index).Verify(EntryCommitment.Of(entry.Salt, entry.Body), new LogPolicy(trust.Log, [trust.Witness], 1));
        if (verdict != TlogProofVerdict.Proven) throw new RunRefusedException("not-audited", $"entry {index} is not proven under a cosigned checkpoint ({verdict}); no keys were released");
    }

    private void CheckFresh(DateTimeOffset cosignedAt)
    {
        if ((time.GetUtcNow() - cosignedAt).Duration() > FreshFor)
            throw new RunRefusedException("not-audited", $"the auditor's cosignature is of {cosignedAt:O}, which is not now; set both clocks right and run again");
    }

    private byte[] SealInner(KeptGrant grant, List<ReleasedObject> objects, AgeRecipient recipient)
    {
        var identities = new Dictionary<(string, DataClass), TagIdentity>();
        try
        {
            foreach (var (tag, name) in objects.SelectMany(o => o.Classes.Select(name => (o.Header.Tag, name))).Distinct())
                identities.Add((tag, name), registry.OpenKey(tag, name) ?? throw new RunRefusedException("no-key", $"person {tag} has no key for {Spelling.Of(name)} any more"));
            return SealedKeys.Seal(grant.Id, "inner", objects, () => new PersonKeySource(identities), recipient);
        }
        finally
        {
            foreach (var identity in identities.Values) identity.Dispose();
        }
    }

    /// <summary>The persons' keys of one release, opened once each.</summary>
    private sealed class PersonKeySource(IReadOnlyDictionary<(string, DataClass), TagIdentity> identities) : FileKeySource
    {
        private readonly Dictionary<(string, DataClass), AgeIdentity> _open = [];

        public override FileKey KeyOf(ReleasedObject released, DataClass name)
        {
            try
            {
                var whose = (released.Header.Tag, name);
                if (!_open.TryGetValue(whose, out var identity)) _open.Add(whose, identity = identities[whose].Open());
                return AgeHeader.Parse(released.Header.Files.First(f => f.Class == name).InnerHeader.Span).Unwrap(identity);
            }
            catch (Exception broken) when (broken is NoMatchingIdentityException or AgeFormatException)
            {
                throw new RunRefusedException("bad-object", $"object {released.Header.ObjectId}, {Spelling.Of(name)}: its inner header is not sealed to this person's key");
            }
        }

        public override void Dispose()
        {
            foreach (var identity in _open.Values) identity.Dispose();
        }
    }
}
