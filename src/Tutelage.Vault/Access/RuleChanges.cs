using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Change;
using Tutelage.Vault.Grants;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Access;

/// <summary>Body of <c>POST /v1/rules</c>.</summary>
/// <param name="Rules">Canonical bytes as text.</param>
/// <param name="Statement">Of kind <c>rules-proposal</c>, payload <c>{rules_sha256}</c>, by whoever asks: so that nobody can be made the author of a change that they then approve.</param>
internal sealed record ProposedRules(string? Rules, JsonElement? Statement);

/// <summary><c>/v1/rules</c>: what is in force, in words for everybody; proposing a change; signing its exact effect. The last signature needed puts it in force, in the transaction of its entry.</summary>
internal sealed class RuleChanges(GrantDesk desk)
{
    public const string ProposalKind = "rules-proposal";
    public const string ApprovalKind = "rules-approval";

    /// <summary>What an entry has room for, escaped as JSON escapes it (docs/formats/entries.md).</summary>
    private const int MaxEscapedBytes = 240 * 1024;

    private const int MaxBodyBytes = 640 * 1024;
    private const int ChangesShown = 20;

    /// <summary>Two stewards who sign at the same moment: the second one finds that things have changed and looks again.</summary>
    private const int Looks = 4;

    private RuleBook Book => desk.Book.Rules;

    public static void Map(WebApplication app, GrantDesk desk)
    {
        var changes = new RuleChanges(desk);
        app.MapSigned("GET", "/v1/rules", 0, changes.List);
        app.MapSigned("POST", "/v1/rules", MaxBodyBytes, changes.Propose);
        app.MapSigned("POST", "/v1/rules/{id}/approvals", MaxBodyBytes, changes.Approve);
    }

    private IResult List(SignedCall call)
    {
        if (desk.Registry.Find(call.Key.Id) is null) return GrantRoutes.NobodyKnown();
        var now = Book.Since();
        return Wire.Ok(new
        {
            in_force = new { now.Rules.Programme, now.Rules.Version, now.Rules.Digest, @default = now.IsDefault, now.Entry, now.Since, rules = Encoding.UTF8.GetString(RuleBytes.Encode(now.Rules)) },
            changes = Book.Newest(ChangesShown).Select(Line),
        });
    }

    private IResult Propose(SignedCall call)
    {
        if (desk.Registry.Find(call.Key.Id) is not { } requester) return GrantRoutes.NobodyKnown();
        if (call.Read<ProposedRules>() is not { Rules: { } text, Statement: { } signed }) return Bad("the body is not {rules, statement}");
        var reading = RuleBytes.Decode(Encoding.UTF8.GetBytes(text));
        if (reading.Rules is not { } rules) return Bad($"these are not the canonical bytes of a rule set: {string.Join(" ", reading.Faults.Take(3))}");
        if (JsonSerializer.SerializeToUtf8Bytes(text, Wire.Json).Length > MaxEscapedBytes) return Bad($"the rules are longer than the {MaxEscapedBytes} bytes that an entry has room for; name fewer people");
        if (Statement(signed.GetRawText(), call.Key, ProposalKind, out ProposalPayload? named) is not { } statement || named?.RulesSha256 != rules.Digest) return Bad($"the statement is not one of kind {ProposalKind} by {call.Key.Id} over rules_sha256 {rules.Digest}");
        var decision = RuleChangeRules.DecideRequest(RuleDiff.Between(Book.Before(), rules), requester.ForRules);
        if (decision.Reasons.Count > 0) return desk.Refuse(StatusCodes.Status403Forbidden, "rules", string.Join("; ", decision.Reasons), requester, Refusal.RulesStep, null);

        // A lost answer is asked for again: the same rules by the same person are one proposal.
        if (Book.Newest(ChangesShown).FirstOrDefault(change => change.Place is null && change.Requester.Key.Id == requester.Key.Id && change.Rules.Digest == rules.Digest) is { } before) return Wire.Ok(Line(before));
        var now = desk.Time.GetUtcNow();
        if (!desk.Book.MayRequest(requester.Key.Id, now)) return desk.Refuse(StatusCodes.Status429TooManyRequests, "too-many-requests", $"{GrantBook.RequestsAnHour} requests were made within the hour; ask again later", requester, Refusal.RulesStep, null);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        try
        {
            desk.Ledger.Record(transaction =>
            {
                // The auditor refuses a proposal that the rules in force do not let anybody make, and everything after it.
                if (RuleChangeRules.DecideRequest(RuleDiff.Between(Book.Before(), rules), requester.ForRules) is { Reasons: { Count: > 0 } reasons }) throw new RunRefusedException("rules", string.Join("; ", reasons));
                Book.Propose(id, requester, statement, text, now, transaction);
                desk.Book.CountRequest(requester.Key.Id, now, transaction);
                return true;
            }, new EntryDraft("rules-proposed", [], json =>
            {
                json.WriteString("change", id);
                json.WriteString("requester", requester.Key.Id);
                json.WriteString("statement", statement);
                json.WriteString("rules", text);
            }));
        }
        catch (RunRefusedException refused)
        {
            return desk.Refuse(StatusCodes.Status403Forbidden, refused.Error, refused.Message, requester, Refusal.RulesStep, null);
        }

        return Book.Find(id) is { } proposed ? Wire.Ok(Line(proposed)) : NoSuchChange(id);
    }

