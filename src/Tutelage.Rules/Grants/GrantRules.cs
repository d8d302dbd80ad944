namespace Tutelage.Rules.Grants;

/// <summary>Somebody known to the vault, by the id of their key.</summary>
/// <param name="Tag">Only participants have one.</param>
public sealed record Person(string KeyId, Role Role, string? Tag);

/// <summary>An approval whose signature has been checked and which names the exact effect.</summary>
public sealed record VerifiedApproval(Person Approver);

/// <summary>The decision, and every reason against it. Without a reason it is allowed.</summary>
public sealed record GrantDecision(IReadOnlyList<string> Reasons)
{
    public bool Allowed => Reasons.Count == 0;
}

/// <summary>Decides about grants. Pure; forbid wins, unknown is denied; vault and auditor each ask it for themselves.</summary>
public static class GrantRules
{
    /// <summary>Approvals that a grant needs, by people who are neither the requester nor each other.</summary>
    public const int ApprovalsNeeded = 2;

    /// <summary>Grants do not outlast a day.</summary>
    public const int LongestMinutes = 1440;

    /// <summary>File keys of one release: what one request to both custodians may carry (security design, requests of 256).</summary>
    public const int KeysPerRelease = 256;

    /// <summary>No grant opens more file keys than this; a programme that needs more asks again, and is seen to ask.</summary>
    public const int MostKeys = 1_000_000;

    /// <summary>A thousand hours of one person's minute segments, or less with several classes.</summary>
    public const int KeysUnlessSaid = 60_000;

    /// <summary>Is this request one that may be put to approvers, and one that the rules in force let this person make?</summary>
    /// <param name="label">The strictest label of what is asked for; null where it is not known, which counts as sensitive.</param>
    public static GrantDecision DecideRequest(GrantRequest request, Person requester, RulesInForce rules, Sensitivity? label) =>
        new([.. FaultsOf(request, requester), .. rules.Against(request, requester, label)]);

    /// <summary>May keys be released under it, with the rules that are in force at this moment? Rules that changed since the approvals count as they are now.</summary>
    /// <param name="label">As in <see cref="DecideRequest"/>.</param>
    public static GrantDecision DecideRelease(GrantRequest request, Person requester, IReadOnlyList<VerifiedApproval> approvals, RulesInForce rules, Sensitivity? label)
    {
        var reasons = DecideRequest(request, requester, rules, label).Reasons.ToList();
        var approvers = approvals.Select(approval => approval.Approver).Where(person => person.Role == Role.Steward && person.KeyId != requester.KeyId)
            .Select(person => person.KeyId).Distinct(StringComparer.Ordinal).Count();
        if (approvers < ApprovalsNeeded)
            reasons.Add($"{approvers} of {ApprovalsNeeded} approvals by stewards who are neither the requester nor each other");
        return new(reasons);
    }

    private static List<string> FaultsOf(GrantRequest request, Person requester)
    {
        var reasons = new List<string>();
        if (request.Minutes is < 1 or > LongestMinutes) reasons.Add($"minutes is {request.Minutes}; it must be 1 to {LongestMinutes}");
        if (request.Keys is < 1 or > MostKeys) reasons.Add($"keys is {request.Keys}; it must be 1 to {MostKeys}");
        if (request.Classes.Count == 0) reasons.Add($"no class is named; name at least one of {Spelling.All<DataClass>()}");
        if (request.Classes.Distinct().Count() != request.Classes.Count) reasons.Add("a class is named twice");
        if (request.Tags.Count == 0) reasons.Add("no person is named; name each one by tag");
        if (request.Tags.Distinct(StringComparer.Ordinal).Count() != request.Tags.Count) reasons.Add("a person is named twice");
        foreach (var tag in request.Tags.Where(tag => tag.Length != 32 || !tag.All(char.IsAsciiHexDigitLower)))
            reasons.Add($"'{tag}' is not a person's tag (32 hex digits); groups and wildcards have no spelling");
        reasons.AddRange(FaultsOfRole(request, requester));
        reasons.AddRange(request.Job == JobKind.DatasetExport ? FaultsOfExport(request) : FaultsOfBuild(request));
        return reasons;
    }

    private static IEnumerable<string> FaultsOfRole(GrantRequest request, Person requester) => (request.Purpose, requester.Role) switch
    {
        (Purpose.Train or Purpose.Evaluate, Role.Researcher) => [],
        (Purpose.OwnView, Role.Participant) when request.Tags is [var tag] && tag == requester.Tag => [],
        (Purpose.OwnView, _) => ["own-view is for participants and their own tag only"],
        (Purpose.Train or Purpose.Evaluate, _) => [$"{Spelling.Of(request.Purpose)} is for researchers; {requester.KeyId} is {Spelling.Of(requester.Role)}"],
        _ => [$"{Spelling.Of(request.Purpose)} cannot be granted yet"],
    };

    private static IEnumerable<string> FaultsOfBuild(GrantRequest request)
    {
        if (request.Classes.Any(kept => kept is DataClass.Derived or DataClass.Model)) yield return "a build opens classes of segments: input, text, elements, frames";
        if (!request.Classes.Contains(DataClass.Input)) yield return "a build needs input: without it there are no actions";
        if (request.Holder is not null || request.HolderRecipient is not null) yield return "a build has no holder: its result stays sealed";
        if (request.Format is not null) yield return "a build has no export format";
    }

    private static IEnumerable<string> FaultsOfExport(GrantRequest request)
    {
        if (request.Classes is not [DataClass.Derived]) yield return "an export opens derived, and nothing else";
        if (string.IsNullOrWhiteSpace(request.DataSet)) yield return "an export names its data set";
        if (request.Format is null) yield return $"an export names its format: {Spelling.All<ExportFormat>()}";
        if (string.IsNullOrWhiteSpace(request.Holder)) yield return "an export names who will hold it";
        if (request.HolderRecipient is null || !request.HolderRecipient.StartsWith("age1", StringComparison.Ordinal)) yield return "an export names the age recipient of its holder";
    }
}
