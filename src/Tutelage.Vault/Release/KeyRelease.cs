using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Sealing;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Jobs;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Release;

/// <summary>An object of a release with what the auditor must see of it.</summary>
internal sealed record ReleasableObject(ReleasedObject Object, ReleasedObjectRequest Wire);

/// <summary>Both layers of keys, each sealed to the job.</summary>
internal sealed record ReleasedKeys(long EntryIndex, byte[] Outer, byte[] Inner);

/// <summary>The one place where inner keys leave the vault: rules, entry, audit, proof, and only then keys.</summary>
/// <remarks>
/// The order is the promise: (1) the rules decide on what is on disk now, (2) an entry naming exactly these objects, classes and this job is durable,
/// (3) the auditor has read and cosigned it, freshly, and its cosignature and the entry's inclusion are checked here, (4) the auditor gives the outer
/// keys, (5) inner keys are sealed. If a step could be skipped, somebody could open recordings without a trace.
/// </remarks>
internal sealed class KeyRelease(VaultStore store, VaultLedger ledger, GrantBook book, AuditorLink auditor, Registry registry, TrustFile trust, TimeProvider time)
{
    /// <summary>How long the auditor may act on the entry.</summary>
    private static readonly TimeSpan ReleaseFor = TimeSpan.FromMinutes(1);

    /// <summary>A cosignature older than this is not of this release (security design, freshness).</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    public async Task<ReleasedKeys> ReleaseAsync(string grantId, IReadOnlyList<ReleasableObject> objects, JobProcess job, string jobDigest, Func<string, Task> onStep, CancellationToken cancellation)
    {
        var released = objects.Select(o => o.Object).ToList();
        var (index, grant) = AppendEntry(grantId, released, job.Recipient.Text, jobDigest);
        await onStep("entry");
        var cosignedAt = await auditor.CatchUpAsync(cancellation);
        CheckCosigned(index, cosignedAt);
        await onStep("audited");
        var outer = await auditor.ReleaseAsync(index, [.. objects.Select(o => o.Wire)], job.Recipient.Text, cancellation);
        RefuseIfStopped(book.Find(grantId));
        var inner = SealInner(grant, released, job.Recipient);
        await onStep("keys");
        return new ReleasedKeys(index, outer, inner);
    }

    private (long Index, KeptGrant Grant) AppendEntry(string grantId, List<ReleasedObject> objects, string recipient, string jobDigest)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var expected = book.Find(grantId) ?? throw new RunRefusedException("no-such-grant", $"there is no grant {grantId}");
        var root = ReleasedObject.Root(objects).ToString();
        var classes = objects.SelectMany(o => o.Classes).Distinct().Order().Select(Spelling.Of).ToList();
        var expires = time.GetUtcNow() + ReleaseFor;
        if (expected.EndsAt is { } ends && ends < expires) expires = ends;

        // Decided inside the transaction that writes the entry: nobody's denial can slip in between.
        return ledger.Record(_ =>
        {
            var grant = book.Find(grantId);
            RefuseIfStopped(grant);
            return grant!; // refused above where there is none
        }, new EntryDraft("release", expected.Request.Tags, json =>
        {
            json.WriteString("grant", grantId);
            json.WriteString("nonce", nonce);
            json.WriteString("job", Spelling.Of(expected.Request.Job));
            json.WriteString("purpose", Spelling.Of(expected.Request.Purpose));
            json.WritePropertyName("classes");
            JsonSerializer.Serialize(json, classes);
            json.WriteNumber("objects", objects.Count);
            json.WriteString("objects_root", root);
            json.WriteString("recipient", recipient);
            json.WriteString("job_sha256_claimed", jobDigest);
            json.WriteNumber("expires", expires.ToUnixTimeSeconds());
        }));
    }

    private void RefuseIfStopped(KeptGrant? grant)
    {
        if (grant is null || grant.State != GrantState.Running) throw new RunRefusedException("not-open", $"grant {grant?.Id} is {grant?.State ?? "gone"}");
        if (store.Programme().Halted) throw new RunRefusedException("halted", "the programme is halted; no keys are released until it is resumed");
        if (grant.EndsAt is not { } ends || ends <= time.GetUtcNow()) throw new RunRefusedException("expired", $"grant {grant.Id} ended at {grant.EndsAt:O}; ask for a new one");
        var decision = grant.Decide();
        if (!decision.Allowed) throw new RunRefusedException("rules", string.Join("; ", decision.Reasons));
    }

    private void CheckCosigned(long index, DateTimeOffset cosignedAt)
    {
        var entry = ledger.Read(index, 1)[0];
        var verdict = ledger.Prove(index).Verify(EntryCommitment.Of(entry.Salt, entry.Body), new LogPolicy(trust.Log, [trust.Witness], 1));
        if (verdict != TlogProofVerdict.Proven) throw new RunRefusedException("not-audited", $"entry {index} is not proven under a cosigned checkpoint ({verdict}); no keys were released");

        // The cosignature's clock is the auditor's and counts in whole seconds.
        if ((time.GetUtcNow() - cosignedAt).Duration() > FreshFor + TimeSpan.FromSeconds(1))
            throw new RunRefusedException("not-audited", $"the auditor's cosignature is of {cosignedAt:O}, which is not now; set both clocks right");
    }

    private byte[] SealInner(KeptGrant grant, List<ReleasedObject> objects, AgeRecipient recipient)
    {
        var identities = new Dictionary<(string, DataClass), TagIdentity>();
        try
        {
            return SealedKeys.Seal(grant.Id, "inner", objects, (released, name) =>
            {
                if (!identities.TryGetValue((released.Header.Tag, name), out var identity))
                {
                    identity = registry.OpenKey(released.Header.Tag, name) ?? throw new RunRefusedException("no-key", $"person {released.Header.Tag} has no key for {Spelling.Of(name)} any more");
                    identities.Add((released.Header.Tag, name), identity);
                }

                try
                {
                    return AgeHeader.Parse(released.Header.Files.First(f => f.Class == name).InnerHeader.Span).Unwrap(identity);
                }
                catch (Exception broken) when (broken is NoMatchingIdentityException or AgeFormatException)
                {
                    throw new RunRefusedException("bad-object", $"object {released.Header.ObjectId}, {Spelling.Of(name)}: its inner header is not sealed to this person's key");
                }
            }, recipient);
        }
        finally
        {
            foreach (var identity in identities.Values) identity.Dispose();
        }
    }
}
