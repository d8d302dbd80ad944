using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Grants;

/// <summary><c>POST /v1/grants</c>: somebody asks; the rules say at once what could never be; the effect is spelt out in words for those who approve.</summary>
internal static class RequestGrant
{
    public static IResult Handle(SignedCall call, GrantDesk desk)
    {
        if (desk.Registry.Find(call.Key.Id) is not { } requester) return GrantRoutes.NobodyKnown();
        if (call.Read<GrantWire>() is not { } wire) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", "the body is no grant request (docs/formats/release.md)");
        if (wire.Check(out var fault) is not { } request) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", fault);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var effectSha256 = Convert.ToHexStringLower(request.EffectDigest(id, requester.Key.Id));
        var grant = new KeptGrant(id, requester, request, request.Effect(id, requester.Key.Id), effectSha256, GrantState.Requested, null, null, []);
        var decision = grant.DecideRequest(desk.Book.Rules.InForce());
        var known = request.Tags.Where(tag => desk.Registry.FindByTag(tag) is not null).Distinct(StringComparer.Ordinal).ToList();
        if (!decision.Allowed) return desk.Refuse(StatusCodes.Status403Forbidden, "rules", string.Join("; ", decision.Reasons), requester, Refusal.RequestStep, null, known);
        if (request.Tags.FirstOrDefault(tag => !known.Contains(tag, StringComparer.Ordinal)) is { } unknown) return desk.Refuse(StatusCodes.Status400BadRequest, "unknown-person", $"nobody has the tag {unknown}", requester, Refusal.RequestStep, null, known);

        var now = desk.Time.GetUtcNow();
        if (!desk.Book.MayRequest(requester.Key.Id, now))
            return desk.Refuse(StatusCodes.Status429TooManyRequests, "too-many-requests", $"{GrantBook.RequestsAnHour} grants were asked for within the hour; ask again later", requester, Refusal.RequestStep, null, known);
        if (desk.Registry.DeletedAmong(request.Tags) is { } gone) return Deleted(gone);
        long index;
        try
        {
            index = Append();
        }
        catch (RunRefusedException refused)
        {
            return refused.Error == "no-consent" ? Deleted(refused.Message) : desk.Refuse(StatusCodes.Status403Forbidden, refused.Error, refused.Message, requester, Refusal.RequestStep, null, known); // deleted, or other rules, just now
        }

        return Wire.Ok(new { grant = id, effect = grant.Effect, effect_sha256 = effectSha256, entry = index });

        IResult Deleted(string tag) => desk.Refuse(StatusCodes.Status403Forbidden, "no-consent", $"person {tag} has a tombstone: what they recorded is deleted", requester, Refusal.RequestStep, null, known);

        long Append() => desk.Ledger.Record(transaction =>
        {
            // The auditor refuses a request that names a deleted person or that its rules do not allow, and everything after it: so the log must not have one.
            if (desk.Registry.DeletedAmong(request.Tags) is { } late) throw new RunRefusedException("no-consent", late);
            if (grant.DecideRequest(desk.Book.Rules.InForce()) is { Allowed: false } denied) throw new RunRefusedException("rules", string.Join("; ", denied.Reasons));
            desk.Book.Insert(grant, now, transaction);
            return true;
        }, new EntryDraft("requested", request.Tags, json =>
        {
            json.WriteString("grant", id);
            json.WriteString("requester", requester.Key.Id);
            json.WriteString("effect_sha256", effectSha256);
            json.WritePropertyName("request");
            JsonSerializer.Serialize(json, GrantWire.Of(request), Wire.Json);
        })).Index;
    }
}