    private IResult Approve(SignedCall call)
    {
        if (desk.Registry.Find(call.Key.Id) is not { } approver) return GrantRoutes.NobodyKnown();
        var id = call.Route("id");
        if (Book.Find(id) is not { } change) return NoSuchChange(id);
        if (approver.Role != Role.Steward) return Wrong($"a {Spelling.Of(approver.Role)} does not approve; stewards do");
        if (approver.Key.Id == change.Requester.Key.Id) return Wrong("nobody approves what they ask for themselves");
        if (Statement(Encoding.UTF8.GetString(call.Body.Span), call.Key, ApprovalKind, out ApprovalOfChange? named) is not { } statement || named?.Change != id || named.EffectSha256 is not { } effect)
            return Bad($"the body is not a statement of kind {ApprovalKind} by {call.Key.Id} over change {id} with effect_sha256");
        for (var look = 0; look < Looks; look++)
        {
            change = Book.Find(id) ?? change;
            if (change.Place is not null) return Wire.Ok(Line(change)); // a lost answer is asked for again: what is in force stays so
            var planned = Plan(change, approver, effect, statement);
            if (planned.Refusal is { } refusal) return Wire.Refuse(StatusCodes.Status409Conflict, "not-open", refusal);
            if (planned.IsKnown) return Wire.Ok(Line(change));
            try
            {
                desk.Ledger.Record(transaction =>
                {
                    var now = Book.Find(id) is { Place: null } open ? Plan(open, approver, effect, statement) : null;
                    if (now is null || now.Refusal is not null || now.TakesEffect != planned.TakesEffect || now.Counted.Count != planned.Counted.Count) throw new RunRefusedException("changed", "look again");
                    Book.Approve(change, new(approver, effect, statement), transaction);
                    if (planned.TakesEffect) Book.TakeEffect(id, transaction);
                    return true;
                }, planned.TakesEffect ? InForceEntry(change, planned) : ApprovedEntry(id, approver, statement));
                break;
            }
            catch (RunRefusedException)
            {
                // Somebody was faster: look again.
            }
        }

        return Book.Find(id) is { } approved ? Wire.Ok(Line(approved)) : NoSuchChange(id);

        IResult Wrong(string why) => desk.Refuse(StatusCodes.Status403Forbidden, "wrong-approver", why, approver, Refusal.RulesStep, null);
    }

    /// <param name="Refusal">Why this signature counts for nothing now; null if it counts.</param>
    /// <param name="IsKnown">The same signature is kept already.</param>
    /// <param name="Counted">The signatures of exactly this effect, this one included.</param>
    private sealed record Planned(string? Refusal, bool IsKnown, bool TakesEffect, RuleDiff Diff, IReadOnlyList<KeptApproval> Counted);

