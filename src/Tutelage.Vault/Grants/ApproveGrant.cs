using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Grants;

/// <summary>Payload of a statement of kind <c>approval</c>: the grant and the digest of its exact effect.</summary>
internal sealed record ApprovalPayload(string Grant, string EffectSha256);

/// <summary><c>POST /v1/grants/{id}/approvals</c>: a steward, not the requester, signs the exact effect.</summary>
internal static class ApproveGrant
{
    public static IResult Handle(SignedCall call, GrantDesk desk)
    {
        if (desk.Registry.Find(call.Key.Id) is not { } approver) return GrantRoutes.NobodyKnown();
        if (desk.Book.Find(call.Route("id")) is not { } grant) return GrantRoutes.NoSuchGrant(call.Route("id"));
        if (approver.Role != Role.Steward) return desk.Refuse(StatusCodes.Status403Forbidden, "wrong-approver", $"a {Spelling.Of(approver.Role)} does not approve; stewards do", approver, Refusal.ApprovalStep, grant);
        if (approver.Key.Id == grant.Requester.Key.Id) return desk.Refuse(StatusCodes.Status403Forbidden, "wrong-approver", "nobody approves what they ask for themselves", approver, Refusal.ApprovalStep, grant);
        if (ReadStatement(call, grant) is not { } statement)
            return desk.Refuse(StatusCodes.Status400BadRequest, "bad-approval", $"the body is not a statement of kind approval by {call.Key.Id} over grant {grant.Id} with effect_sha256 {grant.EffectSha256}", approver, Refusal.ApprovalStep, grant);

        // A lost answer is asked for again: the first approval stands.
        if (grant.Approvers.Any(a => a.Key.Id == approver.Key.Id)) return Wire.Ok(ListGrants.Line(grant));
        if (grant.State != GrantState.Requested) return Wire.Refuse(StatusCodes.Status409Conflict, "not-open", $"grant {grant.Id} is {grant.State}");
        var now = desk.Time.GetUtcNow();
        try
        {
            Append();
        }
        catch (RunRefusedException refused)
        {
            return desk.Refuse(StatusCodes.Status403Forbidden, refused.Error, refused.Message, approver, Refusal.ApprovalStep, grant);
        }

        return desk.Book.Find(grant.Id) is { } approved ? Wire.Ok(ListGrants.Line(approved)) : GrantRoutes.NoSuchGrant(grant.Id);

        void Append() => desk.Ledger.Record(transaction =>
        {
            // The auditor refuses an approval of what was denied just now, or what the rules do not allow any more, and everything after it: so the log must not have one.
            if (desk.Book.Find(grant.Id) is not { State: GrantState.Requested }) throw new RunRefusedException("not-open", $"grant {grant.Id} is not open for approval any more");
            if (grant.DecideRequest(desk.Book.Rules.InForce()) is { Allowed: false } decision) throw new RunRefusedException("rules", string.Join("; ", decision.Reasons));
            desk.Book.Approve(grant, approver, statement, now, transaction);
            return true;
        }, new EntryDraft("approved", grant.Request.Tags, json =>
        {
            json.WriteString("grant", grant.Id);
            json.WriteString("approver", approver.Key.Id);
            json.WriteString("statement", statement);
        }));
    }

    private static string? ReadStatement(SignedCall call, KeptGrant grant)
    {
        try
        {
            var statement = SignedStatement.Parse(System.Text.Encoding.UTF8.GetString(call.Body.Span));
            if (!statement.Verify(call.Key, "approval")) return null;
            var named = statement.Read<ApprovalPayload>();
            return named.Grant == grant.Id && named.EffectSha256 == grant.EffectSha256 ? statement.ToJson() : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
