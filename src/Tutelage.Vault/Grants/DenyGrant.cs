using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Grants;

/// <summary>Body of a denial.</summary>
internal sealed record DenialRequest(string? Reason);

/// <summary><c>POST /v1/grants/{id}/denials</c>: one steward's no is final; the requester may withdraw the same way. Both are entries.</summary>
internal static class DenyGrant
{
    /// <summary>Who denied, where it was nobody's decision: a person whom the grant names has deleted what they recorded.</summary>
    public const string ByDeletion = "deletion";

    private const int MaxReasonLength = 500;

    public static IResult Handle(SignedCall call, GrantDesk desk)
    {
        if (desk.Registry.Find(call.Key.Id) is not { } person) return GrantRoutes.NobodyKnown();
        if (desk.Book.Find(call.Route("id")) is not { } grant) return GrantRoutes.NoSuchGrant(call.Route("id"));
        if (person.Role != Role.Steward && person.Key.Id != grant.Requester.Key.Id)
            return Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "stewards deny, and the requester may withdraw");
        if (grant.State == GrantState.Denied) return Wire.Ok(ListGrants.Line(grant));
        if (grant.State is GrantState.Running or GrantState.Done) return Wire.Refuse(StatusCodes.Status409Conflict, "not-open", $"grant {grant.Id} is {grant.State}");
        var reason = call.Body.IsEmpty ? "" : call.Read<DenialRequest>()?.Reason ?? "";
        if (reason.Length > MaxReasonLength) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", $"a reason has at most {MaxReasonLength} characters");
        desk.Ledger.Record(transaction =>
        {
            desk.Book.Deny(grant, transaction);
            return true;
        }, Entry(grant, person.Key.Id, reason.Length == 0 ? [] : [reason]));
        return desk.Book.Find(grant.Id) is { } denied ? Wire.Ok(ListGrants.Line(denied)) : GrantRoutes.NoSuchGrant(grant.Id);
    }

    public static EntryDraft Entry(KeptGrant grant, string by, IReadOnlyList<string> reasons) => new("denied", grant.Request.Tags, json =>
    {
        json.WriteString("grant", grant.Id);
        json.WriteString("by", by);
        json.WriteStartArray("reasons");
        foreach (var reason in reasons) json.WriteStringValue(reason);
        json.WriteEndArray();
    });
}
