using System.CommandLine;
using Tutelage.Cli.Programme;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Rules;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage key new|list|revoke</c>: keys of the people who run the programme.</summary>
internal static class KeyVerbs
{
    public static Command Create(TimeProvider time) => new("key", "Keys of stewards, researchers, auditors, operators and representatives.\n\nExample: tutelage key new anna --role steward") { New(time), List(), Revoke(time) };

    private static Command New(TimeProvider time)
    {
        var name = new Argument<string>("NAME") { Description = "What this machine calls the key: a-z, 0-9, '-'." };
        var role = new Option<string>("--role") { Description = "What its owner may ask for.", Required = true };
        role.AcceptOnlyFromAmong("steward", "researcher", "auditor", "operator", "representative");
        var invitation = Options.Invitation();
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("new", "Makes a key and redeems an invitation with it.\n\nExample: tutelage key new anna --role steward --invitation @token.txt") { name, role, invitation, server, json };
        verb.SetAction((parsed, token) => NewAsync(
            Options.HomeOf(parsed), parsed.GetRequiredValue(name), Options.Word<Role>("--role", parsed.GetRequiredValue(role)), parsed.GetValue(invitation),
            Options.ServerOf(parsed.GetValue(server)), parsed.GetValue(json), time, token));
        return verb;
    }

    private static async Task<int> NewAsync(Home home, string name, Role role, string? invitation, Uri? server, bool json, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = KeptKey.SigningPath(home, name);
        if (KeptKey.Find(home, name) is { } taken) throw new VerbFailedException($"there is a key '{name}' already ({Spelling.Of(taken.Role)} {taken.KeyId})", "choose another name");
        var card = await home.CardAsync(server, cancellationToken);
        var token = Invitations.Read(home, invitation, Spelling.Of(role));
        Home.CreatePrivate(home.Root);
        Home.CreatePrivate(home.Keys);
        using var key = File.Exists(path) ? SigningKey.Load(path) : Save(SigningKey.Generate(), path);
        using var client = new ProgrammeClient(key, card.Vault, card.Server, time);
        string person;
        try
        {
            // If we crash or the answer is lost here, the key stays and the same command asks again: the vault gives the same answer.
            person = (await client.EnrolAsync(token, Spelling.Of(role), name, null, cancellationToken)).GetProperty("person").GetString()!;
        }
        catch (RefusedException)
        {
            KeptKey.Destroy(path);
            throw;
        }
        using var holder = role == Role.Researcher ? HolderKey.Create(KeptKey.AgePath(home, name)) : null;
        var kept = new KeptKey(name, role, key.Public.Id, person, card.Server, holder?.Recipient.Text, null);
        kept.Save(home);
        if (json) Output.Json(new { kept.Name, Role = Spelling.Of(role), kept.KeyId, kept.Person, kept.Recipient, Path = path });
        else
        {
            Output.Line($"{name} is a {Spelling.Of(role)} of this programme, key {kept.KeyId}.");
            Output.Line($"The private key lies in {path} (mode 0600); keep a copy of it in a safe place.");
            if (holder is not null) Output.Line($"Exports for {name} are sealed to {kept.Recipient}; {KeptKey.AgePath(home, name)} opens them.");
        }
        return CliExit.Done;
    }

    private static Command List()
    {
        var json = Options.Json();
        var verb = new Command("list", "Lists the keys and the enrolled people of this machine.\n\nExample: tutelage key list --json") { json };
        verb.SetAction(parsed =>
        {
            var home = Options.HomeOf(parsed);
            var keys = KeptKey.All(home).Select(key => new ListedKey(key.Name, Spelling.Of(key.Role), key.KeyId, null, key.Recipient, key.Revoked))
                .Concat(home.Enrolled().Select(name => Participant(home, name))).ToList();
            if (parsed.GetValue(json)) Output.Json(keys);
            else if (keys.Count == 0) Output.Line($"There are no keys in {home.Root} yet; `tutelage key new` and `tutelage enrol` make them.");
            else Output.Table(["name", "role", "key", "tag or recipient", "state"], keys.Select(key => (string?[])[key.Name, key.Role, key.KeyId, key.Tag ?? key.Recipient, key.Revoked is null ? "here" : $"destroyed here on {key.Revoked}"]));
            return CliExit.Done;
        });
        return verb;
    }

    private static ListedKey Participant(Home home, string name)
    {
        using var enrolment = Enrolment.Load(home.FolderOf(name));
        using var key = SigningKey.Load(Path.Combine(home.FolderOf(name), "person.key"));
        return new(name, "participant", key.Public.Id, enrolment.File.Tag, null, null);
    }

    private static Command Revoke(TimeProvider time)
    {
        var name = new Argument<string>("NAME") { Description = "The key to destroy." };
        var yes = Options.Yes();
        var verb = new Command("revoke", "Destroys a private key on this machine.\n\nExample: tutelage key revoke anna") { name, yes };
        verb.SetAction(parsed =>
        {
            var home = Options.HomeOf(parsed);
            var kept = KeptKey.Find(home, parsed.GetRequiredValue(name)) ?? throw new VerbFailedException($"there is no key '{parsed.GetValue(name)}' in {home.Keys}", "`tutelage key list` shows those there are");
            if (kept.Revoked is not null) throw new VerbFailedException($"the private key of {kept.Name} was destroyed on {kept.Revoked} already");
            if (!Output.Confirm($"Destroy the private key of {kept.Name} ({Spelling.Of(kept.Role)})? What is sealed to it alone cannot be opened afterwards.", parsed.GetValue(yes))) return CliExit.Failed;
            KeptKey.Destroy(KeptKey.SigningPath(home, kept.Name));
            KeptKey.Destroy(KeptKey.AgePath(home, kept.Name));
            (kept with { Revoked = time.GetLocalNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) }).Save(home);
            Output.Line($"The private key of {kept.Name} is destroyed on this machine. Copies elsewhere are not.");
            Output.Line($"The vault goes on knowing {kept.KeyId} as a {Spelling.Of(kept.Role)}: taking a key off its list is not built yet. Whoever has a copy can still sign with it.");
            return CliExit.Done;
        });
        return verb;
    }

    private static SigningKey Save(SigningKey key, string path)
    {
        key.Save(path);
        return key;
    }

    /// <param name="Tag">Participants only.</param>
    /// <param name="Recipient">Researchers only.</param>
    private sealed record ListedKey(string Name, string Role, string KeyId, string? Tag, string? Recipient, string? Revoked);
}
