using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Rules.Capture;

namespace Tutelage.Cli.Programme;

/// <summary>A manifest that a steward has put into force.</summary>
/// <param name="Signature">Statement of kind <c>manifest</c>.</param>
internal sealed record SignedManifest(CaptureManifest Manifest, string Signature, PublicKey Signer)
{
    public static SignedManifest Sign(CaptureManifest manifest, SigningKey steward) =>
        new(manifest, SignedStatement.Sign(steward, ManifestStatement.Kind, new ManifestStatement(manifest.Digest)).ToJson(), steward.Public);
}

/// <summary>Where a programme's hosts are.</summary>
internal sealed record ProgrammeAddresses(Uri Vault, Uri Auditor, Uri Server, PublicKey VaultKey);

/// <summary>Enrols a person: keys, signed receipt, certificate, and the folder that their recorder reads.</summary>
internal static class Enrolling
{
    /// <summary>Signs the receipt for <paramref name="manifest"/> and writes <paramref name="folder"/>. The caller has shown the manifest and was told yes.</summary>
    /// <returns>The person's tag.</returns>
    public static async Task<string> AgreeAsync(
        string folder, string? name, string invitation, SignedManifest manifest, ProgrammeAddresses programme, TimeProvider time, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var person = KeyIn(folder, "person.key");
        using var device = KeyIn(folder, "device.key");
        using var client = new ProgrammeClient(person, programme.Vault, programme.Server, time);
        var receipt = SignedStatement.Sign(person, "enrolment", new Receipt(manifest.Manifest.Digest, device.Public.Text, Today(time), "consent"));
        var answer = await client.EnrolAsync(invitation, "participant", name, receipt, cancellationToken);
        using var http = new HttpClient();
        using var outer = JsonDocument.Parse(await http.GetStringAsync(new Uri(programme.Auditor, "v1/outer-recipient"), cancellationToken));
        var tag = answer.GetProperty("tag").GetString()!;
        // If we crash here the vault knows the person and the folder has no enrolment: enrolling again with the same keys gets the same answer.
        Enrolment.Save(folder, new(
            1, tag, programme.Vault, programme.Server, programme.Auditor, manifest.Signature, manifest.Signer.Text, programme.VaultKey.Text,
            answer.GetProperty("device_certificate").GetRawText(),
            answer.GetProperty("recipients").EnumerateObject().ToDictionary(kept => kept.Name, kept => kept.Value.GetString()!, StringComparer.Ordinal),
            outer.RootElement.GetProperty("recipient").GetString()!), manifest.Manifest);
        return tag;
    }

    /// <summary>Signs a receipt for another manifest and writes it into <paramref name="folder"/>. The caller has shown what it changes and was told yes.</summary>
    public static async Task AgreeAgainAsync(string folder, SignedManifest manifest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var enrolled = Enrolment.Load(folder);
        using var person = SigningKey.Load(Path.Combine(folder, "person.key"));
        using var client = new ProgrammeClient(person, enrolled.File.Vault, enrolled.File.Server, time);
        var receipt = SignedStatement.Sign(person, "agreement", new Receipt(manifest.Manifest.Digest, enrolled.Device.Public.Text, Today(time), "consent"));
        var certificate = await client.AgreeAsync(receipt, cancellationToken);
        // If we crash here the vault knows of the agreement and this folder does not: agreeing again gets the same certificate.
        var earlier = new Dictionary<string, string>(enrolled.File.Earlier ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [enrolled.Manifest.Digest] = enrolled.File.Certificate };
        Enrolment.Save(folder, enrolled.File with { ManifestSignature = manifest.Signature, ManifestSigner = manifest.Signer.Text, Certificate = certificate, Earlier = earlier }, manifest.Manifest);
    }

    private static string Today(TimeProvider time) => time.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static SigningKey KeyIn(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path)) return SigningKey.Load(path);
        var key = SigningKey.Generate();
        key.Save(path);
        return key;
    }

    /// <param name="Basis">Legal basis, in a word.</param>
    private sealed record Receipt(string ManifestSha256, string DeviceKey, string Day, string Basis);
}
