using System.CommandLine;
using Tutelage.Cli.Programme;
using Tutelage.Rules;
using Tutelage.Rules.Capture;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage manifest check|show|diff|publish|agree</c>: the capture rules that participants agree to.</summary>
internal static class ManifestVerbs
{
    private const int MaxBytes = 4 * ManifestText.LongestText;

    public static Command Create(TimeProvider time) => new("manifest", "The capture rules that participants agree to.\n\nExample: tutelage manifest check pilot.yaml") { Check(), Show(), Diff(), Publish(), Agree(time) };

    private static Argument<string> FileArgument() => new("FILE") { Description = "A manifest in YAML (docs/formats/manifest.md)." };

    private static Command Check()
    {
        var file = FileArgument();
        var json = Options.Json();
        var verb = new Command("check", "Names every fault of a manifest with its line.\n\nExample: tutelage manifest check pilot.yaml") { file, json };
        verb.SetAction(parsed =>
        {
            var (path, reading) = Read(parsed.GetRequiredValue(file));
            if (parsed.GetValue(json)) Output.Json(new { Valid = reading.Manifest is not null, Sha256 = reading.Manifest?.Digest, Faults = reading.Faults.Select(fault => new { fault.Line, fault.What }) });
            else if (reading.Manifest is { } manifest) Output.Line($"{path} is a manifest: \"{manifest.Programme}\" version {manifest.Version}, {manifest.Rules.Count} rules, SHA-256 {manifest.Digest}");
            else foreach (var fault in reading.Faults) Output.Line($"{path}: {fault}");
            return reading.Manifest is null ? CliExit.Failed : CliExit.Done;
        });
        return verb;
    }

    private static Command Show()
    {
        var file = FileArgument();
        var json = Options.Json();
        var verb = new Command("show", "Says in plain words what a manifest allows.\n\nExample: tutelage manifest show pilot.yaml") { file, json };
        verb.SetAction(parsed =>
        {
            var manifest = Valid(parsed.GetRequiredValue(file));
            if (parsed.GetValue(json)) Output.Json(new { Sha256 = manifest.Digest, Words = ManifestWords.Of(manifest) });
            else foreach (var sentence in ManifestWords.Of(manifest)) Output.Line(sentence);
            return CliExit.Done;
        });
        return verb;
    }

    private static Command Diff()
    {
        var before = new Argument<string>("OLD") { Description = "The manifest before, in YAML." };
        var after = new Argument<string>("NEW") { Description = "The manifest after, in YAML." };
        var json = Options.Json();
        var verb = new Command("diff", "Says in plain words what a new manifest changes, and whether people have to agree again.\n\nExample: tutelage manifest diff pilot.yaml pilot-2.yaml") { before, after, json };
        verb.SetAction(parsed =>
        {
            var changes = ManifestDiff.Between(Valid(parsed.GetRequiredValue(before)), Valid(parsed.GetRequiredValue(after)));
            if (parsed.GetValue(json)) Output.Json(new { Widens = changes.Any(change => change.Widens), Changes = changes.Select(change => new { change.What, change.Widens }) });
            else Show(changes);
            return CliExit.Done;
        });
        return verb;
    }

