using Tutelage.Hosting;
using Tutelage.Vault.Access;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Grants;

/// <summary>What the slices of grants share.</summary>
internal sealed record GrantDesk(GrantBook Book, Registry Registry, VaultLedger Ledger, Refusals Refusals, TimeProvider Time)
{
    /// <summary>Refuses, and has it told in the log.</summary>
    public IResult Refuse(int status, string error, string message, EnrolledPerson by, string step, KeptGrant? grant, IReadOnlyList<string>? about = null)
    {
        Refusals.Tell(new Refusal(by, grant?.Id, step, error, [message], grant?.Request.Tags ?? about ?? []));
        return Wire.Refuse(status, error, message);
    }
}

internal static class GrantRoutes
{
    private const int MaxBodyBytes = 256 * 1024;

    public static void MapGrants(this WebApplication app)
    {
        var services = app.Services;
        var desk = new GrantDesk(
            services.GetRequiredService<GrantBook>(), services.GetRequiredService<Registry>(), services.GetRequiredService<VaultLedger>(), services.GetRequiredService<Refusals>(),
            services.GetRequiredService<TimeProvider>());
        RuleChanges.Map(app, desk);
        app.MapSigned("POST", "/v1/grants", MaxBodyBytes, call => RequestGrant.Handle(call, desk));
        app.MapSigned("GET", "/v1/grants", 0, call => ListGrants.Handle(call, desk));
        app.MapSigned("POST", "/v1/grants/{id}/approvals", MaxBodyBytes, call => ApproveGrant.Handle(call, desk));
        app.MapSigned("POST", "/v1/grants/{id}/denials", MaxBodyBytes, call => DenyGrant.Handle(call, desk));
    }

    public static IResult NobodyKnown() => Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "only enrolled people ask, approve and deny; devices do not");

    public static IResult NoSuchGrant(string id) => Wire.Refuse(StatusCodes.Status404NotFound, "no-such-grant", $"there is no grant '{id}'");
}
