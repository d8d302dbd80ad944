using Tutelage.Hosting;

namespace Tutelage.Vault.People;

/// <summary><c>GET /v1/recipients/{tag}</c>: what a person's recorder seals to. For that person and their device only; nobody can ask who exists.</summary>
internal static class Recipients
{
    public static void MapRecipients(this WebApplication app)
    {
        var registry = app.Services.GetRequiredService<Registry>();
        app.MapSigned("GET", "/v1/recipients/{tag}", 0, call =>
        {
            var person = registry.Find(call.Key.Id) ?? registry.FindByDevice(call.Key.Id);
            var tag = call.Route("tag");
            return person?.Tag == tag
                ? Wire.Ok(new { tag, recipients = registry.RecipientsOf(tag) })
                : Wire.Refuse(StatusCodes.Status403Forbidden, "not-yours", "these recipients are not of the person who asks");
        });
    }
}