    private static Command Agree(TimeProvider time)
    {
        var server = Options.Server();
        var name = new Option<string>("--as") { Description = "What this machine calls the person.", DefaultValueFactory = _ => "me", HelpName = "NAME" };
        var yes = new Option<bool>("--yes") { Description = "Agrees without asking: for scripts with synthetic participants." };
        var verb = new Command("agree", "Shows what the programme's newest manifest changes for you, asks, and signs. Until you agree you are recorded under the one that you agreed to.\n\nExample: tutelage manifest agree") { server, name, yes };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            var folder = home.FolderOf(parsed.GetRequiredValue(name));
            var offered = (await home.CardAsync(Options.ServerOf(parsed.GetValue(server)), token)).CheckedManifest();
            CaptureManifest agreed;
            using (var enrolment = Recorder.Consent.Enrolment.Load(folder)) agreed = enrolment.Manifest;
            if (offered.Manifest.Digest == agreed.Digest)
            {
                Output.Line($"You have agreed to the newest one: version {agreed.Version}.");
                return CliExit.Done;
            }
            if (offered.Manifest.Version < agreed.Version) throw new VerbFailedException($"the programme offers version {offered.Manifest.Version}, you agreed to version {agreed.Version}", "nothing was signed; ask a steward why the programme went back");
            Output.Line($"Version {offered.Manifest.Version} instead of version {agreed.Version}, signed by {offered.Signer.Id}:");
            var changes = ManifestDiff.Between(agreed, offered.Manifest);
            Show(changes);
            if (!Output.Confirm(changes.Any(change => change.Widens) ? "More may be recorded than before. Do you agree?" : "Do you agree?", parsed.GetValue(yes)))
            {
                Output.Line($"Nothing was signed, nobody was told. You are recorded under version {agreed.Version} as before.");
                return CliExit.Failed;
            }
            await Enrolling.AgreeAgainAsync(folder, offered, time, token);
            Output.Line($"You have agreed to version {offered.Manifest.Version}. A recorder that runs goes on under version {agreed.Version} until it is started again; what waits is sent under the version it was recorded under.");
            return CliExit.Done;
        });
        return verb;
    }

    private static void Show(IReadOnlyList<ManifestChange> changes)
    {
        if (changes.Count == 0) Output.Line("  Nothing changes but the version.");
        foreach (var change in changes.OrderByDescending(change => change.Widens)) Output.Line($"  {(change.Widens ? "more: " : "less: ")}{change.What}");
    }

    private static Command Publish()
    {
        var file = FileArgument();
        var steward = Options.As("a steward of this programme");
        var yes = Options.Yes();
        var verb = new Command("publish", "Signs a manifest and offers it to those who enrol, on the machine of the programme.\n\nExample: tutelage manifest publish pilot.yaml --as anna") { file, steward, yes };
        verb.SetAction(parsed =>
        {
            var home = Options.HomeOf(parsed);
            var manifest = Valid(parsed.GetRequiredValue(file));
            var name = parsed.GetRequiredValue(steward);
            if (KeptKey.Find(home, name) is { Role: not Role.Steward } other) throw new VerbFailedException($"{name} is a {Spelling.Of(other.Role)}; manifests are signed by stewards");
            var folder = new ProgrammeFolder(home.Programme);
            var card = folder.Read() ?? throw new VerbFailedException($"there is no programme in {folder.Root}", "publish on the machine where `tutelage up` runs");
            using var key = KeptKey.Sign(home, name);
            foreach (var sentence in ManifestWords.Of(manifest)) Output.Line("  " + sentence);
            if (!Output.Confirm($"Sign this as {name} and offer it to everybody who enrols?", parsed.GetValue(yes))) return CliExit.Failed;
            var signed = SignedManifest.Sign(manifest, key);
            folder.Write(card with { Manifest = System.Text.Encoding.UTF8.GetString(ManifestBytes.Encode(manifest)), ManifestSignature = signed.Signature, ManifestSigner = signed.Signer.Text });
            Output.Line($"Published: \"{manifest.Programme}\" version {manifest.Version}, SHA-256 {manifest.Digest}, signed by {name} ({key.Public.Id}).");
            Output.Line($"Next: tutelage enrol --server {card.Server.ToString().TrimEnd('/')}");
            return CliExit.Done;
        });
        return verb;
    }

    private static CaptureManifest Valid(string path) =>
        Read(path).Reading is { Manifest: { } manifest } ? manifest : throw new VerbFailedException($"{path} is not a valid manifest", $"`tutelage manifest check {path}` names every fault");

    private static (string Path, ManifestReading Reading) Read(string path)
    {
        if (!File.Exists(path)) throw new VerbFailedException($"there is no file {path}");
        return new FileInfo(path).Length <= MaxBytes ? (path, ManifestText.Read(File.ReadAllText(path))) : throw new VerbFailedException($"{path} is not a manifest: it has over {MaxBytes} bytes");
    }
}