    private Planned Plan(KeptChange change, EnrolledPerson approver, string effect, string statement)
    {
        var diff = RuleDiff.Between(Book.Before(), change.Rules);
        var counted = change.Approvals.Where(kept => kept.EffectSha256 == effect && kept.Approver.Key.Id != approver.Key.Id).Append(new(approver, effect, statement)).ToList();
        var asked = RuleChangeRules.DecideRequest(diff, change.Requester.ForRules);
        var refusal = asked.Reasons.Count > 0 ? string.Join("; ", asked.Reasons)
            : effect != RuleChange.EffectDigest(diff) ? $"change {change.Id} has another effect now, because other rules took effect since; read it again and sign that" : null;
        var known = change.Approvals.Any(kept => kept.EffectSha256 == effect && kept.Approver.Key.Id == approver.Key.Id);
        var decided = RuleChangeRules.Decide(diff, change.Requester.ForRules, [.. counted.Select(kept => new VerifiedChangeApproval(kept.Approver.ForRules, kept.EffectSha256))]);
        return new(refusal, known && !decided.Allowed, decided.Allowed, diff, counted);
    }

    private static EntryDraft ApprovedEntry(string id, EnrolledPerson approver, string statement) => new("rules-approved", [], json =>
    {
        json.WriteString("change", id);
        json.WriteString("approver", approver.Key.Id);
        json.WriteString("statement", statement);
    });

    private static EntryDraft InForceEntry(KeptChange change, Planned planned) => new("rules", [], json =>
    {
        json.WriteString("change", change.Id);
        json.WriteNumber("version", change.Rules.Version);
        json.WriteString("digest", change.Rules.Digest);
        json.WriteString("effect_sha256", RuleChange.EffectDigest(planned.Diff));
        json.WriteBoolean("widening", planned.Diff.IsWidening);
        json.WriteStartArray("statements");
        foreach (var approval in planned.Counted) json.WriteStringValue(approval.Statement);
        json.WriteEndArray();
    });

    /// <summary>A change for everybody to read: what it does to the rules that it replaces or replaced, in words.</summary>
    private object Line(KeptChange change)
    {
        var diff = RuleDiff.Between(change.Place is { } place ? Book.At(place - 1) : Book.Before(), change.Rules);
        var effect = RuleChange.EffectDigest(diff);
        var (entry, since) = change.Place is { } taken ? Book.Taken(taken) : (0, 0);
        return new
        {
            change = change.Id,
            state = change.Place is not null ? "in-force" : RuleChangeRules.DecideRequest(diff, change.Requester.ForRules).Reasons.Count > 0 ? "overtaken" : "proposed",
            requester = change.Requester.Key.Id,
            change.Rules.Version,
            change.Rules.Digest,
            effect_sha256 = effect,
            widening = diff.IsWidening,
            approvals_needed = diff.IsWidening ? RuleChangeRules.ApprovalsToWiden : RuleChangeRules.ApprovalsOtherwise,
            approvers = change.Approvals.Where(approval => approval.EffectSha256 == effect).Select(approval => approval.Approver.Key.Id),
            words = RuleChange.Words(diff),
            rules = change.Text,
            proposed = change.Proposed.ToUnixTimeSeconds(),
            entry = change.Place is null ? (long?)null : entry,
            since = change.Place is null ? (long?)null : since,
        };
    }

    private static string? Statement<T>(string text, PublicKey by, string kind, out T? payload) where T : class
    {
        payload = null;
        try
        {
            var statement = SignedStatement.Parse(text);
            if (!statement.Verify(by, kind)) return null;
            payload = statement.Read<T>();
            return statement.ToJson();
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static IResult Bad(string why) => Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", why);

    private static IResult NoSuchChange(string id) => Wire.Refuse(StatusCodes.Status404NotFound, "no-such-change", $"there is no change '{id}' of the rules");
}

/// <summary>Payload of <c>rules-proposal</c>.</summary>
internal sealed record ProposalPayload(string? RulesSha256);

/// <summary>Payload of <c>rules-approval</c>.</summary>
internal sealed record ApprovalOfChange(string? Change, string? EffectSha256);
