using System.Collections.Concurrent;
using Tutelage.Auditor.Halting;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Auditor.Releases;

/// <summary>Sealed keys, or why there are none.</summary>
internal sealed record OuterAnswer(byte[]? Sealed, int Status, string Error, string Message)
{
    public static OuterAnswer Of(byte[] bundle) => new(bundle, StatusCodes.Status200OK, "", "");

    public static OuterAnswer Forbid(string error, string message) => new(null, StatusCodes.Status403Forbidden, error, message);
}

/// <summary>Decides whether outer file keys leave, and seals them to the job that the entry names.</summary>
/// <remarks>
/// One of the two locks on every recording. It believes nothing that the vault says here: only the entry, read and cosigned before, the rules over what was read,
/// and the headers' own signatures. A nonce serves once, on disk, before anything is unwrapped; the answer itself is kept for as long as its entry holds, so that a
/// lost answer is repeated byte for byte and no key is sealed a second time.
/// </remarks>
/// <param name="months">The outer keys that can still be opened, newest first.</param>
internal sealed class OuterRelease(AuditedLog log, Func<IReadOnlyList<TagIdentity>> months, AuditorHalt halt, TrustFile trust, TimeProvider time)
{
    /// <summary>Answers kept for repeating; each is at most some 40 KiB.</summary>
    private const int AnswersKept = 256;

    /// <summary>Jobs whose recipient was read before: its point is decompressed once for all of its releases.</summary>
    private const int RecipientsKept = 256;

    private readonly ConcurrentDictionary<string, AgeRecipient> _recipients = new(StringComparer.Ordinal);

    private readonly Lock _gate = new(); // guards _answers
    private readonly OrderedDictionary<string, (byte[] Sealed, DateTimeOffset Until)> _answers = new(StringComparer.Ordinal);

    public OuterAnswer Answer(ReleaseRequest request)
    {
        if (log.AuthorisedRelease(request.EntryIndex) is not { } release)
            return OuterAnswer.Forbid("not-audited", $"entry {request.EntryIndex} is no release entry that this auditor has read and cosigned");
        var objects = new List<ReleasedObject>();
        foreach (var asked in request.Objects ?? [])
        {
            if (ReleasedObject.Check(asked, trust.VaultKey, log.HasAgreed, out var fault) is not { } signed) return OuterAnswer.Forbid("bad-object", fault);
            objects.Add(signed);
        }

        if (Refusal(release, objects, request.JobRecipient) is { } refusal) return refusal;
        lock (_gate)
        {
            // What was checked above is exactly what the entry commits to, so the answer given before is the answer to this question too.
            if (_answers.TryGetValue(release.Nonce, out var given)) return OuterAnswer.Of(given.Sealed);
        }

        if (!log.UseOnce(release)) return new OuterAnswer(null, StatusCodes.Status409Conflict, "nonce-used", $"the release of entry {release.Index} was used; append a new one");
        var answer = SealKeys(release, objects);

        // Halted while it was sealed: what was sealed is thrown away, and the nonce with it.
        if (Stopped() is { } stopped) return stopped;
        if (answer.Sealed is { } bundle) Keep(release, bundle);
        return answer;
    }

    private OuterAnswer? Refusal(KnownRelease release, List<ReleasedObject> objects, string? recipient)
    {
        var grant = release.Grant;
        if (Stopped() is { } stopped) return stopped;
        if (recipient != release.Recipient) return OuterAnswer.Forbid("wrong-recipient", "the entry names another job");
        if (time.GetUtcNow() > release.ExpiresAt) return OuterAnswer.Forbid("expired", $"the release ended at {release.ExpiresAt:O}; append a new one");
        if (grant.Denied || !log.Decide(grant).Allowed) return OuterAnswer.Forbid("rules", $"grant {grant.Id} is not allowed any more");
        if (objects.Select(o => o.Header.ObjectId).Distinct(StringComparer.Ordinal).Count() != objects.Count) return OuterAnswer.Forbid("bad-object", "an object is named twice");
        if (objects.Find(o => !grant.Request.Tags.Contains(o.Header.Tag, StringComparer.Ordinal)) is { } foreign)
            return OuterAnswer.Forbid("wrong-person", $"object {foreign.Header.ObjectId} belongs to nobody that grant {grant.Id} names");
        if (!ReleasedObject.Persons(objects).SequenceEqual(release.About, StringComparer.Ordinal))
            return OuterAnswer.Forbid("wrong-persons", "these are not objects of exactly the persons that the entry is about");
        if (objects.Find(o => log.IsDeleted(o.Header.Tag, o.Header.ObjectId)) is { } gone) return OuterAnswer.Forbid("deleted", $"object {gone.Header.ObjectId} is deleted by the person who recorded it");
        if (objects.Find(o => o.Classes.Any(name => !release.Keys.ContainsKey(name))) is { } wide) return OuterAnswer.Forbid("wrong-class", $"object {wide.Header.ObjectId}: a class was not granted");
        if (objects.Find(o => o.Header.Kind == ObjectKind.Export) is { } export) return OuterAnswer.Forbid("bad-object", $"object {export.Header.ObjectId} is an export; nobody opens those here");
        if (objects.Count != release.Objects || ReleasedObject.Root(objects).ToString() != release.ObjectsRoot)
            return OuterAnswer.Forbid("wrong-objects", "these are not exactly the objects and classes that the entry commits to");
        return release.Keys.All(counted => objects.Count(o => o.Classes.Contains(counted.Key)) == counted.Value)
            ? null
            : OuterAnswer.Forbid("wrong-objects", "these are not as many keys of each class as the entry counts");
    }

    /// <summary>A release of an epoch that is over is known no more (<see cref="LedgerReading"/>): the present state is all there is to ask.</summary>
    private OuterAnswer? Stopped() =>
        halt.State is { MayRelease: false } state ? OuterAnswer.Forbid("halted", $"the programme is at stage {Spelling.Of(state.Stage)} in epoch {state.Epoch}; no outer keys leave") : null;

    private OuterAnswer SealKeys(KnownRelease release, List<ReleasedObject> objects)
    {
        try
        {
            return OuterAnswer.Of(SealedKeys.Seal(release.Grant.Id, "outer", objects, () => new OuterKeySource(months()), RecipientOf(release.Recipient)));
        }
        catch (UnopenedHeaderException unopened)
        {
            return OuterAnswer.Forbid("bad-object", unopened.Message);
        }
    }

    private AgeRecipient RecipientOf(string text)
    {
        if (_recipients.Count >= RecipientsKept) _recipients.Clear();
        return _recipients.GetOrAdd(text, AgeRecipient.Parse);
    }

    private void Keep(KnownRelease release, byte[] bundle)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            while (_answers.Count > 0 && (_answers.Count >= AnswersKept || _answers.GetAt(0).Value.Until < now)) _answers.RemoveAt(0);
            _answers[release.Nonce] = (bundle, release.ExpiresAt);
        }
    }
}
