using System.CommandLine;
using Tutelage.Cli.Programme;
using Tutelage.Identity;
using Tutelage.Rules.Capture;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage enrol</c>: shows in plain words what would be recorded, asks, and only then signs.</summary>
internal static class EnrolVerb
{
    public static Command Create(TimeProvider time)
    {
        var server = Options.Server();
        var name = new Option<string>("--as") { Description = "What this machine calls the person.", DefaultValueFactory = _ => "me", HelpName = "NAME" };
        var invitation = Options.Invitation();
        var yes = new Option<bool>("--yes") { Description = "Agrees without asking: for scripts with synthetic participants." };
        var verb = new Command("enrol", "Shows what would be recorded in plain words, asks, and signs your agreement.\n\nExample: tutelage enrol --server http://127.0.0.1:7442 --invitation @token.txt") { server, name, invitation, yes };
        verb.SetAction((parsed, token) => RunAsync(
            Options.HomeOf(parsed), Options.ServerOf(parsed.GetValue(server)), parsed.GetRequiredValue(name), parsed.GetValue(invitation), parsed.GetValue(yes), time, token));
        return verb;
    }

    private static async Task<int> RunAsync(Home home, Uri? server, string name, string? invitation, bool yes, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = home.FolderOf(name);
        if (File.Exists(Path.Combine(folder, "enrolment.json")))
            throw new VerbFailedException($"{name} is enrolled already ({folder})", "a newer manifest is agreed to with `tutelage manifest agree`; another person is enrolled with --as NAME");
        if (KeptKey.Find(home, name) is not null) throw new VerbFailedException($"'{name}' names a key of the programme's staff", "choose another name with --as");
        var card = await home.CardAsync(server, cancellationToken);
        var manifest = card.CheckedManifest();
        var token = Invitations.Read(home, invitation, "participant");
        await RequireVaultAsync(card, time, cancellationToken);

        foreach (var sentence in ManifestWords.Of(manifest.Manifest)) Output.Line(sentence);
        Output.Line();
        Output.Line($"Vault {card.Addresses.VaultKey.Id} at {card.Vault}, auditor at {card.Auditor}, server at {card.Server}.");
        Output.Line($"The manifest ({manifest.Manifest.Digest[..16]}…) is signed by {manifest.Signer.Id}. Compare both ids with what your programme told you.");
        if (card.Rehearsal) Output.Line("This is a rehearsal: one owner runs vault and auditor, and could open what you send. Record invented work or your own only.");
        if (!Output.Confirm("Do you agree to be recorded like this?", yes))
        {
            Output.Line("Nothing was signed, nobody was told.");
            return CliExit.Failed;
        }

        Home.CreatePrivate(home.Root);
        Home.CreatePrivate(home.People);
        var tag = await Enrolling.AgreeAsync(folder, name == "me" ? null : name, token, manifest, card.Addresses, time, cancellationToken);
        Output.Line($"You are enrolled. Your pseudonym is {tag}; your keys and what waits to be sent lie in {folder}.");
        Output.Line("Next: tutelage record, and at any time: tutelage pause, forget 10m, review, discard.");
        return CliExit.Done;
    }

    /// <summary>The vault that answers must be the one whose key the card names.</summary>
    private static async Task RequireVaultAsync(ProgrammeCard card, TimeProvider time, CancellationToken cancellationToken)
    {
        using var nobody = SigningKey.Generate();
        using var client = new ProgrammeClient(nobody, card.Vault, card.Server, time);
        var status = await client.StatusAsync(card.Vault, cancellationToken);
        var answered = status.TryGetProperty("vault", out var id) ? id.GetString() : null;
        if (answered != card.Addresses.VaultKey.Id)
            throw new VerbFailedException($"the vault at {card.Vault} calls itself {answered}, the server names {card.Addresses.VaultKey.Id}", "do not enrol; ask the operator", CliExit.PromiseBroken);
    }
}
