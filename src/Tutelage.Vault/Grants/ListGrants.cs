using Tutelage.Hosting;
using Tutelage.Rules;

namespace Tutelage.Vault.Grants;

/// <summary>One line of <c>GET /v1/grants</c>.</summary>
/// <param name="EndsAt">Unix seconds; absent while too few have approved.</param>
internal sealed record GrantLine(
    string Grant, string State, string Requester, string Effect, string EffectSha256, GrantWire Request, int Approvals, IReadOnlyList<string> Approvers, long? EndsAt);

/// <summary><c>GET /v1/grants</c>: all for stewards and auditors, for others those they asked for and those about them.</summary>
internal static class ListGrants
{
    public static IResult Handle(SignedCall call, GrantDesk desk)
    {
        if (desk.Registry.Find(call.Key.Id) is not { } person) return GrantRoutes.NobodyKnown();
        var all = person.Role is Role.Steward or Role.Auditor;
        var grants = desk.Book.All().Where(g => all || g.Requester.Key.Id == person.Key.Id || (person.Tag is not null && g.Request.Tags.Contains(person.Tag, StringComparer.Ordinal)));
        return Wire.Ok(new { grants = grants.Select(Line) });
    }

    internal static GrantLine Line(KeptGrant grant) => new(
        grant.Id, grant.State, grant.Requester.Key.Id, grant.Effect, grant.EffectSha256, GrantWire.Of(grant.Request), grant.Approvers.Count,
        [.. grant.Approvers.Select(a => a.Key.Id)], grant.EndsAt?.ToUnixTimeSeconds());
}
