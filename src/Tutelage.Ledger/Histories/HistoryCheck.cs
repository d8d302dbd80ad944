using System.Text;
using System.Text.Json;

namespace Tutelage.Ledger;

/// <summary>What a history shows.</summary>
/// <param name="Fault">Why it shows nothing; null if everything fits.</param>
/// <param name="Sequence">Entries 1 to this one are all that there are about the person below <paramref name="CompleteBelow"/>.</param>
/// <param name="CompleteBelow">Index of the hourly root; 0 if there is none, and then nothing says that these are all.</param>
/// <param name="CompleteAudited">The policy's witnesses have read the log up to that root: without them it is complete only if the operator was honest.</param>
/// <param name="Newest">Index of the last entry shown, which is in the log.</param>
/// <param name="NewestAudited">The policy's witnesses have read the log up to it.</param>
public sealed record HistoryVerdict(string? Fault, long Sequence, long CompleteBelow, bool CompleteAudited, long Newest, bool NewestAudited)
{
    internal static HistoryVerdict Refused(string fault) => new(fault, 0, 0, false, 0, false);
}

/// <summary>Checks a person's history: an unbroken chain of commitments, its end in the log, and an hourly root that knows of no later entry.</summary>
/// <remarks>
/// 1. Each body names its place (1, 2, 3, …) and the commitment of the one before, so none can be left out, added or changed in the middle.
/// 2. The newest commitment is a leaf of the log that the policy's keys signed.
/// 3. An entry of kind <c>heads</c> in that log commits to (tag, sequence, commitment): the chain had that end there, and a longer one would have another leaf.
/// If one of the three were skipped, an access could be hidden from the person it was about.
/// </remarks>
internal static class HistoryCheck
{
    private static readonly string NoPrevious = new('0', 64);

    public static HistoryVerdict Run(PersonHistory history, LogPolicy policy)
    {
        var commitments = new List<string>(history.Entries.Count);
        var (previous, before) = (NoPrevious, -1L);
        foreach (var entry in history.Entries)
        {
            var number = commitments.Count + 1;
            if (entry.Salt.Length != EntryCommitment.SaltSizeBytes) return HistoryVerdict.Refused($"entry {number}: its salt has {entry.Salt.Length} bytes");
            if (entry.Index <= before) return HistoryVerdict.Refused($"entry {number}: index {entry.Index} after {before}");
            if (LinkIn(entry.Body, history.Tag) is not { } link) return HistoryVerdict.Refused($"entry {number}: is not about this person");
            if (link.Sequence != number) return HistoryVerdict.Refused($"entry {number}: says it is the person's entry {link.Sequence}");
            if (link.Previous != previous) return HistoryVerdict.Refused($"entry {number}: names another entry before it than the one shown");
            commitments.Add(previous = CommitmentOf(entry.Body, entry.Salt));
            before = entry.Index;
        }

        if (commitments.Count == 0) return HistoryVerdict.Refused("it has no entry; everybody who has a tag has at least their enrolment");
        if (history.Newest.Index != before) return HistoryVerdict.Refused($"the proof is of entry {history.Newest.Index}, the newest one shown says {before}");
        var newest = history.Newest.Verify(Convert.FromHexString(previous), policy);
        if (newest is TlogProofVerdict.BadCheckpoint or TlogProofVerdict.NotIncluded) return HistoryVerdict.Refused($"the newest entry is not proven to be in the log ({newest})");
        var shown = new HistoryVerdict(null, 0, 0, false, before, newest == TlogProofVerdict.Proven);
        return history.Heads is { } heads ? WithRoot(shown, heads, history, commitments, policy) : shown;
    }

    private static HistoryVerdict WithRoot(HistoryVerdict shown, HeadsMembership heads, PersonHistory history, List<string> commitments, LogPolicy policy)
    {
        if (heads.Salt.Length != EntryCommitment.SaltSizeBytes || RootIn(heads.Body) is not { } stated) return HistoryVerdict.Refused("the hourly root is no entry of kind 'heads'");
        var included = heads.Proof.Verify(Convert.FromHexString(CommitmentOf(heads.Body, heads.Salt)), policy);
        if (included is TlogProofVerdict.BadCheckpoint or TlogProofVerdict.NotIncluded) return HistoryVerdict.Refused($"the hourly root is not proven to be in the log ({included})");
        if (heads.Proof.Origin != history.Newest.Origin) return HistoryVerdict.Refused("the hourly root is of another log");

        // The entries that the root may know of are those before it; how many they are follows from their indexes, and the root confirms the number.
        var below = heads.Proof.Index;
        var sequence = history.Entries.TakeWhile(e => e.Index < below).Count();
        if (sequence == 0) return HistoryVerdict.Refused("the hourly root is older than the person's first entry");
        var leaf = new PersonHead(history.Tag, sequence, commitments[sequence - 1]).Leaf;
        return MerkleProof.VerifyInclusion(heads.Position, stated.Persons, leaf, heads.Hashes, stated.Root)
            ? shown with { Sequence = sequence, CompleteBelow = below, CompleteAudited = included == TlogProofVerdict.Proven }
            : HistoryVerdict.Refused($"the hourly root in entry {below} does not hold {sequence} entries about this person that end as shown: something is left out or added");
    }

    private static (long Sequence, string Previous)? LinkIn(string body, string tag) => Read<(long, string)?>(body, root =>
    {
        if (root.GetProperty("tutelage-entry").GetInt32() != 1) return null;
        foreach (var link in root.GetProperty("about").EnumerateArray())
        {
            if (link.GetProperty("tag").GetString() == tag) return (link.GetProperty("sequence").GetInt64(), link.GetProperty("previous").GetString() ?? "");
        }

        return null;
    });

    private static (long Persons, MerkleHash Root)? RootIn(string body) => Read<(long, MerkleHash)?>(body, root =>
        root.GetProperty("tutelage-entry").GetInt32() == 1 && root.GetProperty("kind").GetString() == "heads" && MerkleHash.TryParse(root.GetProperty("root").GetString(), out var hash)
            ? (root.GetProperty("persons").GetInt64(), hash)
            : null);

    private static T? Read<T>(string body, Func<JsonElement, T?> read)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return read(document.RootElement);
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return default;
        }
    }

    private static string CommitmentOf(string body, byte[] salt) => Convert.ToHexStringLower(EntryCommitment.Of(salt, Encoding.UTF8.GetBytes(body)));
}
