using System.Globalization;
using System.Text;
using Tutelage.Auditor.Reading;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Change;
using Tutelage.Rules.Grants;

namespace Tutelage.Auditor.Access;

/// <summary>The rules in force as the entries tell them: the auditor's own copy, by which it decides. Kept in <see cref="Knowledge"/>.</summary>
/// <remarks>
/// Until a change has taken effect these are the default set over the researchers in the order in which they were enrolled. A change takes effect only if its bytes are canonical, its
/// effect follows from the auditor's own copy, and enough stewards have signed that effect: whatever the vault says, nobody is let in here by fewer. Not thread-safe.
/// </remarks>
internal sealed class RulesReading
{
    /// <summary>Where the researchers of the default set lie in <see cref="Knowledge"/>: key ids in order of enrolment, with spaces.</summary>
    public const string Name = "researchers";

    private const string InForceName = "rules";
    private const string ChangeName = "rules-change ";

    private readonly Knowledge _known;
    private readonly List<string> _researchers;
    private readonly Dictionary<string, ReadChange> _unsaved = new(StringComparer.Ordinal); // changes proposed since the last save, by id
    private RuleSet? _default; // of _researchers; null until somebody asks
    private (long Entry, RuleSet Rules)? _written;
    private string? _changed; // canonical text of _written where it is not saved yet

    public RulesReading(Knowledge known)
    {
        (_known, _researchers) = (known, [.. (known.Text(Name) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        if (known.Text(InForceName) is { } kept && kept.IndexOf('\n', StringComparison.Ordinal) is > 0 and var end)
            _written = (long.Parse(kept.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture), Parse(kept[(end + 1)..]) ?? throw new InvalidDataException("the rules in the database are not those of an entry"));
    }

    public RuleSet Rules => _written?.Rules ?? (_default ??= RehearsalRules.Of(RehearsalRules.Unnamed, _researchers.Select(key => new Person(key, Role.Researcher, null))));

    /// <summary>The entry by which they took effect; 0 for the default set.</summary>
    public long Since => _written?.Entry ?? 0;

    /// <summary>Somebody is enrolled: the default set may name them.</summary>
    public void Learn(KnownPerson person)
    {
        if (person.Role != Role.Researcher || _researchers.Count >= RuleSet.CeilingUnlessSaid) return;
        _researchers.Add(person.Key.Id);
        _default = null;
    }

    public (Action? Learn, string Fault) Proposed(EntryBody entry, Func<string, KnownPerson?> personOf)
    {
        var id = entry.Text("change");
        if (entry.About.Count > 0) return (null, "rules are about nobody");
        if (!EntryBody.IsHex(id, 16) || Find(id) is not null) return (null, $"change '{id}' of the rules is none, or is proposed twice");
        if (personOf(entry.Text("requester")) is not { } requester) return (null, $"change {id} is proposed by nobody known");
        var text = entry.Text("rules");
        if (Parse(text) is not { } rules) return (null, $"change {id}: these are not the canonical bytes of a rule set");
        var statement = SignedStatement.Parse(entry.Text("statement"));
        if (!statement.Verify(requester.Key, "rules-proposal") || statement.Read<ProposalPayload>().RulesSha256 != rules.Digest) return (null, $"change {id}: its requester has not signed these rules");
        var decision = RuleChangeRules.DecideRequest(RuleDiff.Between(_written?.Rules, rules), requester.ForRules);
        return decision.Reasons.Count > 0 ? (null, $"change {id}: {string.Join("; ", decision.Reasons)}") : (() => _unsaved[id] = new(requester.Key.Id, rules, text), "");
    }

    public (Action? Learn, string Fault) Approved(EntryBody entry, Func<string, KnownPerson?> personOf)
    {
        var id = entry.Text("change");
        if (Find(id) is not { } change) return (null, $"approves change '{id}' of the rules, which was never proposed");
        var effect = RuleChange.EffectDigest(RuleDiff.Between(_written?.Rules, change.Rules));
        var (approval, fault) = Approval(entry.Text("statement"), id, personOf);
        if (approval is null) return (null, fault);
        return approval.EffectSha256 == effect && approval.Approver.Role == Role.Steward && approval.Approver.KeyId != change.Requester && approval.Approver.KeyId == entry.Text("approver")
            ? (static () => { }, "") : (null, $"change {id}: {approval.Approver.KeyId} may not approve it, or has signed another effect");
    }

    public (Action? Learn, string Fault) InForce(EntryBody entry, long index, Func<string, KnownPerson?> personOf)
    {
        var id = entry.Text("change");
        if (entry.About.Count > 0) return (null, "rules are about nobody");
        if (Find(id) is not { } change || personOf(change.Requester) is not { } requester) return (null, $"puts change '{id}' of the rules in force, which was never proposed");
        var approvals = new List<VerifiedChangeApproval>();
        foreach (var text in entry.Members.GetProperty("statements").EnumerateArray())
        {
            var (approval, fault) = Approval(text.GetString() ?? "", id, personOf);
            if (approval is null) return (null, fault);
            approvals.Add(approval);
        }

        var diff = RuleDiff.Between(_written?.Rules, change.Rules);
        var decision = RuleChangeRules.Decide(diff, requester.ForRules, approvals);
        if (!decision.Allowed) return (null, $"change {id}: {string.Join("; ", decision.Reasons)}");
        return entry.Text("digest") == change.Rules.Digest && entry.Text("effect_sha256") == RuleChange.EffectDigest(diff) && entry.Members.GetProperty("widening").GetBoolean() == diff.IsWidening
            ? (() => (_written, _changed) = ((index, change.Rules), change.Text), "") : (null, $"change {id}: the entry tells of other rules or of another effect than were approved");
    }

    public void Save()
    {
        _known.SaveText(Name, string.Join(' ', _researchers));
        foreach (var (id, change) in _unsaved) _known.SaveText(ChangeName + id, change.Requester + '\n' + change.Text);
        if (_changed is { } text && _written is { } written) _known.SaveText(InForceName, string.Create(CultureInfo.InvariantCulture, $"{written.Entry}\n{text}"));
        _unsaved.Clear();
        _changed = null;
    }

    private ReadChange? Find(string id)
    {
        if (_unsaved.TryGetValue(id, out var change)) return change;
        if (_known.Text(ChangeName + id) is not { } kept) return null;
        var end = kept.IndexOf('\n', StringComparison.Ordinal);
        var text = kept[(end + 1)..];
        return new(kept[..end], Parse(text) ?? throw new InvalidDataException($"change {id} in the database is not that of an entry"), text);
    }

    private static (VerifiedChangeApproval? Approval, string Fault) Approval(string text, string id, Func<string, KnownPerson?> personOf)
    {
        var statement = SignedStatement.Parse(text);
        if (personOf(statement.KeyId) is not { } approver || !statement.Verify(approver.Key, "rules-approval")) return (null, $"change {id}: an approval that nobody known has signed");
        var named = statement.Read<ApprovalPayload>();
        return named is { EffectSha256: { } effect } && named.Change == id ? (new(approver.ForRules, effect), "") : (null, $"change {id}: the approval is of another change");
    }

    private static RuleSet? Parse(string text) => RuleBytes.Decode(Encoding.UTF8.GetBytes(text)).Rules;

    /// <param name="Requester">Key id.</param>
    /// <param name="Text">Canonical bytes as text.</param>
    private sealed record ReadChange(string Requester, RuleSet Rules, string Text);

    private sealed record ProposalPayload(string? RulesSha256);

    private sealed record ApprovalPayload(string? Change, string? EffectSha256);
}
